"""When an item is due: a sentence per row. Office hours 8 to 5, Monday to Friday, New York."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.people.actors import SYSTEM
from lamppost.people.models import Department
from lamppost.sla.calendar import Calendar, DayException, Interval
from lamppost.sla.explain import describe
from lamppost.sla.models import BusinessCalendar
from lamppost.work.clock import breach_time, due_of
from lamppost.work.models import WorkItem
from lamppost.work.services.adding import NewItem, add_item
from lamppost.work.services.items import drop, reopen_item
from lamppost.work.services.making import due_of_item

ZONE = ZoneInfo("America/New_York")
OFFICE = Calendar(
    zone=ZONE,
    weekly={weekday: (Interval.of_minutes(480, 1020),) for weekday in range(5)},
    exceptions={date(2025, 1, 1): DayException("New Year's Day", ())},
)


def at(text: str) -> datetime:
    """A local moment: ``2025-01-06 09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("why", "added", "amount", "unit", "day_end", "ended", "due"),
    [
        ("the day it is added is not counted", "2025-01-06 09:00", 1, "business_days", "close", (),
         "2025-01-07 17:00"),
        ("nor does the hour of the day matter", "2025-01-06 23:59", 1, "business_days", "close",
         (), "2025-01-07 17:00"),
        ("a weekend is no business day", "2025-01-10 09:00", 1, "business_days", "close", (),
         "2025-01-13 17:00"),
        ("a holiday is none either", "2024-12-31 09:00", 1, "business_days", "close", (),
         "2025-01-02 17:00"),
        ("at the same time of day where asked", "2025-01-06 09:30", 1, "business_days",
         "same_time", (), "2025-01-07 09:30"),
        ("calendar days run through the weekend", "2025-01-10 09:00", 2, "calendar_days", "close",
         (), "2025-01-13 00:00"),
        ("hours run through the night", "2025-01-06 20:00", 24, "hours", "close", (),
         "2025-01-07 20:00"),
        ("business hours stop at closing", "2025-01-06 16:00", 2, "business_hours", "close", (),
         "2025-01-07 09:00"),
        ("hours that end with the office are due at closing", "2025-01-06 15:00", 2,
         "business_hours", "close", (), "2025-01-06 17:00"),
        ("hours across the spring change of clocks are hours", "2025-03-08 20:00", 24, "hours",
         "close", (), "2025-03-09 21:00"),
        ("the time it was ended does not count", "2025-01-06 09:00", 4, "business_hours", "close",
         (("2025-01-06 10:00", "2025-01-06 12:00"),), "2025-01-06 15:00"),
        ("ended over one closing time, it has one day more", "2025-01-06 09:00", 1,
         "business_days", "close", (("2025-01-07 16:00", "2025-01-08 09:00"),),
         "2025-01-08 17:00"),
        ("ended twice, both spans count", "2025-01-06 08:00", 4, "business_hours", "close",
         (("2025-01-06 09:00", "2025-01-06 10:00"), ("2025-01-06 11:00", "2025-01-06 12:00")),
         "2025-01-06 14:00"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and "-" not in value else "",
)  # fmt: skip
def test_when_an_item_is_due(
    why: str, added: str, amount: int, unit: str, day_end: str,
    ended: tuple[tuple[str, str], ...], due: str,
) -> None:  # fmt: skip
    found = due_of(
        calendar=OFFICE, added_at=at(added), amount=amount, unit=unit, day_end=day_end,
        ended=[(at(start), at(end)) for start, end in ended],
    )  # fmt: skip
    assert found is not None
    assert found.at == at(due), why


def test_without_a_number_nothing_is_due() -> None:
    for amount in (None, 0):
        assert due_of(
            calendar=OFFICE, added_at=at("2025-01-06 09:00"), amount=amount, unit="",
            day_end="close",
        ) is None  # fmt: skip


def test_due_exactly_now_is_in_time_and_late_is_late_since_the_due_time() -> None:
    due = at("2025-01-07 17:00")
    assert breach_time(due, due) is None
    assert breach_time(due, due + timedelta(microseconds=1)) == due
    assert breach_time(due, due + timedelta(days=30)) == due
    assert breach_time(None, due) is None


@pytest.mark.django_db
def test_the_due_time_is_computed_stored_and_explained(
    city: City, file_case: Callable[..., Case], parks: Department
) -> None:
    new = NewItem(department_id=parks.pk, title="Cut", amount=2, unit="business_days")
    item = add_item(case_id=file_case().pk, new=new, actor=SYSTEM)
    due = due_of_item(item)
    assert due is not None
    assert item.due_at == due.at
    local = item.due_at.astimezone(ZONE)
    assert (local.hour, local.minute, local.weekday() < 5) == (17, 0, True)
    assert describe(due.explanation).startswith("2 business days from ")


@pytest.mark.django_db
def test_the_time_an_item_was_ended_is_given_back(
    city: City, file_case: Callable[..., Case], parks: Department
) -> None:
    """Added twelve hours ago, ended for ten of them: two of its thirty hours are used up."""
    new = NewItem(department_id=parks.pk, title="Cut", amount=30, unit="hours")
    item = add_item(case_id=file_case().pk, new=new, actor=SYSTEM)
    first = item.due_at
    assert first is not None
    drop(item_id=item.pk, reason="No", actor=SYSTEM)
    ended = timezone.now() - timedelta(hours=10)
    WorkItem.objects.filter(pk=item.pk).update(
        added_at=item.added_at - timedelta(hours=12), finished_at=ended
    )
    again = reopen_item(item_id=item.pk, reason="Yes", actor=SYSTEM)
    assert again.due_at is not None
    moved = again.due_at - first
    assert timedelta(hours=-2, seconds=-5) < moved < timedelta(hours=-2, seconds=5)


@pytest.mark.django_db
def test_a_calendar_that_never_opens_gives_no_due_time(
    city: City, file_case: Callable[..., Case], parks: Department
) -> None:
    """What is asked for still stands on the list; filing and adding never fail for it."""
    BusinessCalendar.objects.all().update(is_default=False)
    closed = BusinessCalendar.objects.create(code="closed", is_default=True)
    City.objects.update(catalog_changed_at=timezone.now())
    from lamppost.cities.selectors import forget_cities

    forget_cities()
    new = NewItem(
        department_id=parks.pk, title="Cut", amount=2, unit="business_days", calendar_id=closed.pk
    )
    assert add_item(case_id=file_case().pk, new=new, actor=SYSTEM).due_at is None
