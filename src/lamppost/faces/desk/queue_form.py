"""The fields that narrow the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lamppost.cases.selectors.queue import DueFilter
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import ALL, ME, MINE, NOBODY, Asked
from lamppost.faces.desk.frame import localized
from lamppost.people.absences import Away
from lamppost.people.actors import Actor
from lamppost.people.models import Team, User
from lamppost.people.permissions import ALL_DEPARTMENTS
from lamppost.people.teams import ShownTeam
from lamppost.places.selectors import areas_to_choose

_MAX_AREAS = 300


def filters_of(place: Asked, actor: Actor, teams: Sequence[ShownTeam]) -> list[dict[str, Any]]:
    """Return the fields that narrow the queue, as they stand now; ``teams`` can be chosen."""
    fields = Fields("filter", Typed())
    values = place.values
    shown = [
        fields.select("state", _("Status"), _states(), default=values["state"]),
        fields.select("service", _("Service"), _services(place), default=values["service"]),
        fields.select("assignee", _("Assigned to"), _assignees(place), default=values["assignee"]),
        fields.select("due", _("Due"), _dues(), default=values["due"]),
    ]
    if teams:
        shown.insert(2, fields.select("team", _("Team"), _teams(teams), default=values["team"]))
    areas = _areas()
    if areas:
        shown.append(fields.select("area", _("Area"), areas, default=values["area"]))
    shown.append(fields.select("hazard", _("Hazard"), _hazard(), default=values["hazard"]))
    shown.append(
        fields.text("q", _("Number, address or words"), kind="search", default=values["q"])
    )
    if actor.role in ALL_DEPARTMENTS:
        chosen = values["department"] or _own_code(actor)
        shown.insert(
            0, fields.select("department", _("Department"), _departments(), default=chosen)
        )
    return shown


def _states() -> list[tuple[str, str]]:
    states = (State.RECEIVED, State.OPEN, State.WAITING)
    return [("", _("Any")), *((state.value, str(state.label)) for state in states)]


def _services(place: Asked) -> list[tuple[str, str]]:
    wanted = place.wanted.department_id
    names = sorted(
        (localized(entry.name), entry.code)
        for entry in book().services.values()
        if wanted is None or entry.department_id == wanted or entry.id == place.wanted.service_id
    )
    return [("", _("Any")), *((code, name) for name, code in names)]


def _teams(teams: Sequence[ShownTeam]) -> list[tuple[str, str]]:
    mine = [(MINE, _("My teams"))] if any(team.is_mine for team in teams) else []
    named = [(str(team.pk), team_name(team)) for team in teams]
    return [("", _("Any")), *mine, *named, (NOBODY, _("No team"))]


def team_name(team: Team | ShownTeam) -> str:
    """Return the name of a team in the language of the page."""
    return localized(team.name) or team.code


def _assignees(place: Asked) -> list[tuple[str, str]]:
    choices = [("", _("Anybody")), (ME, _("Me")), (NOBODY, _("Nobody"))]
    asked_for = place.values["assignee"]
    if asked_for not in dict(choices):  # somebody's cases, reached by a link that names them
        choices.append((asked_for, _("The person chosen")))
    return choices


def _dues() -> list[tuple[str, str]]:
    return [
        ("", _("Any time")),
        (DueFilter.OVERDUE.value, _("Overdue")),
        (DueFilter.TODAY.value, _("Today")),
        (DueFilter.WEEK.value, _("Within 7 days")),
        (DueFilter.PAUSED.value, _("Paused")),
        (DueFilter.NONE.value, _("No due date")),
    ]


def _hazard() -> list[tuple[str, str]]:
    return [("", _("Any")), ("1", _("Hazards only"))]


def _departments() -> list[tuple[str, str]]:
    names = [(entry.code, localized(entry.name)) for entry in book().departments.values()]
    return [(ALL, _("All departments")), *names]


def _areas() -> list[tuple[str, str]]:
    found = [
        (str(one.area_id), f"{localized(one.kind_name)}: {localized(one.name) or one.code}")
        for one in areas_to_choose()[:_MAX_AREAS]
    ]
    return [("", _("Any")), *found] if found else []


def _own_code(actor: Actor) -> str:
    entry = book().departments.get(actor.department_id or 0)
    return entry.code if entry else ALL


def with_absence(user: User, away: Mapping[int, Away]) -> str:
    """Return a person's name for a list to choose from, with how long they are away."""
    if user.pk not in away:
        return str(user)
    day = date_format(away[user.pk].until, "SHORT_DATE_FORMAT")
    return _("%(name)s (away until %(day)s)") % {"name": user, "day": day}
