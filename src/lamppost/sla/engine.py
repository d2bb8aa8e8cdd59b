"""When a promise falls due, and how much of it is used up: exact, in UTC, with the reasons.

Two ways of counting, both decided in docs/decisions/0005-sla-arithmetic.md:

Hours and business hours run second by second. A second counts if the clock is not paused and, for
business hours, the office is open. Due is the first instant by which the promised time has run, so
a target that ends with the office hours is due at closing time, not at the next opening.

Days are counted one at a time, each at its *tick*: the moment the day is over for the promise. With
`DayEnd.CLOSE` that is the last closing time of the day (midnight for calendar days), and the day of
the request is not counted. With `DayEnd.SAME_TIME` it is the time of day of the request; a request
on a day without office hours counts as made at 00:00 of the next business day. **A day on which the
clock stands still at the tick is not counted.** So a pause costs as many days as it spans ticks: a
pause over lunch costs none, one until the next morning costs one, in the same way in which a
request of the evening has its first day tomorrow. More pause never makes a due date earlier.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lamppost.sla.calendar import (
    HORIZON,
    ONE_DAY,
    Calendar,
    DayKind,
    DayNote,
    DayPlan,
    NeverOpen,
    Window,
    as_utc,
)
from lamppost.sla.pauses import FOREVER, Pause, merged, running_time
from lamppost.sla.target import DayEnd, Target, Unit

ZERO = timedelta(0)
INSTANT_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due date came about; `lamppost.sla.explain.describe` puts it into words.

    `counted_from` is the UTC instant at which time began to run (None if it never did), `days` the
    local days in between that were not counted or had special hours, in order, `pauses` the ones
    that touch the span. Day units count whole local days, so theirs is the instant of the request.
    """

    target: Target
    zone: ZoneInfo
    start: datetime
    counted_from: datetime | None
    days: tuple[DayNote, ...]
    pauses: tuple[Pause, ...]
    due: datetime | None
    due_day: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """The UTC instant a promise falls due; `at` is None while a pause without end keeps it open."""

    at: datetime | None
    explanation: Explanation

    @property
    def day(self) -> date | None:
        """The local day it falls due on; closing at 24:00 belongs to the day that closes."""
        return self.explanation.due_day


def compute(
    calendar: Calendar, start: datetime, target: Target, pauses: Collection[Pause] = ()
) -> Due:
    """When `target`, counted from the instant `start`, falls due on `calendar`.

    A pause may begin before `start`, overlap others and lack an end; with a pause that has no end
    and begins before the target is reached, the due instant is unknown (`Due.at` is None) until it
    is resumed. No promise is no `Target` (see `Target.optional`), so a clock is never computed for
    zero. Raises `NeverOpen` when the calendar does not reach the target within ten years, and
    `ValueError` for a naive `start`.
    """
    start = as_utc(start)
    paused = merged(pauses) if pauses else ()
    if target.unit.counts_days:
        return _due_in_days(calendar, start, target, paused)
    return _due_in_time(calendar, start, target, paused)


def elapsed(
    calendar: Calendar,
    start: datetime,
    end: datetime,
    unit: Unit,
    pauses: Collection[Pause] = (),
    *,
    day_end: DayEnd = DayEnd.CLOSE,
) -> timedelta:
    """How much of a promise in `unit` is used up between two instants, zero if `end` is earlier.

    Hours and business hours are exact and add up over adjoining spans. Day units give whole days as
    counted from `start`, which do not: the day of `start` is never one of them.
    """
    start, end = as_utc(start), as_utc(end)
    paused = merged(pauses) if pauses else ()
    if end <= start:
        return ZERO
    if unit.counts_days:
        return _DayCount(calendar, start, unit, day_end).until(end, paused) * ONE_DAY
    windows: Iterable[Window] = (Window(start, end),)
    if unit is Unit.BUSINESS_HOURS:
        windows = calendar.windows_from(start, end)
    return sum((piece.end - piece.start for piece in running_time(windows, paused)), ZERO)


def is_late(due: Due, at: datetime) -> bool:
    """Whether `at` is strictly after the due instant; never while that is unknown."""
    return due.at is not None and as_utc(at) > due.at


def shift_business_days(calendar: Calendar, day: date, count: int) -> date:
    """The `count`-th business day after the local date `day`, or before it for a negative count.

    A count of 0 gives `day` itself, open or not. Raises `NeverOpen` past ten years.
    """
    step, left, origin = (ONE_DAY if count > 0 else -ONE_DAY), abs(count), day
    while left:
        day += step
        if abs(day - origin) > HORIZON:
            raise NeverOpen(f"not open often enough in the ten years around {origin.isoformat()}")
        left -= calendar.is_business_day(day)
    return day


# -- hours and business hours


