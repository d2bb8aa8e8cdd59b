"""The arithmetic of measures over plain counts. Pure: no query, no clock of the wall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from lamppost.insight.choices import GroupKind, Section

_PLACES = Decimal("0.0001")
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. ``value`` is in the measure's unit: a share from 0 to 1, days, a
    count; None where there was nothing to divide by. ``n`` is what it was worked out from.
    """

    measure: str
    value: Decimal | None
    n: int | None = None
    section: Section = Section.EVIDENCE
    group_kind: GroupKind = GroupKind.WHOLE
    group_code: str = ""
    group_name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """The requests of a period, counted as in ``DailyRequests``; they add up."""

    received: int = 0
    closed: int = 0
    closed_once: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    not_due: int = 0
    waived: int = 0
    paused: int = 0
    reopened: int = 0
    disputed: int = 0
    transfers: int = 0
    ping_pong: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )

    @property
    def judged(self) -> int:
        """What the on-time share is a share of."""
        return self.on_time + self.late + self.overdue

    @property
    def promised(self) -> int:
        """Requests that had a promise, kept or not, running or excused."""
        return self.judged + self.not_due + self.waived

    @property
    def on_time_share(self) -> Decimal | None:
        """On time % = closed on time ÷ (closed on time + closed late + open and overdue).

        The one definition (docs/decisions; Austin's metric thread, atd-data-tech#21672).
        """
        return share(self.on_time, self.judged)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long requests took: the number of them, median and 90th percentile in seconds."""

    n: int = 0
    median: int | None = None
    p90: int | None = None


def share(part: int, whole: int) -> Decimal | None:
    """Return ``part`` ÷ ``whole`` to four places, half up; None for a whole of nothing."""
    if not whole:
        return None
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_UP)


def days(seconds: int | None) -> Decimal | None:
    """Return seconds as days of 24 hours, to four places, half up."""
    return _of(seconds, _DAY_SECONDS)


def hours(seconds: int | None) -> Decimal | None:
    """Return seconds as hours, to four places, half up."""
    return _of(seconds, 3600)


def percentile_disc(values: Iterable[int], part: float) -> int | None:
    """Return the smallest value such that at least ``part`` of all are no larger, or None.

    As PostgreSQL's ``percentile_disc``: always one of the values, never between two.
    """
    ordered: Sequence[int] = sorted(values)
    if not ordered:
        return None
    return ordered[max(ceil(part * len(ordered)) - 1, 0)]


def whole(counts: Counts, waits: Waits) -> list[Figure]:
    """Return the figures of one agreement, department or city for one period, in order."""
    return [
        _count("received", counts.received),
        Figure("on_time", counts.on_time_share, counts.judged),
        _count("closed_on_time", counts.on_time),
        _count("closed_late", counts.late),
        _count("open_overdue", counts.overdue),
        Figure("median", days(waits.median), waits.n),
        Figure("p90", days(waits.p90), waits.n),
        Figure("reopened", share(counts.reopened, counts.closed_once), counts.closed_once),
        Figure("disputed", share(counts.disputed, counts.closed_once), counts.closed_once),
        Figure("waived", share(counts.waived, counts.promised), counts.promised),
        Figure("paused", share(counts.paused, counts.promised), counts.promised),
        _count("transfers", counts.transfers),
        _count("ping_pong", counts.ping_pong),
    ]


def _count(code: str, number: int) -> Figure:
    return Figure(code, Decimal(number))


def _of(seconds: int | None, unit: int) -> Decimal | None:
    if seconds is None:
        return None
    return (Decimal(seconds) / unit).quantize(_PLACES, ROUND_HALF_UP)
