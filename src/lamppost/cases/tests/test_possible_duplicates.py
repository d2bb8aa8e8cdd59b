"""Which cases a reporter is shown as possibly the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.selectors.duplicates import possible_duplicates
from lamppost.cases.services import lifecycle, links
from lamppost.catalog.book import book
from lamppost.catalog.choices import Visibility
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.people.actors import Actor

HERE = Point(-75.1636, 39.9526)
# One hundred-thousandth of a degree of latitude is 1.1 m.
NEAR, FAR = Point(-75.1636, 39.95275), Point(-75.1636, 39.9536)

Filer = Callable[..., Case]


def numbers(**more: Any) -> list[str]:
    service = book().services["POTHOLE"]
    found = possible_duplicates(service, HERE, **({"now": timezone.now()} | more))
    return [one.case.number for one in found]


@pytest.mark.parametrize("visibility", [Visibility.LIMITED, Visibility.PRIVATE])
def test_what_is_not_public_is_never_offered(file_case: Filer, visibility: str) -> None:
    Case.objects.filter(pk=file_case(point=NEAR).pk).update(visibility=visibility)
    assert numbers() == []


def test_another_service_another_place_and_another_city_are_no_duplicates(
    file_case: Filer, other_city: Any
) -> None:
    file_case(point=FAR)
    file_case(point=None, address="Here")
    file_case(service_code="TREE", answers={}, point=NEAR)
    with city_scope(other_city.pk):
        file_case(point=NEAR)
    assert numbers() == []


def test_nearest_first_and_no_more_than_asked(file_case: Filer) -> None:
    further = file_case(point=NEAR)
    nearest = file_case(point=HERE)
    assert numbers() == [nearest.number, further.number]
    assert numbers(limit=1) == [nearest.number]


def test_a_closed_case_counts_for_the_services_days(file_case: Filer, worker: Actor) -> None:
    case = file_case(point=NEAR)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    assert numbers() == [case.number]
    days = book().services["POTHOLE"].duplicate_days
    assert numbers(now=timezone.now() + timedelta(days=days, minutes=1)) == []


def test_a_duplicate_is_represented_by_the_case_it_repeats(file_case: Filer, worker: Actor) -> None:
    first, repeat = file_case(point=NEAR), file_case(point=HERE)
    links.mark_duplicate(case_id=repeat.pk, of_number=first.number, actor=worker)
    assert numbers() == [first.number]


def test_it_costs_two_queries_however_many_there_are(
    file_case: Filer, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(12):
        file_case(point=NEAR)
    numbers()
    with django_assert_num_queries(2):
        numbers()
