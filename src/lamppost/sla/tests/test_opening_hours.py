"""When an office is open: the fact table B3, and what the calendar refuses."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from lamppost.sla.calendar import (
    ALL_DAY,
    Calendar,
    DayException,
    DayKind,
    DayNote,
    Interval,
    NeverOpen,
    Window,
)
from lamppost.sla.tests.hours import K1, LONDON, MONDAY_TO_FRIDAY, NEW_YORK, local, office, utc

DESK = office(
    LONDON,
    MONDAY_TO_FRIDAY,
    "08:00-18:00",
    holidays=["2019-12-25 Christmas Day"],
    special={"2019-12-24": (Interval.between("08:00", "12:00"),)},
)
FIVE_MINUTES = timedelta(minutes=5)

OUT_OF_HOURS: list[tuple[str, str, bool]] = [
    ("a Friday noon", "2022-07-01 12:00", False),
    ("a Friday evening", "2022-07-01 20:00", True),
    ("a Saturday noon", "2022-07-02 12:00", True),
    ("noon of a holiday", "2019-12-25 12:00", True),
    ("five minutes before closing", "2022-07-01 17:55", True),
    ("six minutes before closing", "2022-07-01 17:54", False),
    ("five minutes before a half-day ends", "2019-12-24 11:55", True),
    ("closing time itself", "2022-07-01 18:00", True),
    ("opening time itself", "2022-07-01 08:00", False),
    ("just before opening", "2022-07-01 07:59", True),
]


@pytest.mark.parametrize(("why", "now", "out"), OUT_OF_HOURS)
def test_out_of_hours(why: str, now: str, out: bool) -> None:
    assert DESK.is_out_of_hours(local(LONDON, now), notice=FIVE_MINUTES) is out, why


def test_around_the_clock_is_never_out_of_hours() -> None:
    always = Calendar.always(LONDON)
    assert not always.is_out_of_hours(local(LONDON, "2022-07-01 23:57"), notice=FIVE_MINUTES)


def test_a_break_shorter_than_the_notice_is_noticed() -> None:
    calendar = office(LONDON, MONDAY_TO_FRIDAY, "08:00-12:00", "12:02-18:00")
    assert calendar.is_out_of_hours(local(LONDON, "2022-07-01 11:58"), notice=FIVE_MINUTES)


def test_open_until_just_before_closing() -> None:
    assert DESK.is_open(local(LONDON, "2022-07-01 08:00"))
    assert DESK.is_open(local(LONDON, "2022-07-01 17:59:59"))
    assert not DESK.is_open(local(LONDON, "2022-07-01 18:00"))


OPENINGS: list[tuple[str, str, str]] = [
    ("open already", "2022-07-01 12:00", "2022-07-01 12:00"),
    ("before opening", "2022-07-01 03:00", "2022-07-01 08:00"),
    ("at closing time", "2022-07-01 18:00", "2022-07-04 08:00"),
    ("over a holiday", "2019-12-24 13:00", "2019-12-26 08:00"),
]


@pytest.mark.parametrize(("why", "now", "opens"), OPENINGS)
def test_next_opening(why: str, now: str, opens: str) -> None:
    assert DESK.next_opening(local(LONDON, now)) == local(LONDON, opens), why


def test_the_next_opening_of_a_closed_office_is_refused() -> None:
    with pytest.raises(NeverOpen):
        Calendar(LONDON, {}).next_opening(utc("2022-07-01 12:00"))


REASONS: list[tuple[str, DayNote | None]] = [
    ("2019-12-23", None),
    ("2019-12-24", None),
    ("2019-12-25", DayNote(date(2019, 12, 25), DayKind.HOLIDAY, "Christmas Day")),
    ("2019-12-28", DayNote(date(2019, 12, 28), DayKind.WEEKEND)),
]


@pytest.mark.parametrize(("day", "reason"), REASONS)
def test_why_a_day_is_closed(day: str, reason: DayNote | None) -> None:
    assert DESK.closed_reason(date.fromisoformat(day)) == reason
    assert DESK.is_business_day(date.fromisoformat(day)) is (reason is None)


def test_a_closed_weekday_is_no_weekend_and_the_weekend_is_the_city_s() -> None:
    closed_mondays = office(LONDON, range(1, 5), "08:00-18:00")
    monday = date(2022, 7, 4)
    assert closed_mondays.closed_reason(monday) == DayNote(monday, DayKind.CLOSED_DAY)
    sunday_to_thursday = Calendar(
        ZoneInfo("Asia/Amman"),
        dict.fromkeys((6, 0, 1, 2, 3), (ALL_DAY,)),
        weekend=frozenset({4, 5}),
    )
    friday = date(2022, 7, 1)
    assert sunday_to_thursday.closed_reason(friday) == DayNote(friday, DayKind.WEEKEND)


def test_special_hours_replace_the_weekly_ones() -> None:
    assert DESK.open_intervals(date(2019, 12, 24)) == (Interval.of_minutes(480, 720),)
    assert DESK.open_intervals(date(2019, 12, 23)) == (Interval.of_minutes(480, 1080),)
    assert DESK.open_intervals(date(2019, 12, 28)) == ()


def _hours(calendar: Calendar, day: date) -> list[tuple[str, str]]:
    return [
        (window.start.strftime("%H:%M"), window.end.strftime("%H:%M"))
        for window in calendar.plan(day).windows
    ]


WINDOWS: list[tuple[str, tuple[str, ...], date, list[tuple[str, str]]]] = [
    ("winter: five hours behind", ("08:00-17:00",), date(2024, 1, 15), [("13:00", "22:00")]),
    ("summer: four hours behind", ("08:00-17:00",), date(2024, 7, 15), [("12:00", "21:00")]),
    (
        "spring: 01:00 to 04:00 is two hours",
        ("01:00-04:00",),
        date(2024, 3, 10),
        [("06:00", "08:00")],
    ),
    (
        "autumn: 01:00 to 04:00 is four hours",
        ("01:00-04:00",),
        date(2024, 11, 3),
        [("05:00", "09:00")],
    ),
    ("hours inside the skipped hour vanish", ("02:10-02:50",), date(2024, 3, 10), []),
    (
        "opening in it means at the change",
        ("02:30-05:00",),
        date(2024, 3, 10),
        [("07:00", "09:00")],
    ),
    (
        "closing in it means at the change",
        ("00:00-02:30",),
        date(2024, 3, 10),
        [("05:00", "07:00")],
    ),
    (
        "a border in the repeated hour does not open twice",
        ("00:00-01:30", "01:30-03:00"),
        date(2024, 11, 3),
        [("04:00", "05:30"), ("05:30", "08:00")],
    ),
]


@pytest.mark.parametrize(("why", "hours", "day", "expected"), WINDOWS)
def test_windows_in_utc(
    why: str, hours: tuple[str, ...], day: date, expected: list[tuple[str, str]]
) -> None:
    assert _hours(office(NEW_YORK, range(7), *hours), day) == expected, why


def test_around_the_clock_is_23_hours_in_spring_and_25_in_autumn() -> None:
    always = Calendar.always(NEW_YORK)
    assert always.plan(date(2024, 3, 10)).windows == (
        Window(utc("2024-03-10 05:00"), utc("2024-03-11 04:00")),
    )
    assert always.plan(date(2024, 11, 3)).windows == (
        Window(utc("2024-11-03 04:00"), utc("2024-11-04 05:00")),
    )


@pytest.mark.parametrize(
    ("opens", "closes"), [("17:00", "08:00"), ("08:00", "08:00"), ("08:00", "24:01")]
)
def test_an_interval_that_does_not_run_forward_in_its_day_is_refused(
    opens: str, closes: str
) -> None:
    with pytest.raises(ValueError, match="runs forward"):
        Interval.between(opens, closes)


def test_overlapping_or_unsorted_hours_are_refused() -> None:
    morning, noon = Interval.between("08:00", "13:00"), Interval.between("12:00", "17:00")
    with pytest.raises(ValueError, match="overlap"):
        Calendar(LONDON, {0: (morning, noon)})
    with pytest.raises(ValueError, match="overlap"):
        DayException("Fair", (noon, Interval.between("08:00", "09:00")))


def test_a_weekday_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="weekdays run"):
        Calendar(LONDON, {7: (ALL_DAY,)})


def test_a_calendar_is_a_value() -> None:
    """Equal calendars are equal keys, whatever was already asked of them."""
    same = copy.deepcopy(K1)
    K1.plan(date(2024, 3, 10))
    assert same == K1
    assert hash(same) == hash(K1)
    assert len({same, K1, DESK}) == 2


def test_editing_the_rows_a_calendar_came_from_does_not_reach_it() -> None:
    weekly = {0: (ALL_DAY,)}
    calendar = Calendar(LONDON, weekly)
    weekly[1] = (ALL_DAY,)
    assert not calendar.is_business_day(date(2024, 3, 5))
