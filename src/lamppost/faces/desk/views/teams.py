"""Teams of a department, the next case of one's own, and offers taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.services.assignment import take_next
from lamppost.cases.services.transfers import take_back_offer
from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import ME
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import Permission, may, require
from lamppost.people.teams import (
    department_people,
    managed_team,
    managed_teams,
    members_of,
    save_team,
)

_NAMED = ("name", "code", "department", "members", "is_active")


@at_desk("POST")
def take(request: HttpRequest) -> HttpResponse:
    """Take the most urgent case nobody has and go to it."""
    case = take_next(actor=actor_at(request))
    if case is None:
        messages.info(request, _("Nothing waits for somebody to take it."))
        return HttpResponseRedirect(reverse("desk:queue") + "?show=all")
    messages.success(request, _("This case is yours now."))
    return HttpResponseRedirect(reverse("desk:case", args=[case.number]) + f"?assignee={ME}")


@at_desk("POST")
def take_back(request: HttpRequest, transfer_id: str) -> HttpResponse:
    """End an offer of one's own department."""
    take_back_offer(transfer_id=int(transfer_id), actor=actor_at(request))
    messages.success(request, _("The offer is taken back."))
    return HttpResponseRedirect(reverse("desk:transfers"))


@at_desk("GET", "HEAD")
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams whose people one manages."""
    actor = actor_at(request)
    rows = [
        {
            "team": team,
            "name": localized(team.name) or team.code,
            "department": name_of_department(team.department_id),
            "url": reverse("desk:team", args=[team.pk]),
            "queue_url": f"{reverse('desk:queue')}?team={team.pk}",
            "count": team.people,
        }
        for team in managed_teams(actor)
    ]
    context = {
        **frame(actor, here="teams"),
        "rows": rows,
        "shows_departments": may(actor, Permission.CITY_ADMIN),
    }
    return render(request, "desk/teams.html", context)


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    actor = actor_at(request)
    require(actor, Permission.TEAM_MANAGE)
    department_id = actor.department_id
    if may(actor, Permission.CITY_ADMIN):
        asked = id_in(request.POST or request.GET, "department")
        department_id = asked if asked in book().departments else department_id
    return _form(request, actor, None, department_id)


@at_desk("GET", "HEAD", "POST")
def edit(request: HttpRequest, team_id: str) -> HttpResponse:
    """Change a team: its name, its people, whether it still exists."""
    actor = actor_at(request)
    team = managed_team(int(team_id), actor=actor)
    return _form(request, actor, team, team.department_id)


def _form(
    request: HttpRequest, actor: Actor, team: Team | None, department_id: int | None
) -> HttpResponse:
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            _save(request.POST, actor, team, department_id)
        except (Invalid, Conflict) as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("The team is saved."))
            return HttpResponseRedirect(reverse("desk:teams"))
    context = {
        **frame(actor, here="teams"),
        "team": team,
        "title": (localized(team.name) or team.code) if team else _("New team"),
        "department": name_of_department(department_id),
        "department_id": department_id,
        "departments": _departments(actor) if team is None else [],
        "fields": _fields(team, department_id, typed),
        "errors": typed.other_errors(_NAMED),
    }
    return render(request, "desk/team.html", context, status=status)


def _save(data: QueryDict, actor: Actor, team: Team | None, department_id: int | None) -> None:
    save_team(
        actor=actor,
        name=data.get("name", ""),
        language=get_language() or "en",
        members={int(text) for text in data.getlist("members") if _is_id(text)},
        team_id=team.pk if team else None,
        department_id=department_id,
        code=data.get("code", ""),
        is_active=bool(data.get("is_active")) if team else True,
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _fields(team: Team | None, department_id: int | None, typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("team", typed)
    people = department_people(department_id) if department_id is not None else []
    if typed.data:
        chosen = typed.data.getlist("members")
    else:
        chosen = [str(user.pk) for user in members_of(team.pk)] if team else []
    name = localized(team.name) if team else ""
    shown = [fields.text("name", _("Name"), default=name, required=True, attrs={"maxlength": 100})]
    if team is None:
        hint = _("Small letters and digits, such as “north-yard”. It stays as it is.")
        attrs = {"maxlength": 63, "dir": "ltr", "autocapitalize": "none"}
        shown.append(fields.text("code", _("Code"), required=True, hint=hint, attrs=attrs))
    members = {
        **fields.text("members", _("People"), kind="checkboxes"),
        "choices": [(str(user.pk), str(user)) for user in people],
        "value": chosen,
    }
    shown.append(members)
    if team is not None:
        shown.append(fields.box("is_active", _("The team takes cases"), checked=team.is_active))
    return shown


def _departments(actor: Actor) -> list[tuple[str, str]]:
    if not may(actor, Permission.CITY_ADMIN):
        return []
    return [
        (str(one.id), localized(one.name)) for one in book().departments.values() if one.is_active
    ]
