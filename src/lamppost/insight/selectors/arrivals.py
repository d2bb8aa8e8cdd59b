"""What a day of the telephone is expected to bring: the mean of the same weekdays before it.

The plain baseline every better forecast has to beat: seasonal, by weekday and half hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Shift
from lamppost.insight.center import CenterCounts
from lamppost.insight.period import Period, midnight
from lamppost.insight.selectors.center import contact_totals, contacts_by
from lamppost.insight.staffing import Calls

WEEKS = 4
_HALF_HOUR = 1800
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ExpectedDay:
    """The half hours of a day that bring calls, and how many days that was learned from."""

    stretches: dict[time, Calls]
    days: int
    handle_s: float


def expected_day(day: date, *, today: date) -> ExpectedDay:
    """Return what ``day`` is expected to bring, by the last four of its weekdays before today.

    A weekday without a single call (a holiday, a closed center) is left out. Calls are those
    offered; the handle time is that of the last four weeks. At most ten queries.
    """
    last = min(day, today) - timedelta(days=1)
    last -= timedelta(days=(last.weekday() - day.weekday()) % 7)
    found = [
        contacts_by(Period(one, one), "starts_at", channel=Channel.PHONE)
        for one in (last - _WEEK * number for number in range(WEEKS))
    ]
    busy = [one for one in found if sum(part.offered for part in one.values())]
    whole = contact_totals(
        Period(today - WEEKS * _WEEK, today - timedelta(days=1)), channel=Channel.PHONE
    )
    handle = _handle(whole)
    if not busy or not handle:
        return ExpectedDay({}, len(busy), handle)
    zone = city_in_scope().zone
    sums: dict[time, int] = {}
    for one in busy:
        for starts_at, part in one.items():
            clock = starts_at.astimezone(zone).time()
            sums[clock] = sums.get(clock, 0) + part.offered
    stretches = {
        clock: Calls(sums[clock] / len(busy), _HALF_HOUR, handle)
        for clock in sorted(sums)
        if sums[clock]
    }
    return ExpectedDay(stretches, len(busy), handle)


def planned_agents(day: date, clocks: list[time]) -> list[int]:
    """Return how many agents' shifts cover the whole half hour beginning at each clock time."""
    zone = city_in_scope().zone
    start, stop = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    shifts = list(
        Shift.objects.filter(starts_at__lt=stop, ends_at__gt=start).values_list(
            "starts_at", "ends_at"
        )
    )
    counts = []
    for clock in clocks:
        begins = start.replace(hour=clock.hour, minute=clock.minute)
        ends = begins + timedelta(seconds=_HALF_HOUR)
        counts.append(sum(1 for first, last in shifts if first <= begins and last >= ends))
    return counts


def _handle(counts: CenterCounts) -> float:
    return counts.handle_seconds / counts.handled if counts.handled else 0.0
