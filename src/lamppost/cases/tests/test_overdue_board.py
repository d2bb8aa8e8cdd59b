"""The overdue board: what counts as what, and that the database answers from the index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.selectors.overdue import Late, longest_overdue, overdue_board
from lamppost.cases.services.lifecycle import close
from lamppost.people.actors import Actor
from lamppost.people.models import Department, Team

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


@pytest.mark.parametrize(
    ("hours", "changes", "late", "why"),
    [
        (-1, {}, Late(0, 1, 0), "an hour ago"),
        (0, {}, Late(1, 0, 0), "due exactly now is not late: late means strictly after"),
        (1, {}, Late(1, 0, 0), "in an hour"),
        (23.9, {}, Late(1, 0, 0), "within a day"),
        (24, {}, Late(0, 0, 0), "in a day exactly"),
        (-168, {}, Late(0, 1, 0), "seven days exactly"),
        (-168.1, {}, Late(0, 1, 1), "more than seven days"),
        (-1, {"is_paused": True}, Late(), "its clock stands still"),
        (None, {"due_at": None}, Late(), "nothing was promised"),
    ],
)
def test_what_counts_as_what(
    hours: float | None, changes: dict[str, object], late: Late, why: str, file_case: FileCase
) -> None:
    now = timezone.now()
    case = file_case()
    due = {} if hours is None else {"due_at": now + timedelta(hours=hours)}
    Case.objects.filter(pk=case.pk).update(**(due | changes))
    board = overdue_board(None, now=now)
    assert board.total == late, why
    assert board.departments.get(case.department_id, Late()) == late
    assert bool(longest_overdue(None, now=now)) == bool(late.overdue)


def test_by_department_team_and_service(file_case: FileCase, worker: Actor) -> None:
    hole, crews, tree, done = (
        file_case(), file_case(), file_case(service_code="TREE", answers={}), file_case(),
    )  # fmt: skip
    crew = Team.objects.create(department_id=hole.department_id, code="crew", name={"en": "Crew"})
    Case.objects.update(due_at=timezone.now() - timedelta(days=1))
    Case.objects.filter(pk=tree.pk).update(due_at=timezone.now() - timedelta(days=9))
    Case.objects.filter(pk=crews.pk).update(team=crew)
    close(case_id=done.pk, outcome_code="done", text="Done", actor=worker)
    board = overdue_board(None)
    assert board.total == Late(0, 3, 1)
    assert board.departments == {
        hole.department_id: Late(0, 2, 0), tree.department_id: Late(0, 1, 1),
    }  # fmt: skip
    assert board.teams[hole.department_id, crew.pk] == Late(0, 1, 0)
    assert board.teams[hole.department_id, 0] == Late(0, 1, 0)
    assert board.services == {hole.service_id: Late(0, 2, 0), tree.service_id: Late(0, 1, 1)}
    assert [case.pk for case in longest_overdue(None)] == [tree.pk, hole.pk, crews.pk]
    own = overdue_board(hole.department_id)
    assert (own.total, list(own.departments)) == (Late(0, 2, 0), [hole.department_id])


# Those of open cases alone; which of them, the planner finds out that day.
_OPEN_ONES = ("case_overdue", "case_due", "case_queue")


@pytest.mark.parametrize("own", [False, True])
def test_the_database_answers_from_an_index(own: bool, file_case: FileCase) -> None:
    """30,000 cases, 1 in 10 open: what is closed costs nothing."""
    case = file_case()
    with connection.cursor() as cursor:
        columns = [str(one.column) for one in Case._meta.concrete_fields if one.column != "id"]
        parks = Department.objects.get(code="parks").pk
        done = "(SELECT id FROM catalog_outcome WHERE code = 'done')"
        values = ", ".join(
            {"number": "'n' || g",
             "due_at": "now() + (mod(g, 9000) - 8000) * interval '1 minute'",
             "department_id": f"CASE WHEN mod(g, 3) = 0 THEN {case.department_id} ELSE {parks} END",
             "state": "CASE WHEN mod(g, 10) = 0 THEN 'open' ELSE 'closed' END",
             "closed_at": "CASE WHEN mod(g, 10) = 0 THEN NULL ELSE now() END",
             "outcome_id": f"CASE WHEN mod(g, 10) = 0 THEN NULL ELSE {done} END",
             }.get(name, name)
            for name in columns
        )  # fmt: skip
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {values} "
            f"FROM cases_case, generate_series(1, 30000) g WHERE id = {case.pk}"
        )
        cursor.execute("ANALYZE cases_case")
    department_id = case.department_id if own else None
    with CaptureQueriesContext(connection) as queries:
        board = overdue_board(department_id)
        oldest = longest_overdue(department_id)
    assert board.total.overdue > 500
    assert len(oldest) == 20
    plans = []
    for sql in [one["sql"] for one in queries if one["sql"].lstrip().startswith("SELECT")]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    counts, rows = plans
    # Straight from the index or by a bitmap of it.
    assert any(f" {name} " in counts or f" {name}\n" in counts for name in _OPEN_ONES), counts
    assert "Seq Scan on cases_case" not in counts + rows
    assert any(f"using {name}" in rows for name in _OPEN_ONES)
