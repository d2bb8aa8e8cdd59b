"""Spans of local days that are looked back on. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTHS_A_YEAR = 12
_QUARTER = 3


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The local days from ``first`` to ``last``, both included.

    Raises ``ValueError`` when it runs backwards.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period runs forward, not from {self.first} to {self.last}")

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return its first instant and the first instant after it, on the clocks of ``zone``."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)

    @classmethod
    def months_before(cls, day: date, months: int) -> Period:
        """Return the whole months before ``day``: those that end with the day before it."""
        return cls(add_months(day, -months), day - timedelta(days=1))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which the local ``day`` begins."""
    return datetime.combine(day, time.min, tzinfo=zone)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month ``months`` later, or the month's last day before it.

    31 January and one month is 28 or 29 February.
    """
    index = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(index, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter of a fiscal year that starts with the month ``starts`` (1 is January).

    A fiscal year that does not start in January has the name of the calendar year in which it
    ends: with ``starts`` 7, quarter 1 of 2027 is July to September 2026.
    """

    year: int
    number: int
    starts: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 4 and 1 <= self.starts <= MONTHS_A_YEAR):
            raise ValueError(f"there is no quarter {self.number} from month {self.starts}")

    @property
    def period(self) -> Period:
        """Its local days."""
        first_year = self.year - (self.starts > 1)
        first = add_months(date(first_year, self.starts, 1), (self.number - 1) * _QUARTER)
        return Period(first, add_months(first, _QUARTER) - timedelta(days=1))

    @property
    def before(self) -> Quarter:
        """The quarter before it."""
        return Quarter.of(self.period.first - timedelta(days=1), self.starts)

    @classmethod
    def of(cls, day: date, starts: int) -> Quarter:
        """Return the quarter in which ``day`` lies."""
        into = (day.month - starts) % MONTHS_A_YEAR
        first_year = day.year - (day.month < starts)
        return cls(first_year + (starts > 1), into // _QUARTER + 1, starts)
