"""What is written to one clock; the caller holds its lock."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from lamppost.cases.choices import ClockEventKind
from lamppost.cases.models import Case, Clock, ClockEvent
from lamppost.cases.selectors.clock_history import due_of, next_check, told_steps
from lamppost.catalog.choices import State
from lamppost.people.actors import SYSTEM, Actor
from lamppost.sla.choices import TargetKind


def note_event(
    clock: Clock,
    kind: ClockEventKind | str,
    at: datetime,
    *,
    due_at: datetime | None = None,
    reason_id: int | None = None,
    actor: Actor = SYSTEM,
    note: str = "",
) -> None:
    ClockEvent.objects.create(
        clock=clock,
        kind=kind,
        at=at,
        due_at=due_at,
        reason_id=reason_id,
        user_id=actor.user_id,
        note=note,
    )


def note_escalation(clock: Clock, code: str, *, at: datetime) -> None:
    """Write down that a step of escalation was told; the caller holds the clock's lock."""
    note_event(clock, ClockEventKind.ESCALATE, at, note=code)


def breach_if_late(clock: Clock, at: datetime) -> None:
    if clock.breached_at is None and clock.due_at is not None and at > clock.due_at:
        clock.breached_at = clock.due_at
        note_event(clock, ClockEventKind.BREACH, clock.due_at)


def retime(clock: Clock, case: Case, note: str = "") -> bool:
    due = due_of(clock)
    if due is None:
        clock.next_check_at = next_check(clock)
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        return False
    if due.at != clock.due_at:
        note_event(clock, ClockEventKind.RETARGET, timezone.now(), due_at=due.at, note=note)
        if due.at is not None:
            clock.due_at = due.at
    clock.next_check_at = next_check(clock, told_steps(clock))
    clock.save(update_fields=["state", "stopped_at", "due_at", "next_check_at"])
    if clock.kind == TargetKind.RESOLVE and case.state != State.CLOSED:
        case.due_at = clock.due_at
    return True
