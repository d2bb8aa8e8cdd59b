"""The state of clocks, replayed from what happened: which run, which wait, what they measured.

A clock is one target on one case. `replay` reads the events of one clock; `replay_case` reads what
happened to a case and starts, pauses and meets all of its clocks by the table `EFFECTS`. Nothing is
remembered between calls: after a change of agreement, calendar or category the same history is
replayed against the new values, which keeps every pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lamppost.sla.calendar import Calendar, as_utc
from lamppost.sla.engine import Due, compute, elapsed, is_late
from lamppost.sla.pauses import Pause
from lamppost.sla.target import Target


class ClockKind(StrEnum):
    """What a clock waits for."""

    ACKNOWLEDGE = "acknowledge"
    INSPECT = "inspect"
    REPLY = "reply"
    RESOLVE = "resolve"


class ClockEventKind(StrEnum):
    """What can happen to one clock."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    MEET = "meet"
    REOPEN = "reopen"
    # Both end a clock without a verdict: excused by somebody, or its promise is gone.
    WAIVE = "waive"
    CANCEL = "cancel"
    # Kept on record by services; what they say follows from the other events, so a replay that
    # meets them changes nothing.
    RETARGET = "retarget"
    BREACH = "breach"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """Something that happened to one clock, at an instant."""

    kind: ClockEventKind
    at: datetime


class ClockStatus(StrEnum):
    """Where a clock stands."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    WAIVED = "waived"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Measure:
    """One finished round: the promised time it used and what was left (negative: overrun).

    Both are counted in the target's own unit, whole days for day units. `late` compares instants,
    so a case closed on its due day after closing time is late with a margin of zero days.
    """

    used: timedelta
    margin: timedelta
    late: bool


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock after its events; `due` is that of the round under way, or of the last one.

    `worst` is the worst finished round: a reply clock runs once per message of the resident, and a
    good last answer does not undo a bad one before it.
    """

    status: ClockStatus
    started_at: datetime | None
    met_at: datetime | None
    due: Due | None
    pauses: tuple[Pause, ...]
    worst: Measure | None

    @property
    def escalates_at(self) -> datetime | None:
        """The UTC due instant while the clock runs, perhaps in the past; else None."""
        if self.status is ClockStatus.RUNNING and self.due is not None:
            return self.due.at
        return None


def replay(calendar: Calendar, target: Target, events: Iterable[ClockEvent]) -> ClockState:
    """The state of one clock after `events`, taken in order of time, equal times as given.

    An event that does not apply changes nothing: a second start while running, an answer to nobody.
    Raises what `compute` raises.
    """
    history = _History()
    for event in sorted(events, key=lambda event: as_utc(event.at)):
        history.take(event.kind, as_utc(event.at))
    return history.state(calendar, target)


def pauses_in(events: Iterable[ClockEvent]) -> tuple[Pause, ...]:
    """The spans in which a clock with these events stood still, closed spans before a reopening
    included; the last without an end while it still does."""
    history = _History()
    for event in sorted(events, key=lambda event: as_utc(event.at)):
        history.take(event.kind, as_utc(event.at))
    return history.pauses_before(None)


@dataclass(slots=True)
class _History:
    """What the events of one clock add up to, read one by one."""

    started_at: datetime | None = None
    met_at: datetime | None = None
    paused_since: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)
    rounds: list[tuple[datetime, datetime]] = field(default_factory=list)
    ended: ClockStatus | None = None

    def take(self, kind: ClockEventKind, at: datetime) -> None:
        match kind:
            case ClockEventKind.START:
                self._start(at)
            case ClockEventKind.PAUSE:
                self.paused_since = self.paused_since or at
            case ClockEventKind.RESUME:
                self._resume(at)
            case ClockEventKind.MEET:
                self._meet(at)
            case ClockEventKind.REOPEN:
                self._reopen(at)
            case ClockEventKind.WAIVE:
                self.ended = self.ended or ClockStatus.WAIVED
            case ClockEventKind.CANCEL:
                self.ended = self.ended or ClockStatus.CANCELLED
            case ClockEventKind.RETARGET | ClockEventKind.BREACH | ClockEventKind.ESCALATE:
                pass

    def _start(self, at: datetime) -> None:
        if self.started_at is None or self.met_at is not None:
            self.started_at, self.met_at = at, None

    def _resume(self, at: datetime) -> None:
        if self.paused_since is not None:
            self.pauses.append(Pause(self.paused_since, at))
            self.paused_since = None

    def _meet(self, at: datetime) -> None:
        if self.started_at is not None and self.met_at is None:
            self.met_at = at
            self.rounds.append((self.started_at, at))

    def _reopen(self, at: datetime) -> None:
        self._resume(at)
        if self.met_at is not None:
            self.pauses.append(Pause(self.met_at, at))
            self.met_at = None
            self.rounds.pop()

    def pauses_before(self, end: datetime | None) -> tuple[Pause, ...]:
        """The pauses a round ending at `end` knows of: what comes after it cannot move its due."""
        pauses = [*self.pauses]
        if self.paused_since is not None:
            pauses.append(Pause(self.paused_since))
        if end is None:
            return tuple(pauses)
        return tuple(
            Pause(pause.start, min(pause.end or end, end)) for pause in pauses if pause.start < end
        )

    def state(self, calendar: Calendar, target: Target) -> ClockState:
        pauses = self.pauses_before(self.met_at)
        due = None
        if self.started_at is not None:
            due = compute(calendar, self.started_at, target, pauses)
        measures = [self._measure(calendar, target, *span) for span in self.rounds]
        worst = min(measures, key=lambda measure: (not measure.late, measure.margin), default=None)
        return ClockState(self._status(), self.started_at, self.met_at, due, pauses, worst)

    def _status(self) -> ClockStatus:
        if self.ended is not None:
            return self.ended
        if self.started_at is None:
            return ClockStatus.IDLE
        if self.met_at is not None:
            return ClockStatus.MET
        return ClockStatus.PAUSED if self.paused_since is not None else ClockStatus.RUNNING

    def _measure(
        self, calendar: Calendar, target: Target, started_at: datetime, met_at: datetime
    ) -> Measure:
        pauses = self.pauses_before(met_at)
        used = elapsed(calendar, started_at, met_at, target.unit, pauses, day_end=target.day_end)
        due = compute(calendar, started_at, target, pauses)
        return Measure(used, target.length - used, is_late(due, met_at))


