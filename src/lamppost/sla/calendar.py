"""When an office is open: weekly hours, holidays and special hours in the office's own zone.

Hours are wall-clock times, so they are kept as seconds after local midnight (24:00 is 86,400) and
turned into UTC instants one local day at a time. That keeps days with a change of clocks right: an
office open around the clock is open for 23 or 25 hours on those days, one open 08:00 to 17:00 for
nine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

SECONDS_PER_DAY = 86_400
ONE_DAY = timedelta(days=1)

# Nothing is searched for further ahead than this, so that an empty calendar cannot hang a worker.
HORIZON = timedelta(days=3_660)


class NeverOpen(Exception):
    """The calendar does not open, or not often enough, within ten years of the moment asked for."""


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC; `ValueError` for a datetime without a zone.

    Python compares two datetimes of one zone by their wall clocks, which is wrong on the night the
    clocks change; every comparison in this package is therefore made in UTC.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


def _seconds_after_midnight(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 3_600 + int(minutes) * 60


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Open from `opens` until just before `closes`, in seconds after local midnight."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= SECONDS_PER_DAY:
            raise ValueError(f"an interval runs forward within one day, not {self}")

    @classmethod
    def between(cls, opens: str, closes: str) -> Interval:
        """Read two wall-clock times such as `08:00` and `24:00`."""
        return cls(_seconds_after_midnight(opens), _seconds_after_midnight(closes))

    @classmethod
    def of_minutes(cls, opens: int, closes: int) -> Interval:
        """From minutes after local midnight, as calendars are stored."""
        return cls(opens * 60, closes * 60)


ALL_DAY = Interval(0, SECONDS_PER_DAY)


@dataclass(frozen=True, slots=True)
class DayException:
    """A dated departure from the weekly hours: closed all day, or open at `intervals` instead."""

    name: str
    intervals: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        _refuse_disorder(self.intervals)


@dataclass(frozen=True, slots=True)
class Window:
    """Open from the UTC instant `start` until just before the UTC instant `end`."""

    start: datetime
    end: datetime


class DayKind(StrEnum):
    """Why a local day is worth a word when a due date is explained."""

    WEEKEND = "weekend"
    CLOSED_DAY = "closed_day"
    HOLIDAY = "holiday"
    SPECIAL_HOURS = "special_hours"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class DayNote:
    """One local day, why it stands out, and its name if it has one."""

    day: date
    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One local day of a calendar: its open windows in order and what is special about it."""

    day: date
    windows: tuple[Window, ...]
    note: DayNote | None

    @property
    def closes(self) -> datetime:
        """The last closing instant; `IndexError` on a closed day."""
        return self.windows[-1].end


