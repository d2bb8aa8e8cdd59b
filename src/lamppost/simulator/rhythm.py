"""When requests come: season, weekday, hour and the luck of the day, as one intensity.

The year is cut into hours of constant intensity, so the moments of any number of requests can
be drawn in order without keeping them: sorted uniform numbers from exponential spacings
(Devroye, "Non-Uniform Random Variate Generation", section V.3), carried over to the hours.
Counts of a day are then Poisson around an intensity that a gamma shock moves, that is,
negative binomial.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from lamppost.simulator.profile import Profile, ServiceHabit

YEAR = timedelta(days=365)
_HOUR = timedelta(hours=1)
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request comes: when (UTC), for which service, in which way."""

    at: datetime
    habit: ServiceHabit
    way: str


@dataclass(frozen=True, slots=True)
class _Day:
    """What one local day asks for: per way, the cumulated weights of the services."""

    marks: tuple[tuple[float, ...], ...]
    hours: tuple[tuple[float, ...], ...]

    def weight(self, way: int, hour: int) -> float:
        return self.marks[way][-1] * self.hours[way][hour]


def arrivals(
    profile: Profile,
    *,
    count: int,
    until: datetime,
    zone: ZoneInfo,
    is_holiday: Callable[[date], bool],
    dice: Random,
) -> Iterator[Arrival]:
    """Yield ``count`` arrivals in order of time over the 365 days before ``until`` (UTC)."""
    since = until - YEAR
    ways, habits = tuple(profile.ways), tuple(profile.services.values())
    days = _days(profile, since, until, zone, is_holiday, dice)
    hours = [
        (start, length, day, hour, accumulated)
        for start, length, day, hour, accumulated in _hours(days, since, until, zone, len(ways))
    ]
    whole = sum(marks[-1] for *_rest, marks in hours)
    ahead = iter(hours)
    start, length, day, _hour, marks = next(ahead)
    passed, share = 0.0, 0.0
    for left in range(count, 0, -1):
        share = 1.0 - (1.0 - share) * dice.random() ** (1.0 / left)
        goal = share * whole
        while goal > passed + marks[-1]:
            following = next(ahead, None)
            if following is None:  # the last bits of the sum
                goal = passed + marks[-1]
                break
            passed += marks[-1]
            start, length, day, _hour, marks = following
        at = start + length * ((goal - passed) / marks[-1] if marks[-1] else 0.0)
        way = bisect(marks, dice.random() * marks[-1], hi=len(marks) - 1)
        services = day.marks[way]
        service = bisect(services, dice.random() * services[-1], hi=len(services) - 1)
        yield Arrival(at, habits[service], ways[way])


def _hours(
    days: dict[date, _Day], since: datetime, until: datetime, zone: ZoneInfo, ways: int
) -> Iterator[tuple[datetime, timedelta, _Day, int, tuple[float, ...]]]:
    """Every hour by UTC, so that a change of the clocks neither skips nor doubles one."""
    start = since
    while start < until:
        following = min(start.replace(minute=0, second=0, microsecond=0) + _HOUR, until)
        local = start.astimezone(zone)
        day, part = days[local.date()], (following - start) / _HOUR
        marks = tuple(accumulate(part * day.weight(way, local.hour) for way in range(ways)))
        yield start, following - start, day, local.hour, marks
        start = following


def _days(
    profile: Profile,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    is_holiday: Callable[[date], bool],
    dice: Random,
) -> dict[date, _Day]:
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    ways = tuple(profile.ways.values())
    weekday = {
        day: tuple(
            way.weekdays[_SUNDAY if way.keeps_holidays and is_holiday(day) else day.weekday()]
            for way in ways
        )
        for day in dates
    }
    luck = {day: _shock(profile.day_shock, dice) for day in dates}
    mood = {
        code: {day: season.months[day.month - 1] * _shock(season.shock, dice) for day in dates}
        for code, season in profile.seasons.items()
    }
    rows: dict[date, list[list[float]]] = {day: [[] for _way in ways] for day in dates}
    for habit in profile.services.values():
        parts = [habit.ways.get(code, 0.0) for code in profile.ways]
        weights = {
            day: [
                part * share * luck[day] * mood[habit.season][day]
                for part, share in zip(parts, weekday[day], strict=True)
            ]
            for day in dates
        }
        # A service keeps its share of the year, however its days fell.
        scale = habit.share / (sum(map(sum, weights.values())) or 1.0)
        for day in dates:
            for row, weight in zip(rows[day], weights[day], strict=True):
                row.append(weight * scale)
    hours = tuple(tuple(share / sum(way.hours) for share in way.hours) for way in ways)
    return {day: _Day(tuple(tuple(accumulate(row)) for row in rows[day]), hours) for day in dates}


def _shock(variance: float, dice: Random) -> float:
    """A positive factor with mean 1 and this variance."""
    return dice.gammavariate(1 / variance, variance) if variance > 0 else 1.0