# -- what happens to a case, and what that means for its clocks


class CaseEventKind(StrEnum):
    """What happens to a case, as far as clocks care."""

    CREATED = "created"
    RESIDENT_WROTE = "resident_wrote"
    # Staff told the resident that the case is in hand; the resident's question stays open.
    ACKNOWLEDGED = "acknowledged"
    # Staff reached the resident with an answer.
    ANSWERED = "answered"
    INSPECTED = "inspected"
    NOTED = "noted"
    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"
    # No agreement covers the case any longer.
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened to a case, at an instant."""

    kind: CaseEventKind
    at: datetime


class Author(StrEnum):
    """Who stands behind a message."""

    RESIDENT = "resident"
    STAFF = "staff"
    SYSTEM = "system"


def message_kind(author: Author, *, reaches_resident: bool) -> CaseEventKind:
    """What a message, call or note means for the clocks; the channel does not matter.

    Only a person's words that reach the resident are an answer: an internal note is not, nor is an
    automatic receipt. A resident's message is one however it came in.
    """
    if author is Author.RESIDENT:
        return CaseEventKind.RESIDENT_WROTE
    if author is Author.STAFF and reaches_resident:
        return CaseEventKind.ANSWERED
    return CaseEventKind.NOTED


def _all(kind: ClockEventKind) -> Mapping[ClockKind, ClockEventKind]:
    return dict.fromkeys(ClockKind, kind)


# Closing carries an outcome and a sentence for the resident, so it also acknowledges and answers.
# Reopening takes up the resolution where it was; what was acknowledged or answered stays so.
EFFECTS: Mapping[CaseEventKind, Mapping[ClockKind, ClockEventKind]] = {
    CaseEventKind.CREATED: {
        ClockKind.ACKNOWLEDGE: ClockEventKind.START,
        ClockKind.INSPECT: ClockEventKind.START,
        ClockKind.RESOLVE: ClockEventKind.START,
    },
    CaseEventKind.RESIDENT_WROTE: {ClockKind.REPLY: ClockEventKind.START},
    CaseEventKind.ACKNOWLEDGED: {ClockKind.ACKNOWLEDGE: ClockEventKind.MEET},
    CaseEventKind.ANSWERED: {
        ClockKind.ACKNOWLEDGE: ClockEventKind.MEET,
        ClockKind.REPLY: ClockEventKind.MEET,
    },
    CaseEventKind.INSPECTED: {ClockKind.INSPECT: ClockEventKind.MEET},
    CaseEventKind.NOTED: {},
    CaseEventKind.PAUSED: _all(ClockEventKind.PAUSE),
    CaseEventKind.RESUMED: _all(ClockEventKind.RESUME),
    CaseEventKind.CLOSED: _all(ClockEventKind.MEET),
    CaseEventKind.REOPENED: {
        **_all(ClockEventKind.RESUME),
        ClockKind.RESOLVE: ClockEventKind.REOPEN,
    },
    CaseEventKind.RELEASED: _all(ClockEventKind.CANCEL),
}


def replay_case(
    calendar: Calendar, targets: Mapping[ClockKind, Target], events: Iterable[CaseEvent]
) -> dict[ClockKind, ClockState]:
    """The clocks of a case after `events`, one for each of `targets`."""
    history = list(events)
    return {
        kind: replay(
            calendar,
            target,
            [
                ClockEvent(EFFECTS[event.kind][kind], event.at)
                for event in history
                if kind in EFFECTS[event.kind]
            ],
        )
        for kind, target in targets.items()
    }
