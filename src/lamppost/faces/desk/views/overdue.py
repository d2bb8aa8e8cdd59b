"""The overdue board: how many cases are late, with whom, and which wait longest."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.selectors.overdue import Board, Late, longest_overdue, overdue_board
from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import ALL, asked
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.rows import rows_of
from lamppost.people.permissions import Permission, may
from lamppost.people.teams import teams_of


@at_desk("GET", "HEAD")
def overdue(request: HttpRequest) -> HttpResponse:
    """Show one department's late cases, or the whole city's to who may read all."""
    actor = actor_at(request)
    sent = request.GET.copy()
    if not sent.get("department") and may(actor, Permission.CASE_READ_ALL):
        sent["department"] = ALL
    place = asked(sent, actor)
    department_id = place.wanted.department_id
    board = overdue_board(department_id)
    context = {
        **frame(actor, here="overdue"),
        "total": board.total,
        "name": name_of_department(department_id) or _("All departments"),
        "tables": _tables(board, department_id),
        "rows": rows_of(longest_overdue(department_id), query="?due=overdue"),
        "shows_departments": department_id is None,
        "filters": _filters(place.values["department"])
        if may(actor, Permission.CASE_READ_ALL)
        else [],
    }
    return render(request, "desk/overdue.html", context)


def _tables(board: Board, department_id: int | None) -> list[dict[str, Any]]:
    tables = []
    if department_id is None:
        tables.append(_table("departments", _("By department"), _departments(board)))
    teams = _teams(board, department_id)
    if teams:
        tables.append(_table("teams", _("By team"), teams))
    tables.append(_table("services", _("By service"), _services(board, department_id)))
    return [table for table in tables if table["lines"]]


Line = tuple[str, Late, dict[str, str]]


def _table(code: str, title: str, lines: list[Line]) -> dict[str, Any]:
    """Lines with the worst on top, each linked to the cases behind its figure."""
    worst = sorted(lines, key=lambda line: (-line[1].overdue, -line[1].soon, line[0]))
    return {
        "code": code,
        "title": title,
        "lines": [
            {"name": name, "late": late, "url": _queue(**query)} for name, late, query in worst
        ],
    }


def _departments(board: Board) -> list[Line]:
    departments = book().departments
    return [
        (localized(departments[pk].name), late, {"department": departments[pk].code})
        for pk, late in board.departments.items()
    ]


def _teams(board: Board, department_id: int | None) -> list[Line]:
    named = {team.pk: team for team in teams_of(department_id)}
    if not named:
        return []
    departments = book().departments
    lines: list[Line] = []
    for (department, pk), late in board.teams.items():
        code = departments[department].code
        team = named.get(pk)
        if team is not None:
            name, query = localized(team.name) or team.code, {"team": str(pk)}
        elif department_id is not None:
            name, query = _("No team"), {"team": "none"}
        else:
            continue
        if department_id is None:
            name = f"{localized(departments[department].name)}: {name}"
        lines.append((name, late, {"department": code, **query}))
    return lines


def _services(board: Board, department_id: int | None) -> list[Line]:
    services, departments = book().services_by_id, book().departments
    scope = departments[department_id].code if department_id is not None else ALL
    return [
        (localized(services[pk].name), late, {"department": scope, "service": services[pk].code})
        for pk, late in board.services.items()
    ]


def _queue(**query: str) -> str:
    return f"{reverse('desk:queue')}?{urlencode({**query, 'due': 'overdue'})}"


def _filters(chosen: str) -> list[dict[str, Any]]:
    names = [(entry.code, localized(entry.name)) for entry in book().departments.values()]
    choices = [(ALL, _("All departments")), *names]
    return [
        Fields("board", Typed()).select(
            "department", _("Department"), choices, default=chosen or ALL
        )
    ]
