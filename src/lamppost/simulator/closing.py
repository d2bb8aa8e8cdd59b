"""How long requests wait: a mixture of quick work, a long backlog and periodic bulk closing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

# Requests still open at this age are closed together at the next of these days' ends.
BULK_AGE = timedelta(days=60)
BULK_EVERY_DAYS = 5
_BULK_AT = time(17, 0)
# A closing that takes more than this lands on a working day and in working hours.
_SLOW = timedelta(days=10)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Spell:
    """One log-normal part of the mixture: its share, median in days, and sigma of the log."""

    share: float
    median_days: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Closing:
    """The waits of one service. ``bulk`` is the share that only a bulk closing ends."""

    spells: tuple[Spell, ...]
    bulk: float = 0.0

    def draw(self, dice: Random, pace: float) -> timedelta | None:
        """Return a wait; None when it ends with a bulk closing.

        ``pace`` scales the waits for work, not the bulk closing: 1 gives them as they were
        when the shares were measured, by day of closing.
        """
        left = dice.random() * (self.bulk + sum(spell.share for spell in self.spells))
        for spell in self.spells:
            left -= spell.share
            if left < 0:
                wait = spell.median_days * pace * math.exp(dice.gauss(0.0, spell.sigma))
                # Nobody waits a thousand years; a larger number would not fit a date.
                return timedelta(days=min(wait, 40_000.0))
        return None


def closed_at(
    requested_at: datetime, wait: timedelta | None, zone: ZoneInfo, dice: Random
) -> datetime:
    """Return when a request made at ``requested_at`` (UTC) is closed after ``wait``, in UTC.

    Work of another day is finished in the office hours of that day; None waits for the next
    bulk closing, at 17:00 of a day counted in ``zone``.
    """
    if wait is None:
        return _next_bulk(requested_at, zone)
    at = requested_at + wait
    local = at.astimezone(zone)
    if local.date() == requested_at.astimezone(zone).date():
        return at
    if wait > _SLOW and local.weekday() >= _SATURDAY:
        local += timedelta(days=7 - local.weekday())
    minutes = int(dice.triangular(7 * 60, 17 * 60, 13 * 60))
    hour = time(minutes // 60, minutes % 60, local.second)
    return datetime.combine(local.date(), hour, tzinfo=zone).astimezone(requested_at.tzinfo)


def _next_bulk(requested_at: datetime, zone: ZoneInfo) -> datetime:
    day = (requested_at + BULK_AGE).astimezone(zone).date()
    day += timedelta(days=-day.toordinal() % BULK_EVERY_DAYS)
    return datetime.combine(day, _BULK_AT, tzinfo=zone).astimezone(requested_at.tzinfo)
