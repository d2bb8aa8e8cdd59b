"""The queue: what stands where, how it is narrowed, what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.selectors.queue import (
    DueFilter,
    Position,
    QueueFilter,
    neighbors,
    queue_counts,
    queue_page,
)
from lamppost.cases.services.lifecycle import close, move
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _numbers(response: object) -> list[str]:
    return re.findall(r"data-open href=\"[^\"]*/cases/(\d+)/", response.content.decode())  # type: ignore[attr-defined]


def _due(case: Case, **delta: float) -> Case:
    due = timezone.now() + timedelta(**delta)
    Case.objects.filter(pk=case.pk).update(due_at=due)
    case.due_at = due
    return case


def _streets() -> int:
    return Department.objects.get(code="streets").pk


def test_overdue_first_then_by_due_time_and_without_one_last(
    worker_client: Client, file_case: FileCase
) -> None:
    later, overdue, timeless, soon = (file_case() for _ in range(4))
    _due(later, days=3)
    _due(overdue, days=-2)
    _due(soon, hours=2)
    Case.objects.filter(pk=timeless.pk).update(due_at=None)

    response = worker_client.get("/desk/")

    assert response.status_code == 200
    assert _numbers(response) == [case.number for case in (overdue, soon, later, timeless)]
    assert "Overdue by 2 days" in response.content.decode()
    assert "No due date" in response.content.decode()


def test_other_departments_and_closed_cases_are_not_in_it(
    worker_client: Client, file_case: FileCase
) -> None:
    mine = file_case()
    file_case(service_code="TREE", answers={})
    assert _numbers(worker_client.get("/desk/")) == [mine.number]


def test_a_role_of_all_departments_chooses(
    signed_in: Callable[..., Client], file_case: FileCase
) -> None:
    pothole, tree = file_case(), file_case(service_code="TREE", answers={})
    client = signed_in(Role.SUPERVISOR, "center")

    assert _numbers(client.get("/desk/")) == []
    assert set(_numbers(client.get("/desk/?department=all"))) == {pothole.number, tree.number}
    assert _numbers(client.get("/desk/?department=parks")) == [tree.number]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("due=overdue", {"overdue"}),
        ("due=today", {"today"}),
        ("due=week", {"today", "week"}),
        ("due=paused", {"paused"}),
        ("due=none", {"timeless"}),
        ("state=waiting", {"paused"}),
        ("service=POTHOLE&due=overdue", {"overdue"}),
        ("service=TREE", set()),
        ("assignee=me", {"week"}),
        ("assignee=none", {"overdue", "today", "paused", "timeless"}),
        ("hazard=1", {"today"}),
        ("q=Elm", {"overdue"}),
        ("q=%25", set()),
    ],
)
def test_filters(
    query: str,
    expected: set[str],
    worker_client: Client,
    file_case: FileCase,
    actor: Callable[..., Actor],
) -> None:
    cases = {
        "overdue": _due(file_case(address="12 Elm Street"), days=-1),
        "today": file_case(answers={"WHERE": ("cave-in",)}),
        "week": _due(file_case(), days=6),
        "paused": file_case(),
        "timeless": file_case(),
    }
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59)
    Case.objects.filter(pk=cases["today"].pk).update(due_at=midnight)
    Case.objects.filter(pk=cases["timeless"].pk).update(due_at=None)
    Case.objects.filter(pk=cases["week"].pk).update(assignee=worker_client.user)  # type: ignore[attr-defined]
    colleague = actor(Role.WORKER, "streets", "other")
    for status in ("in-progress", "waiting-weather"):
        move(case_id=cases["paused"].pk, status_code=status, actor=colleague, note="Rain")

    found = _numbers(worker_client.get(f"/desk/?{query}"))

    assert set(found) == {cases[name].number for name in expected}


@pytest.mark.parametrize(
    "query",
    [
        "state=closed", "state=x", "service=NOPE", "assignee=x", "due=never", "area=1e9",
        "area=99999999999999999999", "after=x", "after=1-x", "after=999999999999999999-1",
        "before=-", "department=nowhere", "q=" + "x" * 201, "service=%00", "q=%00",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused_in_words(query: str, worker_client: Client) -> None:
    response = worker_client.get(f"/desk/?{query}")
    expected = 200 if query in {"service=%00", "q=%00"} else 400
    assert response.status_code == expected


def test_pages_follow_each_other_without_gap_or_repeat(file_case: FileCase, worker: Actor) -> None:
    """Many cases share one due time, as business days end together; some have none."""
    together = timezone.now() + timedelta(days=1)
    cases = [file_case() for _ in range(9)]
    for place, case in enumerate(cases):
        due = None if place >= 6 else together
        Case.objects.filter(pk=case.pk).update(due_at=due)
    wanted = QueueFilter(department_id=_streets())

    forward: list[int] = []
    position = None
    while True:
        page = queue_page(wanted, after=position, size=2)
        forward += [case.pk for case in page.cases]
        if page.after is None:
            break
        position = page.after
    back: list[int] = []
    position = page.before
    while position is not None:
        page = queue_page(wanted, before=position, size=2)
        back = [case.pk for case in page.cases] + back
        position = page.before

    assert forward == [case.pk for case in cases]
    assert back == forward[: len(back)]
    assert len(back) == 8


def test_a_position_survives_its_spelling() -> None:
    place = Position(timezone.now(), 12)
    assert Position.parse(str(place)) == place
    assert Position.parse(str(Position(None, 3))) == Position(None, 3)


def test_neighbors_by_place_even_after_leaving_the_queue(
    file_case: FileCase, worker: Actor
) -> None:
    first, second, third = (_due(file_case(), hours=hours) for hours in (1, 2, 3))
    wanted = QueueFilter(department_id=_streets())
    assert neighbors(wanted, second) == (first.number, third.number)
    close(case_id=second.pk, outcome_code="done", text="Filled", actor=worker)
    assert neighbors(wanted, second) == (first.number, third.number)
    assert neighbors(wanted, third) == (first.number, "")


def test_counts_of_the_tabs(file_case: FileCase, worker: Actor) -> None:
    _due(file_case(), days=-1)
    Case.objects.filter(pk=file_case().pk).update(assignee=worker.user_id)
    counts = queue_counts(QueueFilter(department_id=_streets()), user_id=worker.user_id)
    assert (counts.total, counts.overdue, counts.unassigned, counts.mine) == (2, 1, 1, 1)
    assert not counts.is_capped


def test_the_page_costs_the_same_for_5_and_for_300_cases(
    worker_client: Client, file_case: FileCase
) -> None:
    for _ in range(5):
        file_case()

    def cost() -> int:
        worker_client.get("/desk/")  # the catalog is read once, the city's row every few seconds
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert worker_client.get("/desk/").status_code == 200
        return len([one for one in queries if "SAVEPOINT" not in one["sql"]])

    few = cost()
    rows = list(Case.objects.all())
    template = rows[0]
    for number in range(295):
        template.pk, template.number = None, f"x{number}"
        template.save(force_insert=True)
    assert Case.objects.count() == 300
    assert cost() == few
    assert few <= 9


@pytest.mark.parametrize("due", [None, *DueFilter])
def test_the_database_answers_from_the_index(due: DueFilter | None, file_case: FileCase) -> None:
    case = file_case()
    with connection.cursor() as cursor:
        columns = [
            str(field.column) for field in Case._meta.concrete_fields if field.column != "id"
        ]
        values = ", ".join(
            {"number": "'n' || g", "due_at": "now() + (g - 5000) * interval '1 minute'",
             "department_id": f"CASE WHEN mod(g, 10) = 0 THEN {case.department_id} ELSE "
                              f"{Department.objects.get(code='parks').pk} END"}.get(name, name)
            for name in columns
        )  # fmt: skip
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) "
            f"SELECT {values} FROM cases_case, generate_series(1, 20000) g "
            f"WHERE id = {case.pk}"
        )
        cursor.execute("ANALYZE cases_case")
    with CaptureQueriesContext(connection) as queries:
        queue_page(QueueFilter(department_id=case.department_id, due=due))
    sql = next(one["sql"] for one in queries if "LIMIT 51" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert any(name in plan for name in ("case_queue", "case_due", "case_overdue"))
    assert "Seq Scan on cases_case" not in plan
