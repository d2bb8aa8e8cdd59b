"""What is promised: so many hours or days, counted in a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lamppost.sla.calendar import HORIZON


class Unit(StrEnum):
    """How the time of a target is counted."""

    HOURS = "hours"
    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"

    @property
    def counts_days(self) -> bool:
        """True for the day units, which are counted in whole local days."""
        return self in (Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS)


class DayEnd(StrEnum):
    """At which moment of the due day a target in days falls due."""

    CLOSE = "close"
    SAME_TIME = "same_time"


@dataclass(frozen=True, slots=True)
class Target:
    """A promised length in a unit. `length` is whole days for the day units.

    Always positive: no promise is no target (`Target.optional`), and so no clock. `day_end` matters
    to day units only. Raises `ValueError` for a length that is not positive, is longer than ten
    years, or is not whole days in a day unit.
    """

    length: timedelta
    unit: Unit
    day_end: DayEnd = DayEnd.CLOSE

    def __post_init__(self) -> None:
        if not timedelta(0) < self.length <= HORIZON:
            raise ValueError(f"a target is positive and at most ten years, not {self.length}")
        if self.unit.counts_days and self.length % timedelta(days=1):
            raise ValueError(f"{self.unit} are whole days, not {self.length}")

    @property
    def days(self) -> int:
        """The number of days of a day unit."""
        return self.length.days

    @classmethod
    def optional(
        cls,
        amount: int | Decimal | Fraction | None,
        unit: Unit,
        *,
        day_end: DayEnd = DayEnd.CLOSE,
    ) -> Target | None:
        """The target of `amount` hours or days, as `unit` says; None for an amount of None or 0.

        Raises `ValueError` for a negative amount or a fraction of a second.
        """
        if not amount:
            return None
        seconds = Fraction(amount) * (86_400 if unit.counts_days else 3_600)
        if seconds.denominator != 1:
            raise ValueError(f"{amount} {unit} are not whole seconds")
        return cls(timedelta(seconds=int(seconds)), unit, day_end)

    @classmethod
    def hours(cls, amount: int) -> Target:
        """Hours that run day and night."""
        return cls(timedelta(hours=amount), Unit.HOURS)

    @classmethod
    def minutes(cls, amount: int) -> Target:
        """Minutes that run day and night."""
        return cls(timedelta(minutes=amount), Unit.HOURS)

    @classmethod
    def business_hours(cls, amount: int) -> Target:
        """Hours that run while the office is open."""
        return cls(timedelta(hours=amount), Unit.BUSINESS_HOURS)

    @classmethod
    def business_minutes(cls, amount: int) -> Target:
        """Minutes that run while the office is open."""
        return cls(timedelta(minutes=amount), Unit.BUSINESS_HOURS)

    @classmethod
    def business_days(cls, amount: int, day_end: DayEnd = DayEnd.CLOSE) -> Target:
        """Days on which the office opens."""
        return cls(timedelta(days=amount), Unit.BUSINESS_DAYS, day_end)

    @classmethod
    def calendar_days(cls, amount: int, day_end: DayEnd = DayEnd.CLOSE) -> Target:
        """Local dates, open or not."""
        return cls(timedelta(days=amount), Unit.CALENDAR_DAYS, day_end)
