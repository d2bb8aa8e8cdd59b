"""How much of a promise is used up: the fact tables A3 and A4."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lamppost.sla.calendar import Calendar
from lamppost.sla.engine import elapsed
from lamppost.sla.pauses import Pause
from lamppost.sla.target import DayEnd, Unit
from lamppost.sla.tests.hours import (
    AMSTERDAM,
    K2,
    K4,
    K8,
    MONDAY_TO_FRIDAY,
    local,
    office,
    paused,
    utc,
)

DAY = "2013-06-04"
LIFE = paused(DAY, "01:30-02:00", "02:00-")
BEFORE_LIFE = (Pause(utc("2013-06-01 00:00"), utc(f"{DAY} 00:00")),)

ROWS: list[tuple[str, Calendar, str, str, tuple[Pause, ...], float, int, float]] = [
    ("18: half an hour of an hour", K2, "2013-03-21 09:30", "2013-03-21 10:00", (), 30, 60, 30),
    ("19: far too late", K2, "2013-03-21 09:30", "2013-03-21 14:00", (), 270, 60, -210),
    ("20: two hours of three", K2, "2013-03-21 09:30", "2013-03-21 11:30", (), 120, 180, 60),
    ("21: half an hour too late", K2, "2013-03-21 09:30", "2013-03-21 13:00", (), 210, 180, -30),
    (
        "22: answered the second the office opened, three seconds after it did",
        K2,
        "2013-03-28 23:49",
        "2013-03-29 07:00:03",
        (),
        0.05,
        60,
        59.95,
    ),
    (
        "25: paused half an hour before the first response",
        K4,
        f"{DAY} 09:00",
        f"{DAY} 10:45",
        paused(DAY, "10:00-10:30"),
        75,
        120,
        45,
    ),
    (
        "26: the same for the resolution",
        K4,
        f"{DAY} 09:00",
        f"{DAY} 12:00",
        paused(DAY, "10:00-10:30"),
        150,
        250,
        100,
    ),
    (
        "28: created paused and never opened",
        K4,
        f"{DAY} 09:00",
        f"{DAY} 12:00",
        paused(DAY, "09:00-"),
        0,
        240,
        240,
    ),
    (
        "30: ran for half an hour between two pauses",
        K4,
        f"{DAY} 09:00",
        f"{DAY} 12:00",
        paused(DAY, "09:00-10:30", "11:00-"),
        30,
        240,
        210,
    ),
    (
        "31: ran for half an hour twice",
        K4,
        f"{DAY} 09:00",
        f"{DAY} 12:00",
        paused(DAY, "09:00-10:30", "11:00-11:30"),
        60,
        240,
        180,
    ),
    ("33: the whole life, closed at 02:00", K8, f"{DAY} 00:00", f"{DAY} 02:00", LIFE, 90, 90, 0),
    (
        "33: a window wider than the life",
        K8,
        "2013-06-03 23:00",
        f"{DAY} 05:00",
        BEFORE_LIFE + LIFE,
        90,
        90,
        0,
    ),
    ("34: from half an hour on", K8, f"{DAY} 00:30", f"{DAY} 02:00", LIFE, 60, 90, 30),
    ("35: the first half hour", K8, f"{DAY} 00:00", f"{DAY} 00:30", LIFE, 30, 90, 60),
    ("an end before the start is nothing", K8, f"{DAY} 01:00", f"{DAY} 00:30", (), 0, 90, 90),
]


@pytest.mark.parametrize(
    ("why", "calendar", "start", "end", "pauses", "used", "allowed", "left"), ROWS
)
def test_used_and_left_business_minutes(
    why: str,
    calendar: Calendar,
    start: str,
    end: str,
    pauses: tuple[Pause, ...],
    used: float,
    allowed: int,
    left: float,
) -> None:
    measured = elapsed(calendar, utc(start), utc(end), Unit.BUSINESS_HOURS, pauses)
    assert measured == timedelta(minutes=used), why
    assert timedelta(minutes=allowed) - measured == timedelta(minutes=left), why


def test_hours_run_through_the_night_and_the_change_of_clocks() -> None:
    start, end = local(AMSTERDAM, "2021-03-27 12:00"), local(AMSTERDAM, "2021-03-28 12:00")
    assert elapsed(K2, start, end, Unit.HOURS) == timedelta(hours=23)


def test_a_span_longer_than_the_search_horizon_is_still_measured() -> None:
    calendar = office(AMSTERDAM, MONDAY_TO_FRIDAY, "09:00-17:00")
    start, end = local(AMSTERDAM, "2001-01-01 09:00"), local(AMSTERDAM, "2026-01-01 09:00")
    weekdays = 1304 * 5 + 3  # Mondays to Fridays of 1304 weeks and three days
    assert elapsed(calendar, start, end, Unit.BUSINESS_HOURS) == timedelta(hours=8 * weekdays)


DAYS: list[tuple[str, str, Unit, DayEnd, int]] = [
    (
        "nothing before the first close after the day of the request",
        "2021-02-16 16:59",
        Unit.BUSINESS_DAYS,
        DayEnd.CLOSE,
        0,
    ),
    ("one day at its close", "2021-02-16 17:00", Unit.BUSINESS_DAYS, DayEnd.CLOSE, 1),
    ("the weekend adds nothing", "2021-02-22 16:59", Unit.BUSINESS_DAYS, DayEnd.CLOSE, 4),
    ("one day at the same time", "2021-02-16 12:00", Unit.BUSINESS_DAYS, DayEnd.SAME_TIME, 1),
    ("none a minute before", "2021-02-16 11:59", Unit.BUSINESS_DAYS, DayEnd.SAME_TIME, 0),
    ("calendar days end at midnight", "2021-02-21 00:00", Unit.CALENDAR_DAYS, DayEnd.CLOSE, 5),
    ("or at the same time", "2021-02-21 12:00", Unit.CALENDAR_DAYS, DayEnd.SAME_TIME, 6),
]


@pytest.mark.parametrize(("why", "end", "unit", "day_end", "days"), DAYS)
def test_used_days(why: str, end: str, unit: Unit, day_end: DayEnd, days: int) -> None:
    calendar = office(AMSTERDAM, MONDAY_TO_FRIDAY, "09:00-17:00")
    start = local(AMSTERDAM, "2021-02-15 12:00")
    used = elapsed(calendar, start, local(AMSTERDAM, end), unit, day_end=day_end)
    assert used == timedelta(days=days), why


def test_a_day_paused_at_its_close_is_not_used() -> None:
    calendar = office(AMSTERDAM, MONDAY_TO_FRIDAY, "09:00-17:00")
    start, end = local(AMSTERDAM, "2021-02-15 12:00"), local(AMSTERDAM, "2021-02-19 17:00")
    pause = Pause(local(AMSTERDAM, "2021-02-17 16:00"), local(AMSTERDAM, "2021-02-18 10:00"))
    assert elapsed(calendar, start, end, Unit.BUSINESS_DAYS, (pause,)) == timedelta(days=3)