def _due_in_time(
    calendar: Calendar, start: datetime, target: Target, paused: tuple[Window, ...]
) -> Due:
    windows: Iterable[Window] = (Window(start, FOREVER),)
    if target.unit is Unit.BUSINESS_HOURS:
        windows = calendar.windows_from(start)
    remaining, counted_from, at = target.length, None, None
    for piece in running_time(windows, paused):
        if counted_from is None:
            counted_from = piece.start
        if remaining <= piece.end - piece.start:
            at = piece.start + remaining
            break
        remaining -= piece.end - piece.start
    due_day: date | None = None
    notes: tuple[DayNote, ...] = ()
    if at is not None and target.unit is Unit.BUSINESS_HOURS:
        due_day = calendar.local_day(at - INSTANT_BEFORE)
        plans = calendar.plans_from(calendar.local_day(start), due_day)
        notes = tuple(plan.note for plan in plans if plan.note is not None)
    elif at is not None:
        due_day = calendar.local_day(at)
    pauses = _touching(paused, start, at)
    return Due(
        at,
        Explanation(target, calendar.zone, start, counted_from, notes, pauses, at, due_day),
    )


# -- business days and calendar days


class _DayCount:
    """The ticks of a day unit, from an instant on."""

    def __init__(self, calendar: Calendar, start: datetime, unit: Unit, day_end: DayEnd) -> None:
        local = start.astimezone(calendar.zone).replace(tzinfo=None)
        self.calendar = calendar
        self.business = unit is Unit.BUSINESS_DAYS
        self.day = local.date()
        self.time_of_day: timedelta | None = None
        if day_end is DayEnd.SAME_TIME:
            self.time_of_day = local - datetime.combine(local.date(), time.min)

    def plans(self, last: date | None = None) -> Iterator[DayPlan]:
        """The days that can count, up to `last`, with the days without office hours in between."""
        if self.time_of_day is None or not self.business:
            return self.calendar.plans_from(self.day + ONE_DAY, last)
        return self._plans_of_same_time(last)

    def _plans_of_same_time(self, last: date | None) -> Iterator[DayPlan]:
        plans = self.calendar.plans_from(self.day, last)
        for plan in plans:
            if plan.windows:
                break
            self.time_of_day = ZERO
            yield plan
        yield from plans

    def counts(self, plan: DayPlan) -> bool:
        """Whether the unit counts this day at all."""
        return bool(plan.windows) or not self.business

    def tick(self, plan: DayPlan) -> datetime:
        """The UTC instant at which the day is counted."""
        if self.time_of_day is not None:
            return self.calendar.instant(plan.day, self.time_of_day)
        return plan.closes if self.business else self.calendar.instant(plan.day, ONE_DAY)

    def until(self, end: datetime, paused: tuple[Window, ...]) -> int:
        """How many days are counted by the UTC instant `end`."""
        ticks = (
            self.tick(plan)
            for plan in self.plans(self.calendar.local_day(end))
            if self.counts(plan)
        )
        return sum(tick <= end and _pause_at(paused, tick) is None for tick in ticks)


def _pause_at(paused: tuple[Window, ...], tick: datetime) -> Window | None:
    """The pause that holds the moment just before `tick`, if any."""
    position = bisect_left(paused, tick, key=_start)
    if position and paused[position - 1].end >= tick:
        return paused[position - 1]
    return None


def _start(window: Window) -> datetime:
    return window.start


def _due_in_days(
    calendar: Calendar, start: datetime, target: Target, paused: tuple[Window, ...]
) -> Due:
    count = _DayCount(calendar, start, target.unit, target.day_end)
    notes: list[DayNote] = []
    due_plan = _last_day(count, target.days, paused, notes)
    at = due_day = None
    if due_plan is not None:
        at, due_day = count.tick(due_plan), due_plan.day
    pauses = _touching(paused, start, at)
    return Due(
        at,
        Explanation(target, calendar.zone, start, start, tuple(notes), pauses, at, due_day),
    )


def _last_day(
    count: _DayCount, days: int, paused: tuple[Window, ...], notes: list[DayNote]
) -> DayPlan | None:
    """The day on which the count reaches `days`, None if a pause without end comes first.

    Appends to `notes` what stood out on the way.
    """
    for plan in count.plans():
        if not count.counts(plan):
            if plan.note is not None:
                notes.append(plan.note)
            continue
        pause = _pause_at(paused, count.tick(plan)) if paused else None
        if pause is not None:
            if pause.end == FOREVER:
                return None
            notes.append(DayNote(plan.day, DayKind.PAUSED))
            continue
        days -= 1
        if not days:
            if plan.note is not None and count.business:
                notes.append(plan.note)
            return plan
    return None


def _touching(
    paused: tuple[Window, ...], start: datetime, at: datetime | None
) -> tuple[Pause, ...]:
    """The pauses that overlap the time from `start` to the due instant."""
    limit = at or FOREVER
    return tuple(
        Pause(window.start, None if window.end == FOREVER else window.end)
        for window in paused
        if window.end > start and window.start < limit
    )
