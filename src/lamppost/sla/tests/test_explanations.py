"""Due dates explained: what a resident is told, and in which language."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from lamppost.sla.calendar import Calendar, DayKind, DayNote, Interval
from lamppost.sla.engine import compute
from lamppost.sla.explain import describe, length, steps
from lamppost.sla.pauses import Pause
from lamppost.sla.target import DayEnd, Target
from lamppost.sla.tests.hours import MONDAY_TO_FRIDAY, NEW_YORK, local, office

CITY = office(
    NEW_YORK,
    MONDAY_TO_FRIDAY,
    "08:00-17:00",
    holidays=[
        "2024-11-28 Thanksgiving Day",
        "2024-12-25 Christmas Day",
        "2025-01-01 New Year's Day",
    ],
    special={"2024-12-24": (Interval.between("08:00", "12:00"),)},
)
FOUR_DAYS = office(NEW_YORK, [0, 1, 3, 4], "08:00-17:00")


def _pause(start: str, end: str | None) -> Pause:
    return Pause(local(NEW_YORK, start), None if end is None else local(NEW_YORK, end))


SENTENCES: list[tuple[str, Calendar, Target, tuple[Pause, ...], str]] = [
    ("2024-12-31 19:00", CITY, Target.business_days(7), (),
     "7 business days from Tue Dec 31; skipped Jan 1 (New Year's Day), weekend; "
     "due Fri Jan 10, 2025"),
    ("2024-11-22 09:00", CITY, Target.business_days(10), (),
     "10 business days from Fri Nov 22; skipped Nov 28 (Thanksgiving Day), 3 weekends; "
     "due Mon Dec 9"),
    ("2024-03-05 09:00", CITY, Target.business_days(1), (),
     "1 business day from Tue Mar 5; due Wed Mar 6"),
    ("2024-03-04 09:00", FOUR_DAYS, Target.business_days(2), (),
     "2 business days from Mon Mar 4; skipped 1 closed day; due Thu Mar 7"),
    ("2024-12-23 10:00", CITY, Target.business_days(1), (),
     "1 business day from Mon Dec 23; special hours on Dec 24 (Special hours); due Tue Dec 24"),
    ("2024-03-04 09:00", CITY, Target.business_days(2),
     (_pause("2024-03-05 10:00", "2024-03-07 10:00"),),
     "2 business days from Mon Mar 4; skipped 2 paused days; paused once; due Fri Mar 8"),
    ("2024-03-04 09:00", CITY, Target.business_days(2), (_pause("2024-03-05 10:00", None),),
     "2 business days from Mon Mar 4; paused once; no due date while paused"),
    ("2024-03-04 09:00", CITY, Target.calendar_days(2), (),
     "2 calendar days from Mon Mar 4; due Wed Mar 6"),
    ("2024-03-04 09:00", CITY, Target.calendar_days(1, DayEnd.SAME_TIME), (),
     "1 calendar day from Mon Mar 4, 9 a.m.; due Tue Mar 5, 9 a.m."),
    ("2024-03-04 09:00", CITY, Target.hours(24), (),
     "24 hours from Mon Mar 4, 9 a.m.; due Tue Mar 5, 9 a.m."),
    ("2024-03-04 09:00", CITY, Target.minutes(90), (),
     "90 minutes from Mon Mar 4, 9 a.m.; due Mon Mar 4, 10:30 a.m."),
    ("2024-03-08 16:00", CITY, Target.business_hours(2), (),
     "2 business hours from Fri Mar 8, 4 p.m.; skipped weekend; due Mon Mar 11, 9 a.m."),
    ("2024-12-24 18:30", CITY, Target.business_hours(2), (),
     "2 business hours from Tue Dec 24, 6:30 p.m.; counted from Thu Dec 26, 8 a.m.; "
     "skipped Dec 25 (Christmas Day); special hours on Dec 24 (Special hours); "
     "due Thu Dec 26, 10 a.m."),
    ("2024-03-04 09:00", CITY, Target.business_hours(2),
     (_pause("2024-03-04 09:30", "2024-03-04 10:00"),
      _pause("2024-03-04 10:30", "2024-03-04 11:00")),
     "2 business hours from Mon Mar 4, 9 a.m.; paused 2 times; due Mon Mar 4, noon"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "calendar", "target", "pauses", "sentence"), SENTENCES)
def test_in_words(
    start: str, calendar: Calendar, target: Target, pauses: tuple[Pause, ...], sentence: str
) -> None:
    due = compute(calendar, local(NEW_YORK, start), target, pauses)
    with translation.override("en"):
        assert describe(due.explanation) == sentence


def test_dates_follow_the_active_language() -> None:
    due = compute(CITY, local(NEW_YORK, "2024-12-10 09:00"), Target.business_days(1))
    with translation.override("es"):
        first, *_, last = steps(due.explanation)
    assert "Tue" not in first
    assert "mar" in first.lower(), "martes"
    assert "dic" in last.lower(), "diciembre"


def test_a_length_alone() -> None:
    with translation.override("en"):
        assert length(Target.business_minutes(120)) == "2 business hours"
        assert length(Target.business_minutes(1)) == "1 business minute"


def test_the_explanation_is_a_value_before_it_is_words() -> None:
    due = compute(CITY, local(NEW_YORK, "2024-12-31 19:00"), Target.business_days(2))
    assert due.explanation.start == local(NEW_YORK, "2024-12-31 19:00")
    assert due.explanation.days == (DayNote(date(2025, 1, 1), DayKind.HOLIDAY, "New Year's Day"),)
    assert (due.explanation.due, due.explanation.due_day) == (due.at, date(2025, 1, 3))


def test_only_pauses_between_request_and_due_are_told() -> None:
    start = local(NEW_YORK, "2024-03-04 09:00")
    before, within, after, nothing = (
        _pause("2024-03-04 07:00", "2024-03-04 08:00"),
        _pause("2024-03-04 10:00", "2024-03-04 10:30"),
        _pause("2024-03-04 15:00", None),
        _pause("2024-03-04 11:00", "2024-03-04 11:00"),
    )
    due = compute(CITY, start, Target.business_hours(2), (before, within, after, nothing))
    assert due.explanation.pauses == (within,)
