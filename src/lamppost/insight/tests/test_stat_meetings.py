"""Stat meetings: figures entered, the five sections, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.insight.choices import GroupKind, Section
from lamppost.insight.models import (
    StatFigure,
)
from lamppost.insight.period import Period, Quarter
from lamppost.insight.selectors.stat import entered_figures, stat_figures
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.stat import enter_figure
from lamppost.insight.tests.scene import at, tell
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.models import Absence, Department

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


# -- stat meetings


def test_a_figure_entered_again_replaces_it_and_keeps_the_first(
    city: City, director: Actor
) -> None:
    quarter = Quarter(2026, 3, 1)
    for actual in ("3.39", "2.20"):
        enter_figure(
            quarter=quarter, section="budget", name="Cost per contact", unit="USD",
            target=Decimal("2"), actual=Decimal(actual), note="", actor=director,
        )  # fmt: skip
    [shown] = entered_figures(quarter.period)
    assert (shown.actual, shown.entered_by_id) == (Decimal("2.2000"), director.user_id)
    assert StatFigure.objects.count() == 2
    assert entered_figures(quarter.before.period) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        StatFigure.objects.update(actual=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"section": "evidence"}, "section"),
        ({"name": ""}, "name"),
        ({"actual": None}, "actual"),
        ({"actual": Decimal(10) ** 20}, "actual"),
    ],
)
def test_what_a_figure_needs(
    changes: dict[str, Any], field: str, city: City, director: Actor
) -> None:
    fields: dict[str, Any] = {
        "quarter": Quarter(2026, 3, 1), "section": "budget", "name": "x", "unit": "",
        "target": None, "actual": Decimal(1), "note": "", "actor": director,
    }  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        enter_figure(**(fields | changes))
    assert [one.field for one in refusal.value.problems] == [field]


def test_the_five_sections(
    file_case: FileCase, actor: MakeActor, manager: Actor, director: Actor
) -> None:
    tell(file_case, actor)
    file_case(service_code="QUESTION", answers={}, point=None, requested_at=at(3))
    refresh()
    period = Period(date(2024, 4, 1), date(2024, 6, 30))
    Absence.objects.create(
        user_id=manager.user_id, first_day=date(2024, 6, 28), last_day=date(2024, 7, 5),
        created_at=timezone.now(),
    )  # fmt: skip
    found = {
        (one.section, one.measure, one.group_kind, one.group_code): one.value
        for one in stat_figures(period, now=timezone.now())
    }
    whole, streets = (GroupKind.WHOLE, ""), (GroupKind.DEPARTMENT, "streets")
    assert found[Section.OPERATIONS, "received", *whole] == 10
    assert found[Section.OPERATIONS, "on_time", *streets] == Decimal("0.6667")
    # Open: the overdue one, the paused one, the waived one and the tree.
    assert found[Section.OPERATIONS, "backlog", *whole] == 4
    assert found[Section.OPERATIONS, "backlog", *streets] == 3
    assert found[Section.OPERATIONS, "backlog_overdue", *whole] == 1
    assert found[Section.OPERATIONS, "backlog_old", *whole] == 4
    assert found[Section.STAFF, "workers", *streets] == 1
    assert found[Section.STAFF, "open_per_worker", *streets] == 3
    assert found[Section.STAFF, "absent_days", *streets] == 3  # 28 to 30 June
    assert found[Section.TECHNOLOGY, "channel_share", GroupKind.CHANNEL, "web"] == 1
    assert found[Section.SERVICE, "language_share", GroupKind.LANGUAGE, "es"] == Decimal("0.1000")
    assert found[Section.SERVICE, "questions", *whole] == 1
    assert found[Section.SERVICE, "reopened", *whole] == Decimal("0.1667")
    assert not [key for key in found if key[0] is Section.BUDGET]


def test_costs_the_same_for_many_departments(
    city: City, django_assert_max_num_queries: Any
) -> None:
    period = Period(date(2024, 4, 1), date(2024, 6, 30))
    stat_figures(period, now=timezone.now())
    with django_assert_max_num_queries(34):
        stat_figures(period, now=timezone.now())
    parks = Department.objects.get(code="parks")
    for number in range(20):
        Service.objects.create(
            code=f"S{number}", name={"en": "x"}, department=parks,
            group=Service.objects.all()[0].group,
        )  # fmt: skip
    with django_assert_max_num_queries(34):
        stat_figures(period, now=timezone.now())
