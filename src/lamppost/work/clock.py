"""The clock of a work item: a target, a calendar, the spans in which the item was ended. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from lamppost.sla.calendar import Calendar
from lamppost.sla.engine import Due, compute
from lamppost.sla.pauses import Pause
from lamppost.sla.target import DayEnd, Target, Unit


def due_of(
    *,
    calendar: Calendar,
    added_at: datetime,
    amount: int | None,
    unit: str,
    day_end: str,
    ended: Collection[tuple[datetime, datetime]] = (),
) -> Due | None:
    """Return when an item added at ``added_at`` (aware) is due, with the reasons, or None.

    ``amount`` is counted in ``unit`` on ``calendar``; None or 0 is no target. ``ended`` are
    spans in which the item was ended before it was opened again: they count as pauses, as a
    closed case's time does. The arithmetic is ``sla.engine.compute``.
    """
    if not amount:
        return None
    target = Target.optional(amount, Unit(unit), day_end=DayEnd(day_end))
    if target is None:
        return None
    return compute(calendar, added_at, target, [Pause(start, end) for start, end in ended])


def breach_time(due_at: datetime | None, at: datetime) -> datetime | None:
    """Return when an item due at ``due_at`` became late, seen at ``at``: the due time itself.

    None while it is not: due exactly at ``at`` is in time, late means strictly after.
    """
    return due_at if due_at is not None and at > due_at else None
