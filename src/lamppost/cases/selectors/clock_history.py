"""What the history of a clock says: when it is due, when it stood still, when to look again.

``sla.clocks`` replays it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from lamppost.cases.choices import ClockEventKind, ClockState
from lamppost.cases.models import Clock, ClockEvent
from lamppost.sla.clocks import ClockEvent as Happening
from lamppost.sla.clocks import ClockEventKind as HappeningKind
from lamppost.sla.clocks import ClockState as Replayed
from lamppost.sla.clocks import replay
from lamppost.sla.engine import Due
from lamppost.sla.escalation import Step, moments_of
from lamppost.sla.pauses import Pause
from lamppost.sla.promises import promises


def due_of(clock: Clock) -> Due | None:
    """Return the due time of ``clock`` with its explanation, or None for an imported promise."""
    replayed = _replayed(clock)
    return replayed.due if replayed else None


def pauses_of(clock: Clock) -> tuple[Pause, ...]:
    """Return the spans in which ``clock`` stood still, the time it was closed included."""
    replayed = _replayed(clock)
    return replayed.pauses if replayed else ()


def steps_to_tell(clock: Clock, told: Collection[str]) -> list[tuple[datetime, Step]]:
    """Return the steps of escalation of ``clock`` not told yet, each with its instant.

    Empty for an imported promise whose agreement we never knew.
    """
    book = promises()
    promise = book.by_target.get(clock.target_id) if clock.target_id else None
    steps = book.steps_for(promise) if promise else ()
    if promise is None or clock.due_at is None or not steps:
        return []
    return moments_of(book.calendars[promise.calendar_id], clock.due_at, steps, told)


def next_check(clock: Clock, told: Collection[str] = ()) -> datetime | None:
    """Return when ``clock`` has to be looked at next: to be told of, or because it is due."""
    if clock.state != ClockState.RUNNING:
        return None
    moments = [at for at, _step in steps_to_tell(clock, told)[:1]]
    if clock.breached_at is None and clock.due_at is not None:
        moments.append(clock.due_at)
    return min(moments, default=None)


def told_steps(clock: Clock) -> set[str]:
    """Return the codes of the steps of escalation told about ``clock``."""
    told = ClockEvent.objects.filter(clock=clock, kind=ClockEventKind.ESCALATE)
    return set(told.values_list("note", flat=True))


def events_of(clock: Clock) -> Iterable[ClockEvent]:
    """Return what happened to ``clock``, oldest first."""
    return ClockEvent.objects.filter(clock=clock).order_by("at", "id")


def _replayed(clock: Clock) -> Replayed | None:
    promise = promises().by_target.get(clock.target_id) if clock.target_id else None
    if promise is None:
        return None
    happened = [Happening(HappeningKind(event.kind), event.at) for event in events_of(clock)]
    return replay(promises().calendars[promise.calendar_id], promise.target, happened)
