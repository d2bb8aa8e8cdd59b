"""What the worker does with the clocks of all cases: breaches, and calendars that were edited."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from lamppost.cases.choices import ClockState, EventAudience, EventKind
from lamppost.cases.models import Case, Clock
from lamppost.cases.selectors.clock_history import next_check, told_steps
from lamppost.cases.services.clock_writing import breach_if_late, retime
from lamppost.cases.services.clocks import LIVE
from lamppost.cases.services.events import record
from lamppost.people.actors import SYSTEM
from lamppost.sla.promises import promises


def mark_breaches(*, now: datetime, limit: int = 500) -> int:
    """Write down, for the city in scope, clocks whose due time has passed; return how many.

    The time of the breach is the due time itself, however late this pass runs. Safe to run
    in several processes at once and again after a crash.
    """
    marked = 0
    with transaction.atomic():
        late = (
            # With their cases, of which an event is written: see ``escalation.escalate``.
            Clock.objects.select_for_update(skip_locked=True, of=("self", "case"))
            .filter(next_check_at__lt=now, due_at__lt=now, state=ClockState.RUNNING)
            .filter(breached_at__isnull=True)
            .select_related("case")
            .order_by("next_check_at")[:limit]
        )
        for clock in late:
            breach_if_late(clock, now)
            clock.next_check_at = next_check(clock, told_steps(clock))
            clock.save(update_fields=["breached_at", "next_check_at"])
            record(
                clock.case,
                EventKind.CLOCK,
                actor=SYSTEM,
                audience=EventAudience.PUBLIC,
                at=clock.due_at,
                data={"clock": clock.pk, "kind": clock.kind, "change": "breach"},
            )
            marked += 1
    return marked


def recompute_open_clocks(calendar_ids: Collection[int]) -> int:
    """Work out open due dates again after these calendars were edited; return how many moved.

    Ended clocks keep the verdict they were given.
    """
    affected = [
        target_id
        for target_id, promise in promises().by_target.items()
        if promise.calendar_id in calendar_ids
    ]
    moved = 0
    running = Clock.objects.filter(target_id__in=affected, state__in=LIVE).values_list(
        "pk", flat=True
    )
    for pk in running.iterator(chunk_size=2000):
        with transaction.atomic():
            clock = Clock.objects.select_for_update().select_related("case").get(pk=pk)
            before = clock.due_at
            if clock.state in LIVE and retime(clock, clock.case, note="calendar changed"):
                moved += before != clock.due_at
                Case.objects.filter(pk=clock.case_id).update(due_at=clock.case.due_at)
    return moved
