"""Due times counted in hours and business hours: the fact tables A2 and A4, and their edges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from lamppost.sla.calendar import Calendar, Interval, NeverOpen
from lamppost.sla.engine import compute, is_late
from lamppost.sla.target import Target, Unit
from lamppost.sla.tests.hours import (
    BERLIN,
    EVERY_DAY,
    K1,
    K2,
    K3,
    K4,
    K5,
    K6,
    K7,
    K8,
    MONDAY_TO_FRIDAY,
    NEW_YORK,
    local,
    office,
    paused,
    utc,
)

WITHOUT_PAUSE: list[tuple[str, Calendar, str, int, str]] = [
    ("1: one hour within a winter day", K1, "2013-03-21 09:30", 60, "2013-03-21 10:30"),
    ("2: two hours within a winter day", K1, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("3: three hours within a winter day", K1, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("4: four hours within a winter day", K1, "2013-03-21 09:30", 240, "2013-03-21 13:30"),
    ("5: longer hours change nothing inside them", K2, "2013-03-21 09:30", 60, "2013-03-21 10:30"),
    ("5: nor for two hours", K2, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("5: nor for three hours", K2, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("6: open every day, winter, two hours", K3, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("6: three hours", K3, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("6: four hours", K3, "2013-03-21 09:30", 240, "2013-03-21 13:30"),
    ("7: the same in summer time, two hours", K3, "2013-10-21 09:30", 120, "2013-10-21 11:30"),
    ("7: three hours", K3, "2013-10-21 09:30", 180, "2013-10-21 12:30"),
    ("7: four hours", K3, "2013-10-21 09:30", 240, "2013-10-21 13:30"),
    ("8: before opening, the clock waits", K3, "2013-10-21 05:30", 120, "2013-10-21 08:00"),
    ("8: three hours from opening", K3, "2013-10-21 05:30", 180, "2013-10-21 09:00"),
    ("8: four hours from opening", K3, "2013-10-21 05:30", 240, "2013-10-21 10:00"),
    ("9: 30 min left, a holiday, the rest after", K3, "2015-09-21 14:30", 120, "2015-09-23 07:30"),
    ("9: three hours across the holiday", K3, "2015-09-21 14:30", 180, "2015-09-23 08:30"),
    ("9: four hours across the holiday", K3, "2015-09-21 14:30", 240, "2015-09-23 09:30"),
    ("10: created on a holiday", K5, "2016-11-01 13:56:21", 60, "2016-11-02 08:00"),
    ("11: two hours from a holiday", K5, "2016-11-01 13:56:21", 120, "2016-11-02 09:00"),
    ("12: 20 hours at 12 a day", K5, "2016-11-01 13:56:21", 1200, "2016-11-03 15:00"),
    ("13: the calendar was widened", K6, "2016-11-01 13:56:21", 60, "2016-11-02 04:00"),
    ("14: seconds are kept", K5, "2016-11-07 13:26:36", 1200, "2016-11-09 09:26:36"),
    ("15: over the weekend", K7, "2021-02-19 16:30", 60, "2021-02-22 09:30"),
    ("16: within the day", K7, "2021-02-17 10:00", 120, "2021-02-17 12:00"),
    ("17: before opening", K7, "2021-02-17 07:00", 120, "2021-02-17 11:00"),
]


@pytest.mark.parametrize(("why", "calendar", "start", "minutes", "due"), WITHOUT_PAUSE)
def test_due_without_pause(
    why: str, calendar: Calendar, start: str, minutes: int, due: str
) -> None:
    assert compute(calendar, utc(start), Target.business_minutes(minutes)).at == utc(due), why


DAY = "2013-06-04"
START = f"{DAY} 09:00"

WITH_PAUSES: list[tuple[str, tuple[str, ...], int, str]] = [
    (
        "23: closed and reopened: the closed span is a pause",
        ("09:30-09:45", "10:00-10:30"),
        120,
        f"{DAY} 11:45",
    ),
    (
        "24: used up exactly at closing time, so due then and not next morning",
        ("10:00-15:00",),
        120,
        f"{DAY} 16:00",
    ),
    ("24: one minute more is due next morning", ("10:00-15:00",), 121, "2013-06-05 07:01"),
    ("27: half an hour of pause moves the first response", ("10:00-10:30",), 120, f"{DAY} 11:30"),
    ("27: and the resolution", ("10:00-10:30",), 250, f"{DAY} 13:40"),
    (
        "29: created paused, resumed at noon: two hours from noon",
        ("09:00-12:00",),
        120,
        f"{DAY} 14:00",
    ),
    ("29: three hours from noon", ("09:00-12:00",), 180, f"{DAY} 15:00"),
    ("29: four hours from noon", ("09:00-12:00",), 240, f"{DAY} 16:00"),
    ("29: paused before it was created is the same", ("08:00-12:00",), 120, f"{DAY} 14:00"),
    (
        "30: created paused, ran half an hour, resumed at 12:00",
        ("09:00-10:30", "11:00-12:00"),
        120,
        f"{DAY} 13:30",
    ),
    ("30: three hours", ("09:00-10:30", "11:00-12:00"), 180, f"{DAY} 14:30"),
    ("30: four hours", ("09:00-10:30", "11:00-12:00"), 240, f"{DAY} 15:30"),
    (
        "31: created paused, paused again for half an hour",
        ("09:00-10:30", "11:00-11:30"),
        120,
        f"{DAY} 13:00",
    ),
    ("31: three hours", ("09:00-10:30", "11:00-11:30"), 180, f"{DAY} 14:00"),
    ("31: four hours", ("09:00-10:30", "11:00-11:30"), 240, f"{DAY} 15:00"),
    ("overlapping pauses count once", ("10:00-10:20", "10:10-10:30"), 120, f"{DAY} 11:30"),
    ("a pause inside another counts once", ("10:00-10:30", "10:05-10:10"), 120, f"{DAY} 11:30"),
    ("pauses in any order", ("10:00-10:30", "09:15-09:30"), 120, f"{DAY} 11:45"),
    (
        "over night: six hours of the first day and one of the next",
        ("15:00-next 08:00",),
        420,
        "2013-06-05 09:00",
    ),
    ("a pause while closed costs nothing", ("17:00-23:00",), 480, "2013-06-05 08:00"),
    ("due just as a pause begins is due then", ("11:00-12:00",), 120, f"{DAY} 11:00"),
    ("a pause of no length costs nothing", ("10:00-10:00",), 120, f"{DAY} 11:00"),
    ("a lasting pause after the due instant changes nothing", ("11:30-",), 120, f"{DAY} 11:00"),
]


@pytest.mark.parametrize(("why", "pauses", "minutes", "due"), WITH_PAUSES)
def test_due_with_pauses(why: str, pauses: tuple[str, ...], minutes: int, due: str) -> None:
    target = Target.business_minutes(minutes)
    assert compute(K4, utc(START), target, paused(DAY, *pauses)).at == utc(due), why


def test_counting_may_begin_in_the_middle_of_a_life() -> None:
    """32: opened 00:00, counted from 01:15, paused 01:30 to 02:00, 30 minutes allowed."""
    pauses = paused("2013-06-04", "01:30-02:00")
    due = compute(K8, utc("2013-06-04 01:15"), Target.business_minutes(30), pauses)
    assert due.at == utc("2013-06-04 02:15")


@pytest.mark.parametrize("target", [Target.business_minutes(120), Target.minutes(120)])
def test_a_lasting_pause_leaves_the_due_instant_unknown(target: Target) -> None:
    due = compute(K4, utc(START), target, paused(DAY, "10:00-"))
    assert due.at is None
    assert due.day is None
    assert not is_late(due, utc("2030-01-01 00:00")), "what has no due instant is never late"


def test_late_is_strictly_after_due() -> None:
    due = compute(K4, utc(START), Target.business_minutes(420))
    assert due.at == utc(f"{DAY} 16:00")
    assert not is_late(due, utc(f"{DAY} 16:00"))
    assert is_late(due, utc(f"{DAY} 16:00") + timedelta(microseconds=1))


HOURS_OR_BUSINESS_HOURS: list[tuple[str, str, Target, str]] = [
    ("24 hours run through the night", "2024-03-07 15:00", Target.hours(24), "2024-03-08 15:00"),
    (
        "24 business hours are three days of eight",
        "2024-03-07 15:00",
        Target.business_hours(24),
        "2024-03-12 15:00",
    ),
    (
        "hours are not stretched by the change of clocks: 23 h of wall clock",
        "2024-03-09 12:00",
        Target.hours(24),
        "2024-03-10 13:00",
    ),
    (
        "nor shortened in autumn: 24 h later the wall shows an hour less",
        "2024-11-02 12:00",
        Target.hours(24),
        "2024-11-03 11:00",
    ),
    (
        "business hours over the spring change: Friday 16:00 to Monday 10:00",
        "2024-03-08 16:00",
        Target.business_hours(2),
        "2024-03-11 10:00",
    ),
    (
        "business hours over the autumn change: Friday 16:00 to Monday 10:00",
        "2024-11-01 16:00",
        Target.business_hours(2),
        "2024-11-04 10:00",
    ),
]


@pytest.mark.parametrize(("why", "start", "target", "due"), HOURS_OR_BUSINESS_HOURS)
def test_hours_and_business_hours_on_the_wall(
    why: str, start: str, target: Target, due: str
) -> None:
    calendar = office(NEW_YORK, MONDAY_TO_FRIDAY, "09:00-17:00")
    assert compute(calendar, local(NEW_YORK, start), target).at == local(NEW_YORK, due), why


def test_a_half_day_gives_only_its_hours() -> None:
    christmas_eve = {"2024-12-24": (Interval.between("09:00", "13:00"),)}
    calendar = office(
        NEW_YORK, MONDAY_TO_FRIDAY, "09:00-17:00", holidays=["2024-12-25"], special=christmas_eve
    )
    due = compute(calendar, local(NEW_YORK, "2024-12-24 10:00"), Target.business_hours(4))
    assert due.at == local(NEW_YORK, "2024-12-26 10:00")


def test_a_lunch_break_does_not_count() -> None:
    calendar = office(NEW_YORK, MONDAY_TO_FRIDAY, "08:00-12:00", "13:00-17:00")
    start = local(NEW_YORK, "2024-03-07 11:30")
    hour, half = Target.business_hours(1), Target.business_minutes(30)
    assert compute(calendar, start, hour).at == local(NEW_YORK, "2024-03-07 13:30")
    assert compute(calendar, start, half).at == local(NEW_YORK, "2024-03-07 12:00")


def test_a_night_shift_runs_across_midnight() -> None:
    calendar = office(NEW_YORK, EVERY_DAY, "00:00-06:00", "22:00-24:00")
    due = compute(calendar, local(NEW_YORK, "2024-03-07 23:00"), Target.business_hours(2))
    assert due.at == local(NEW_YORK, "2024-03-08 01:00")
    evening = compute(calendar, local(NEW_YORK, "2024-03-07 22:00"), Target.business_hours(2))
    assert evening.at == local(NEW_YORK, "2024-03-08 00:00")
    assert evening.day == date(2024, 3, 7), "closing at 24:00 belongs to the day that closes"


def test_a_calendar_that_never_opens_is_refused() -> None:
    closed = Calendar(BERLIN, {})
    for target in (Target.business_minutes(1), Target.business_days(1)):
        with pytest.raises(NeverOpen):
            compute(closed, utc(START), target)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        compute(K1, utc("2013-03-21 09:30").replace(tzinfo=None), Target.hours(1))


@pytest.mark.parametrize("amount", [None, 0])
@pytest.mark.parametrize("unit", list(Unit))
def test_no_promise_is_no_target(amount: int | None, unit: Unit) -> None:
    """52: an allowance of zero or nothing means no clock, so there is nothing to compute."""
    assert Target.optional(amount, unit) is None


def test_a_target_is_read_in_its_own_unit() -> None:
    assert Target.optional(2, Unit.BUSINESS_HOURS) == Target.business_minutes(120)
    assert Target.optional(Decimal("1.5"), Unit.HOURS) == Target.minutes(90)
    assert Target.optional(46, Unit.BUSINESS_DAYS) == Target.business_days(46)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(-1, Unit.HOURS), (Decimal("0.5"), Unit.BUSINESS_DAYS), (4_000, Unit.CALENDAR_DAYS)],
)
def test_a_senseless_target_is_refused(amount: int | Decimal, unit: Unit) -> None:
    with pytest.raises(ValueError, match=r"target is positive|whole days"):
        Target.optional(amount, unit)


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        paused(DAY, "10:00-09:00")
