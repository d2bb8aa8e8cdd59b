"""Due dates counted in days: the fact tables B1 and B2, published due dates, and their edges."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from lamppost.sla.calendar import Calendar, Interval, NeverOpen
from lamppost.sla.engine import compute, is_late, shift_business_days
from lamppost.sla.pauses import Pause
from lamppost.sla.target import DayEnd, Target, Unit
from lamppost.sla.tests.hours import (
    AMSTERDAM,
    EVERY_DAY,
    LONDON,
    MONDAY_TO_FRIDAY,
    NEW_YORK,
    local,
    office,
    utc,
)

WORKING, CALENDAR = Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS
WEEK = office(AMSTERDAM, MONDAY_TO_FRIDAY, "08:00-17:00")

# B1: February and March 2021, every day written as month-day; requests at 12:00.
SAME_TIME: list[tuple[str, int, Unit, str]] = [
    ("02-15", 1, WORKING, "02-16 12:00"),
    ("02-15", 3, WORKING, "02-18 12:00"),
    ("02-16", 1, WORKING, "02-17 12:00"),
    ("02-16", 3, WORKING, "02-19 12:00"),
    ("02-19", 1, WORKING, "02-22 12:00"),
    ("02-19", 3, WORKING, "02-24 12:00"),
    ("02-20", 1, WORKING, "02-23 00:00"),
    ("02-20", 3, WORKING, "02-25 00:00"),
    ("02-21", 1, WORKING, "02-23 00:00"),
    ("02-21", 3, WORKING, "02-25 00:00"),
    ("02-15", 1, CALENDAR, "02-16 12:00"),
    ("02-15", 3, CALENDAR, "02-18 12:00"),
    ("02-19", 1, CALENDAR, "02-20 12:00"),
    ("02-19", 3, CALENDAR, "02-22 12:00"),
    ("02-20", 1, CALENDAR, "02-21 12:00"),
    ("02-20", 3, CALENDAR, "02-23 12:00"),
    ("02-21", 1, CALENDAR, "02-22 12:00"),
    ("02-21", 3, CALENDAR, "02-24 12:00"),
    ("02-15", 2, WORKING, "02-17 12:00"),
    ("02-18", 2, WORKING, "02-22 12:00"),
    ("02-19", 2, WORKING, "02-23 12:00"),
    ("02-20", 2, WORKING, "02-24 00:00"),
    ("02-18", 3, WORKING, "02-23 12:00"),
    ("02-15", 10, WORKING, "03-01 12:00"),
    ("02-19", 10, WORKING, "03-05 12:00"),
    ("02-15", 11, WORKING, "03-02 12:00"),
    ("02-19", 11, WORKING, "03-08 12:00"),
]


@pytest.mark.parametrize(("day", "days", "unit", "due"), SAME_TIME)
def test_the_same_time_of_day_and_weekend_requests_from_monday(
    day: str, days: int, unit: Unit, due: str
) -> None:
    start = local(AMSTERDAM, f"2021-{day} 12:00")
    target = Target(timedelta(days=days), unit, DayEnd.SAME_TIME)
    assert compute(WEEK, start, target).at == local(AMSTERDAM, f"2021-{due}")


KINGS_DAY = office(AMSTERDAM, MONDAY_TO_FRIDAY, "08:00-17:00", holidays=["2021-04-27 King's Day"])

MISSED_ELSEWHERE: list[tuple[str, str, str]] = [
    ("Monday 00:30 is Sunday in UTC", "2021-06-14 00:30", "2021-06-15 00:30"),
    ("Saturday 00:30 is Friday in UTC", "2021-06-12 00:30", "2021-06-15 00:00"),
    ("noon stays noon over the change of clocks", "2021-03-26 12:00", "2021-03-29 12:00"),
    ("a holiday is no working day", "2021-04-26 12:00", "2021-04-28 12:00"),
]


@pytest.mark.parametrize(("why", "start", "due"), MISSED_ELSEWHERE)
def test_one_working_day_where_others_went_wrong(why: str, start: str, due: str) -> None:
    target = Target.business_days(1, DayEnd.SAME_TIME)
    assert compute(KINGS_DAY, local(AMSTERDAM, start), target).at == local(AMSTERDAM, due), why


def test_a_change_of_category_counts_the_new_target_from_the_request_with_the_same_pauses() -> None:
    """B1, "category changed on day 4": a new clock from the original start, the pauses kept."""
    start = local(AMSTERDAM, "2021-02-15 12:00")
    pauses = (Pause(local(AMSTERDAM, "2021-02-16 09:00"), local(AMSTERDAM, "2021-02-17 09:00")),)
    old = compute(WEEK, start, Target.business_days(3), pauses)
    new = compute(WEEK, start, Target.business_days(10), pauses)
    assert old.at == local(AMSTERDAM, "2021-02-19 17:00")
    assert new.at == local(AMSTERDAM, "2021-03-02 17:00")


def test_waiting_for_the_reporter_stops_the_clock() -> None:
    """B1, "reaction requested": asked on Tuesday, answered on Thursday: two days more."""
    start = local(AMSTERDAM, "2021-02-15 12:00")
    waiting = Pause(local(AMSTERDAM, "2021-02-16 10:00"), local(AMSTERDAM, "2021-02-18 10:00"))
    target = Target.business_days(3, DayEnd.SAME_TIME)
    assert compute(WEEK, start, target, (waiting,)).at == local(AMSTERDAM, "2021-02-22 12:00")


# B2
TWO_HOLIDAYS = ["2020-09-21", "2020-09-15"]
SHIFTS: list[tuple[str, Calendar, str, int, str]] = [
    (
        "a Saturday, one on, the Monday a holiday",
        office(LONDON, MONDAY_TO_FRIDAY, "09:00-17:00", holidays=TWO_HOLIDAYS),
        "2020-09-19",
        1,
        "2020-09-22",
    ),
    (
        "a Saturday, five back, over a holiday",
        office(LONDON, MONDAY_TO_FRIDAY, "09:00-17:00", holidays=TWO_HOLIDAYS),
        "2020-09-19",
        -5,
        "2020-09-11",
    ),
    ("a Sunday, one on", office(LONDON, range(6), "09:00-17:00"), "2020-09-20", 1, "2020-09-21"),
    (
        "a Sunday, six on where Saturdays work",
        office(LONDON, range(6), "09:00-17:00"),
        "2020-09-20",
        6,
        "2020-09-26",
    ),
    ("no shift is the day itself", WEEK, "2020-09-20", 0, "2020-09-20"),
]


@pytest.mark.parametrize(("why", "calendar", "day", "count", "expected"), SHIFTS)
def test_shifting_by_business_days(
    why: str, calendar: Calendar, day: str, count: int, expected: str
) -> None:
    shifted = shift_business_days(calendar, date.fromisoformat(day), count)
    assert shifted == date.fromisoformat(expected), why


@pytest.mark.parametrize("count", [1, -1])
def test_shifting_on_a_calendar_that_never_opens_is_refused(count: int) -> None:
    with pytest.raises(NeverOpen):
        shift_business_days(Calendar(LONDON, {}), date(2020, 9, 19), count)


# Due dates a city published for its own requests, except the last, whose published date was wrong.
CITY = office(
    NEW_YORK,
    MONDAY_TO_FRIDAY,
    "08:00-17:00",
    holidays=[
        "2016-09-05 Labor Day",
        "2023-02-20 Presidents' Day",
        "2024-12-25 Christmas Day",
        "2025-01-01 New Year's Day",
        "2027-07-05 Independence Day (observed)",
    ],
    special={"2024-12-24": (Interval.between("08:00", "12:00"),)},
)

PUBLISHED: list[tuple[str, str, int, str]] = [
    ("New Year's Eve 19:00 local is 1 January in UTC", "2025-01-01 00:00:34", 7, "2025-01-10"),
    ("two days over New Year", "2025-01-01 00:06:29", 2, "2025-01-03"),
    ("seven days over New Year", "2025-01-01 00:06:47", 7, "2025-01-10"),
    ("a Saturday before Labor Day", "2016-09-03 16:00", 7, "2016-09-14"),
]


@pytest.mark.parametrize(("why", "requested", "days", "due"), PUBLISHED)
def test_published_due_dates(why: str, requested: str, days: int, due: str) -> None:
    computed = compute(CITY, utc(requested), Target.business_days(days))
    assert computed.day == date.fromisoformat(due), why
    assert computed.at == local(NEW_YORK, f"{due} 17:00"), "due at the close of that day"


EDGES: list[tuple[str, str, int, str]] = [
    ("23:59 counts from tomorrow", "2024-03-05 23:59", 1, "2024-03-06 17:00"),
    ("00:01 two minutes later is a day later", "2024-03-06 00:01", 1, "2024-03-07 17:00"),
    ("a leap day is a day", "2024-02-28 09:00", 1, "2024-02-29 17:00"),
    ("and over it", "2024-02-28 09:00", 2, "2024-03-01 17:00"),
    ("no leap day in 2023", "2023-02-28 09:00", 1, "2023-03-01 17:00"),
    ("the clock springs forward on the Sunday", "2024-03-08 09:00", 1, "2024-03-11 17:00"),
    ("and falls back in November", "2024-11-01 09:00", 1, "2024-11-04 17:00"),
    ("a request in the hour that repeats", "2024-11-03 01:30", 1, "2024-11-04 17:00"),
    ("a request in the hour skipped", "2024-03-10 03:00", 1, "2024-03-11 17:00"),
    ("4 July on a Sunday is observed on Monday", "2027-07-02 09:00", 1, "2027-07-06 17:00"),
    (
        "a half-day is a business day and due at its close",
        "2024-12-23 09:00",
        1,
        "2024-12-24 12:00",
    ),
    ("46 business days are nine weeks and a day", "2025-01-02 09:00", 46, "2025-03-07 17:00"),
]


@pytest.mark.parametrize(("why", "requested", "days", "due"), EDGES)
def test_business_days_at_the_edges(why: str, requested: str, days: int, due: str) -> None:
    computed = compute(CITY, local(NEW_YORK, requested), Target.business_days(days))
    assert computed.at == local(NEW_YORK, due), why


SAME_TIME_EDGES: list[tuple[str, str, Unit, int, str]] = [
    (
        "2:30 does not exist in spring: due at the change of clocks",
        "2024-03-09 02:30",
        CALENDAR,
        1,
        "2024-03-10 03:00",
    ),
    (
        "1:30 comes twice in autumn: due at the first",
        "2024-11-02 01:30",
        CALENDAR,
        1,
        "2024-11-03 01:30",
    ),
    (
        "a day over the spring change is 23 hours",
        "2024-03-09 12:00",
        CALENDAR,
        1,
        "2024-03-10 12:00",
    ),
    (
        "a day over the autumn change is 25 hours",
        "2024-11-02 12:00",
        CALENDAR,
        1,
        "2024-11-03 12:00",
    ),
    (
        "the time of day stays though the office is closed then",
        "2024-03-05 22:15",
        WORKING,
        1,
        "2024-03-06 22:15",
    ),
    ("a year over a leap day", "2024-02-28 12:00", CALENDAR, 366, "2025-02-28 12:00"),
]


@pytest.mark.parametrize(("why", "requested", "unit", "days", "due"), SAME_TIME_EDGES)
def test_the_same_time_of_day_at_the_edges(
    why: str, requested: str, unit: Unit, days: int, due: str
) -> None:
    target = Target(timedelta(days=days), unit, DayEnd.SAME_TIME)
    assert compute(CITY, local(NEW_YORK, requested), target).at == local(NEW_YORK, due), why


def test_calendar_days_end_at_midnight_whatever_the_office_hours() -> None:
    due = compute(CITY, local(NEW_YORK, "2024-12-20 09:00"), Target.calendar_days(5))
    assert due.day == date(2024, 12, 25)
    assert due.at == local(NEW_YORK, "2024-12-26 00:00")
    assert not is_late(due, local(NEW_YORK, "2024-12-26 00:00"))


def test_around_the_clock_a_business_day_ends_at_midnight_and_belongs_to_its_day() -> None:
    due = compute(
        Calendar.always(NEW_YORK), local(NEW_YORK, "2024-03-05 09:00"), Target.business_days(1)
    )
    assert (due.day, due.at) == (date(2024, 3, 6), local(NEW_YORK, "2024-03-07 00:00"))


def test_days_change_where_the_office_is() -> None:
    """One instant, two offices: already Wednesday in Auckland, still Tuesday in New York."""
    requested = utc("2024-03-05 20:00")
    auckland = office(ZoneInfo("Pacific/Auckland"), MONDAY_TO_FRIDAY, "08:00-17:00")
    assert compute(CITY, requested, Target.business_days(1)).day == date(2024, 3, 6)
    assert compute(auckland, requested, Target.business_days(1)).day == date(2024, 3, 7)


def test_summer_time_may_begin_at_midnight() -> None:
    """Where midnight itself is skipped, a day begins and ends at the change of clocks."""
    sao_paulo = ZoneInfo("America/Sao_Paulo")
    start = local(sao_paulo, "2018-11-02 12:00")
    due = compute(Calendar.always(sao_paulo), start, Target.calendar_days(1))
    assert due.at == utc("2018-11-04 03:00")


# Asked on Monday 4 March 2024 at 09:00, three business days: due on Thursday at 17:00 unpaused.
PAUSED_DAYS: list[tuple[str, list[tuple[str, str | None]], str | None]] = [
    ("no pause", [], "03-07 17:00"),
    ("over lunch: no close is spanned", [("03-05 12:00", "03-05 13:00")], "03-07 17:00"),
    ("all working day but its close", [("03-05 08:00", "03-05 16:59")], "03-07 17:00"),
    ("from afternoon to next morning: one close", [("03-05 16:00", "03-06 09:00")], "03-08 17:00"),
    (
        "to closing time exactly, the close is spanned",
        [("03-05 16:00", "03-05 17:00")],
        "03-08 17:00",
    ),
    ("from closing time exactly, it is not", [("03-05 17:00", "03-06 08:00")], "03-07 17:00"),
    ("Tuesday to Thursday: two closes", [("03-05 10:00", "03-07 10:00")], "03-11 17:00"),
    ("the weekend has no close", [("03-08 18:00", "03-11 07:00")], "03-07 17:00"),
    (
        "on the day of the request: that one was not counted anyway",
        [("03-04 10:00", "03-04 20:00")],
        "03-07 17:00",
    ),
    ("created paused until Wednesday noon", [("03-01 09:00", "03-06 12:00")], "03-08 17:00"),
    (
        "overlapping pauses count once",
        [("03-05 10:00", "03-06 10:00"), ("03-05 12:00", "03-06 12:00")],
        "03-08 17:00",
    ),
    (
        "a pause inside a longer one does not end it",
        [("03-05 10:00", "03-06 10:00"), ("03-05 12:00", "03-05 13:00")],
        "03-08 17:00",
    ),
    (
        "two pauses over one close each",
        [("03-05 16:00", "03-06 09:00"), ("03-06 16:00", "03-07 09:00")],
        "03-11 17:00",
    ),
    ("lasting: unknown", [("03-06 10:00", None)], None),
    ("lasting from after the due instant: known", [("03-07 17:00", None)], "03-07 17:00"),
]


@pytest.mark.parametrize(("why", "spans", "expected"), PAUSED_DAYS)
def test_a_day_paused_at_its_close_is_not_counted(
    why: str, spans: list[tuple[str, str | None]], expected: str | None
) -> None:
    pauses = [
        Pause(
            local(NEW_YORK, f"2024-{start}"),
            None if end is None else local(NEW_YORK, f"2024-{end}"),
        )
        for start, end in spans
    ]
    due = compute(CITY, local(NEW_YORK, "2024-03-04 09:00"), Target.business_days(3), pauses)
    assert due.at == (None if expected is None else local(NEW_YORK, f"2024-{expected}")), why


def test_a_pause_across_a_holiday_costs_only_business_days() -> None:
    """Paused 23 to 27 December: the closes of the 23rd, 24th and 26th, not Christmas Day's."""
    pause = Pause(local(NEW_YORK, "2024-12-23 10:00"), local(NEW_YORK, "2024-12-27 10:00"))
    start = local(NEW_YORK, "2024-12-20 09:00")
    assert compute(CITY, start, Target.business_days(2)).day == date(2024, 12, 24)
    assert compute(CITY, start, Target.business_days(2), (pause,)).day == date(2024, 12, 30)


def test_calendar_days_paused_at_midnight_are_not_counted() -> None:
    start = local(NEW_YORK, "2024-03-04 09:00")
    night = Pause(local(NEW_YORK, "2024-03-05 23:00"), local(NEW_YORK, "2024-03-06 01:00"))
    day = Pause(local(NEW_YORK, "2024-03-05 01:00"), local(NEW_YORK, "2024-03-05 23:00"))
    assert compute(CITY, start, Target.calendar_days(2), (night,)).day == date(2024, 3, 7)
    assert compute(CITY, start, Target.calendar_days(2), (day,)).day == date(2024, 3, 6)


def test_open_on_one_day_of_the_week() -> None:
    calendar = office(NEW_YORK, [2], "09:00-12:00")
    due = compute(calendar, local(NEW_YORK, "2024-03-06 13:00"), Target.business_days(2))
    assert due.at == local(NEW_YORK, "2024-03-20 12:00")


def test_a_village_open_every_day_counts_the_weekend() -> None:
    calendar = office(NEW_YORK, EVERY_DAY, "09:00-12:00")
    due = compute(calendar, local(NEW_YORK, "2024-03-08 09:00"), Target.business_days(2))
    assert due.day == date(2024, 3, 10)
