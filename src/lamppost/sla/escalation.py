"""When the steps of escalation of a promise fall due: pure, in the calendar's working time.

A step stands so many business hours or business days before or after the due time. People are
told while they work: a moment outside the office hours moves to the next opening. Exactly at
closing time still counts as working time, as it does for the due time itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lamppost.sla.calendar import HORIZON, ONE_DAY, Calendar, NeverOpen, as_utc
from lamppost.sla.choices import Audience, StepMoment, TargetKind
from lamppost.sla.engine import INSTANT_BEFORE, compute, shift_business_days
from lamppost.sla.target import Target, Unit


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One rung of the ladder; ``kind`` None holds for every kind of target.

    ``unit`` is business hours or business days. ``since`` is when the rung was made.
    """

    code: str
    kind: TargetKind | None
    moment: StepMoment
    amount: int
    unit: Unit
    audiences: tuple[Audience, ...]
    wording: Mapping[str, str]
    since: datetime


def moment_of(calendar: Calendar, due_at: datetime, step: Step) -> datetime | None:
    """Return the UTC instant at which ``step`` of a promise due at ``due_at`` is to be told.

    Business hours run second by second while the office is open, backwards for steps before
    the due time. A business day keeps the time of day on the wall, whatever the clocks do in
    between. None when the calendar does not open often enough within ten years. Raises
    ``ValueError`` for a naive ``due_at``.
    """
    due_at = as_utc(due_at)
    try:
        if step.unit is Unit.BUSINESS_HOURS:
            at = _by_hours(calendar, due_at, step)
        else:
            at = _by_days(calendar, due_at, step)
        return at if is_working_time(calendar, at) else calendar.next_opening(at)
    except NeverOpen:
        return None


def moments_of(
    calendar: Calendar, due_at: datetime, steps: Iterable[Step], told: Collection[str]
) -> list[tuple[datetime, Step]]:
    """Return the steps still to be told with their instants, the earliest first.

    ``told`` are codes of those told already. A step whose moment lay before the step itself
    was made is left out: a new ladder does not cry over every old case.
    """
    found = []
    for step in steps:
        at = None if step.code in told else moment_of(calendar, due_at, step)
        if at is not None and at >= step.since:
            found.append((at, step))
    return sorted(found, key=lambda one: (one[0], one[1].code))


def is_working_time(calendar: Calendar, at: datetime) -> bool:
    """Return whether the office is open at ``at``, or just closes."""
    plan = calendar.plan(calendar.local_day(at - INSTANT_BEFORE))
    return calendar.is_open(at) or any(window.end == at for window in plan.windows)


def _by_hours(calendar: Calendar, due_at: datetime, step: Step) -> datetime:
    if not step.amount:
        return due_at
    if step.moment is StepMoment.AFTER:
        return compute(calendar, due_at, Target.business_hours(step.amount)).at or due_at
    left = timedelta(hours=step.amount)
    day, first = calendar.local_day(due_at), calendar.local_day(due_at) - HORIZON
    while day > first:
        for window in reversed(calendar.plan(day).windows):
            end = min(window.end, due_at)
            if end <= window.start:
                continue
            if left <= end - window.start:
                return end - left
            left -= end - window.start
        day -= ONE_DAY
    raise NeverOpen("not open often enough in the ten years before")


def _by_days(calendar: Calendar, due_at: datetime, step: Step) -> datetime:
    # Closing at 24:00 belongs to the day that closes.
    day = calendar.local_day(due_at - INSTANT_BEFORE)
    wall = due_at.astimezone(calendar.zone).replace(tzinfo=None)
    count = step.amount if step.moment is StepMoment.AFTER else -step.amount
    return calendar.instant(
        shift_business_days(calendar, day, count), wall - datetime.combine(day, time.min)
    )
