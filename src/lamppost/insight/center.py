"""The arithmetic of the contact center over plain counts. Pure: no query, no clock of the wall.

Everything here adds up: the figures of a day, a channel or a year are worked out from the sum of
its counts, never from other figures.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

from lamppost.insight.figures import Figure, share

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CenterCounts:
    """Contacts, counted as in ``CenterHalfHour``; all times are whole seconds.

    Of the answered ones ``measured`` have a waiting time, together ``wait_seconds``;
    ``in_time`` of them waited no longer than the center's goal.
    """

    answered: int = 0
    by_hand: int = 0
    abandoned: int = 0
    short: int = 0
    deflected: int = 0
    asked_call_back: int = 0
    left_menu: int = 0
    measured: int = 0
    wait_seconds: int = 0
    in_time: int = 0
    abandon_seconds: int = 0
    handled: int = 0
    talk_seconds: int = 0
    hold_seconds: int = 0
    wrap_seconds: int = 0
    coded: int = 0
    transferred: int = 0
    emergencies: int = 0
    interpreted: int = 0
    known: int = 0
    resolved: int = 0
    outgoing: int = 0

    def __add__(self, other: CenterCounts) -> CenterCounts:
        return CenterCounts(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )

    @property
    def offered(self) -> int:
        """Answered and abandoned together."""
        return self.answered + self.abandoned

    @property
    def handle_seconds(self) -> int:
        """Talk, hold and after-call work together."""
        return self.talk_seconds + self.hold_seconds + self.wrap_seconds

    @property
    def service_level(self) -> Decimal | None:
        """The share of calls answered in time, of those answered and abandoned."""
        return share(self.in_time, self.measured + self.abandoned)


@dataclass(frozen=True, slots=True)
class AgentSeconds:
    """Seconds agents spent, as in ``AgentHalfHour``."""

    ready: int = 0
    talking: int = 0
    wrapping: int = 0
    on_break: int = 0
    meeting: int = 0
    planned: int = 0
    kept: int = 0

    @property
    def on_line(self) -> int:
        """Ready, talking or in after-call work."""
        return self.ready + self.talking + self.wrapping

    @property
    def occupancy(self) -> Decimal | None:
        """Talk, hold and after-call work over those and ready."""
        return share(self.talking + self.wrapping, self.on_line)

    @property
    def adherence(self) -> Decimal | None:
        """Of the planned seconds, those signed on."""
        return share(self.kept, self.planned)


def mean(total: int | Decimal, number: int) -> Decimal | None:
    """Return ``total`` ÷ ``number`` to two places, half up; None for a number of nothing."""
    if not number:
        return None
    return (Decimal(total) / number).quantize(_CENT, ROUND_HALF_UP)


def contact_figures(counts: CenterCounts) -> list[Figure]:
    """Return the figures of contacts, in the order of the glossary."""
    return [
        Figure("offered", Decimal(counts.offered)),
        Figure("answered", Decimal(counts.answered)),
        Figure("abandoned", Decimal(counts.abandoned)),
        Figure("abandon_rate", share(counts.abandoned, counts.offered), counts.offered),
        Figure("short_abandoned", Decimal(counts.short)),
        Figure("service_level", counts.service_level, counts.measured + counts.abandoned),
        Figure("speed_of_answer", mean(counts.wait_seconds, counts.measured), counts.measured),
        Figure("abandon_wait", mean(counts.abandon_seconds, counts.abandoned), counts.abandoned),
        Figure("handle_time", mean(counts.handle_seconds, counts.handled), counts.handled),
        Figure("talk_time", mean(counts.talk_seconds, counts.handled), counts.handled),
        Figure("hold_time", mean(counts.hold_seconds, counts.handled), counts.handled),
        Figure("wrap_time", mean(counts.wrap_seconds, counts.handled), counts.handled),
        Figure("coded", share(counts.coded, counts.handled), counts.handled),
        Figure("passed_on", share(counts.transferred, counts.handled), counts.handled),
        Figure("emergencies", Decimal(counts.emergencies)),
        Figure("interpreted", Decimal(counts.interpreted)),
        Figure("deflected", Decimal(counts.deflected)),
    ]


def agent_figures(seconds: AgentSeconds, *, span_seconds: int) -> list[Figure]:
    """Return the figures of agents' time over a span of so many seconds."""
    return [
        Figure("occupancy", seconds.occupancy, seconds.on_line),
        Figure("adherence", seconds.adherence, seconds.planned),
        Figure("agents_on", mean(seconds.on_line, span_seconds)),
    ]
