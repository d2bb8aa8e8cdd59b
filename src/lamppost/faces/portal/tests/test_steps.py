"""What the public reads of the work within a case: labels and states, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lamppost.cases.models import Case
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.models import Department
from lamppost.work.models import WorkItem
from lamppost.work.services.adding import NewItem, add_item
from lamppost.work.services.items import drop, finish, start

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _page(case: Case, prefix: str = "") -> str:
    response: Any = Client(HTTP_HOST="springfield.example").get(f"{prefix}/requests/{case.number}/")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def _add(case: Case, title: str, label: str, department: str = "parks") -> WorkItem:
    new = NewItem(
        department_id=Department.objects.get(code=department).pk,
        title=title,
        note="Secret note",
        public_label=label,
        checklist=("Secret line",),
    )
    return add_item(case_id=case.pk, new=new, actor=SYSTEM)


def test_nothing_is_shown_of_work_without_a_label(file_case: FileCase) -> None:
    case = file_case()
    _add(case, "Secret title", "")
    page = _page(case)
    assert "Step 1" not in page
    assert "Secret" not in page


def test_one_case_shows_two_steps_and_where_they_stand(
    file_case: FileCase, actor: Callable[..., Actor]
) -> None:
    case = file_case()
    first = _add(case, "Secret title", "The pipe is checked")
    _add(case, "Secret too", "The street is filled", "streets")
    _add(case, "Secret third", "")
    dropped = _add(case, "Secret fourth", "Never happens")
    drop(item_id=dropped.pk, reason="Secret reason", actor=SYSTEM)
    first.checklist.update(is_required=False)
    start(item_id=first.pk, actor=SYSTEM)
    assert 'Step 1 of 2: <span dir="auto">The pipe is checked</span>' in _page(case)
    assert "Under way" in _page(case)
    finish(item_id=first.pk, actor=SYSTEM)
    page = _page(case)
    assert re.search(r"Step 1 of 2:.*?Done.*?Parks.*?Step 2 of 2:.*?To do.*?Streets", page)
    assert "Secret" not in page
    assert "Never happens" not in page


def test_a_step_is_read_in_the_visitor_s_language(file_case: FileCase) -> None:
    case = file_case()
    item = _add(case, "x", "The pipe is checked")
    item.public_label = {"en": "The pipe is checked", "es": "Se revisa la tubería"}
    item.save(update_fields=["public_label"])
    assert "Se revisa la tubería" in _page(case, "/es")


def test_a_limited_case_shows_no_steps(file_case: FileCase) -> None:
    case = file_case()
    _add(case, "x", "The pipe is checked")
    Case.objects.filter(pk=case.pk).update(visibility="limited")
    assert "The pipe is checked" not in _page(case)


def test_steps_cost_one_query_however_many(file_case: FileCase) -> None:
    case = file_case()
    _page(case)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            _page(case)
        return sum("work_workitem" in query["sql"] for query in queries)

    assert cost() == 1
    for number in range(5):
        _add(case, "x", f"Step {number}")
    assert cost() == 1