@dataclass(frozen=True)
class Calendar:
    """The opening hours of one office.

    `weekly` maps a weekday (0 is Monday) to its intervals, several for a split day; a weekday left
    out is closed. `exceptions` replaces single local dates. `weekend` names the weekdays that
    residents call the weekend; it changes the words of an explanation, never a due date.

    Raises `ValueError` for a weekday outside 0 to 6 and for intervals that overlap or are unsorted.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Interval, ...]]
    exceptions: Mapping[date, DayException] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({5, 6})
    # Every local day is worked out once: an import of a million cases asks for the same few
    # thousand days over and over.
    _plans: dict[date, DayPlan] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )

    def __post_init__(self) -> None:
        for weekday, intervals in self.weekly.items():
            if not 0 <= weekday <= 6:
                raise ValueError(f"weekdays run from 0 (Monday) to 6, not {weekday}")
            _refuse_disorder(intervals)
        # Copies: a caller's later edit must not reach a calendar whose days are already worked out.
        object.__setattr__(self, "weekly", dict(self.weekly))
        object.__setattr__(self, "exceptions", dict(self.exceptions))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(
            (self.zone.key, frozenset(self.weekly.items()), frozenset(self.exceptions.items()))
        )

    @classmethod
    def always(cls, zone: ZoneInfo) -> Calendar:
        """A calendar open around the clock, every day."""
        return cls(zone, dict.fromkeys(range(7), (ALL_DAY,)))

    # -- local days

    def open_intervals(self, day: date) -> tuple[Interval, ...]:
        """The wall-clock intervals of the local date `day`, empty when closed."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception.intervals
        return self.weekly.get(day.weekday(), ())

    def is_business_day(self, day: date) -> bool:
        """Whether the office opens at all on the local date `day`."""
        return bool(self.plan(day).windows)

    def closed_reason(self, day: date) -> DayNote | None:
        """Why the local date `day` is closed, or None when it is a business day."""
        plan = self.plan(day)
        return None if plan.windows else plan.note

    def local_day(self, instant: datetime) -> date:
        """The date on the office's wall at `instant`."""
        return as_utc(instant).astimezone(self.zone).date()

    def plan(self, day: date) -> DayPlan:
        """The local date `day`, worked out: UTC windows and what is special about it."""
        plan = self._plans.get(day)
        if plan is None:
            plan = self._plans[day] = self._work_out(day)
        return plan

    def plans_from(self, day: date, last: date | None = None) -> Iterator[DayPlan]:
        """The local days from `day` to `last`, both included.

        Without `last`, for whoever looks for a day yet unknown; that raises `NeverOpen` once the
        horizon is passed.
        """
        plans, stop = self._plans, last or day + HORIZON
        while day <= stop:
            yield plans.get(day) or self.plan(day)
            day += ONE_DAY
        if last is None:
            raise NeverOpen(f"not open often enough in the ten years before {stop.isoformat()}")

    def _work_out(self, day: date) -> DayPlan:
        bounds = (
            (
                self.instant(day, timedelta(seconds=hours.opens)),
                self.instant(day, timedelta(seconds=hours.closes)),
            )
            for hours in self.open_intervals(day)
        )
        # Hours that fall entirely into the hour skipped in spring do not exist that day.
        windows = tuple(Window(opens, closes) for opens, closes in bounds if opens < closes)
        return DayPlan(day, windows, self._note(day, is_open=bool(windows)))

    def _note(self, day: date, *, is_open: bool) -> DayNote | None:
        exception = self.exceptions.get(day)
        if exception is not None:
            kind = DayKind.SPECIAL_HOURS if is_open else DayKind.HOLIDAY
            return DayNote(day, kind, exception.name)
        if is_open:
            return None
        weekend = day.weekday() in self.weekend
        return DayNote(day, DayKind.WEEKEND if weekend else DayKind.CLOSED_DAY)

    # -- instants

    def instant(self, day: date, after_midnight: timedelta) -> datetime:
        """The UTC instant of a wall-clock time: `after_midnight` on the local date `day`.

        A time that the clocks skip in spring is the moment of the change; one that they pass twice
        in autumn is the first of the two. So later wall-clock times never give earlier instants.
        """
        wall = datetime.combine(day, time.min) + after_midnight
        instant = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == wall:
            return instant
        with_new_offset = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return self._change_of_clocks(with_new_offset, instant)

    def _change_of_clocks(self, before: datetime, after: datetime) -> datetime:
        """The first whole second after `before` at which the offset of `after` holds."""
        new_offset = after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
            if middle.astimezone(self.zone).utcoffset() == new_offset:
                after = middle
            else:
                before = middle
        return after.replace(microsecond=0)

    def windows_from(self, instant: datetime, until: datetime | None = None) -> Iterator[Window]:
        """Open windows from the UTC `instant` to the UTC instant `until`, cut to fit.

        Without `until`, raises `NeverOpen` when asked for more than opens within the horizon.
        """
        last = None if until is None else self.local_day(until)
        for plan in self.plans_from(self.local_day(instant), last):
            for window in plan.windows:
                start = max(window.start, instant)
                end = window.end if until is None else min(window.end, until)
                if start < end:
                    yield Window(start, end)

    def is_open(self, instant: datetime) -> bool:
        """Whether the office is open at `instant`; at its closing time it no longer is."""
        instant = as_utc(instant)
        plan = self.plan(self.local_day(instant))
        return any(window.start <= instant < window.end for window in plan.windows)

    def next_opening(self, instant: datetime) -> datetime:
        """The first UTC instant at or after `instant` at which the office is open.

        Raises `NeverOpen` when there is none within ten years.
        """
        return next(self.windows_from(as_utc(instant))).start

    def is_out_of_hours(self, instant: datetime, *, notice: timedelta = timedelta(0)) -> bool:
        """Whether the office is closed at `instant` or closes within `notice` from it.

        The notice lets a page say "closing" before a resident starts a call nobody will take.
        """
        instant = as_utc(instant)
        if not (self.is_open(instant) and self.is_open(instant + notice)):
            return True
        reached = instant
        for window in self.windows_from(instant):
            if window.start > reached:
                return True
            reached = window.end
            if reached > instant + notice:
                break
        return False


def _refuse_disorder(intervals: tuple[Interval, ...]) -> None:
    for earlier, later in pairwise(intervals):
        if later.opens < earlier.closes:
            raise ValueError(f"{earlier} and {later} overlap or stand in the wrong order")
