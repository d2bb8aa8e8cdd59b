"""Inspections at the desk: everybody's rounds, one round, planning."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import cases_by_id, may_work
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.rows import row_of, rows_of
from lamppost.fieldwork.choices import InspectionState
from lamppost.fieldwork.selectors.rounds import (
    RoundCount,
    RoundStop,
    days_around,
    round_at_desk,
    rounds_on,
    today,
)
from lamppost.fieldwork.services.planning import (
    MAX_ROUND,
    Planned,
    cancel_inspection,
    plan_inspections,
)
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people.actors import Actor
from lamppost.people.models import Membership, Team, User
from lamppost.people.permissions import Permission, may, require


@at_desk("GET", "HEAD")
def inspections(request: HttpRequest) -> HttpResponse:
    """Show how far everybody's rounds of a day are."""
    actor = actor_at(request)
    day = _day_in(request.GET) or today()
    before, after = days_around(day, actor=actor)
    here = reverse("desk:inspections")
    context = {
        **frame(actor, here="tools"),
        "day": day,
        "is_today": day == today(),
        "rounds": [_count(one, day) for one in rounds_on(day, actor=actor)],
        "day_field": Fields("rounds", Typed()).text(
            "day", _("Day"), kind="date", default=day.isoformat()
        ),
        "newer_url": f"{here}?day={after.isoformat()}" if after else "",
        "older_url": f"{here}?day={before.isoformat()}" if before else "",
        "may_inspect": may(actor, Permission.CASE_WORK),
    }
    return render(request, "desk/inspections.html", context)


@at_desk("GET", "HEAD")
def one_round(request: HttpRequest) -> HttpResponse:
    """Show one inspector's or team's round of a day."""
    actor = actor_at(request)
    day = _day_in(request.GET) or today()
    team_id = id_in(request.GET, "team") or None
    inspector_id = None if team_id else id_in(request.GET, "inspector")
    stops = round_at_desk(day, actor=actor, inspector_id=inspector_id, team_id=team_id)
    context = {
        **frame(actor, here="tools"),
        "day": day,
        "name": _name_of(inspector_id, team_id) if stops else "",
        "stops": [_stop(stop, actor) for stop in stops],
        "back_url": f"{reverse('desk:inspections')}?day={day.isoformat()}",
    }
    return render(request, "desk/inspection_round.html", context)


@at_desk("POST")
def plan(request: HttpRequest) -> HttpResponse:
    """Put the chosen cases on somebody's round: first choose whose, then do it."""
    actor = actor_at(request)
    require(actor, Permission.CASE_WORK)
    ids = _cases_in(request.POST)
    cases = cases_by_id(ids, actor=actor)
    if not cases:
        raise Invalid(_("Choose at least one case."), field="case")
    if request.POST.get("stage") != "do":
        return render(request, "desk/plan_inspections.html", _choosing(cases, actor, Typed()))
    try:
        planned = _planned(request.POST, ids, actor)
    except Refusal as refusal:
        page = _choosing(cases, actor, Typed.of(request.POST, refusal))
        return render(request, "desk/plan_inspections.html", page, status=status_of(refusal))
    if planned.done:
        messages.success(request, _said(len(planned.done)))
    if not planned.refused:
        return HttpResponseRedirect(_back(cases))
    rows = {row.id: row for row in rows_of(cases)}
    refused = [{"row": rows.get(pk), "why": why} for pk, why in planned.refused.items()]
    page = {**frame(actor), "refused": refused, "queue_url": reverse("desk:queue")}
    return render(request, "desk/plan_refused.html", page, status=200 if planned.done else 409)


@at_desk("POST")
def cancel(request: HttpRequest, inspection_id: str) -> HttpResponse:
    """Take an inspection off its round."""
    inspection = cancel_inspection(inspection_id=int(inspection_id), actor=actor_at(request))
    messages.success(request, _("Taken off the round."))
    return HttpResponseRedirect(reverse("desk:case", args=[inspection.case.number]))


def _day_in(data: QueryDict) -> date | None:
    try:
        return date.fromisoformat(data.get("day", ""))
    except ValueError:
        return None


def _cases_in(data: QueryDict) -> list[int]:
    ids = [text for text in data.getlist("case") if text.isdecimal() and len(text) < 19]
    if len(ids) > MAX_ROUND:
        message = _("Choose at most %(limit)d cases at a time.") % {"limit": MAX_ROUND}
        raise Invalid(message, field="case")
    return list(dict.fromkeys(int(text) for text in ids))


def _planned(data: QueryDict, case_ids: list[int], actor: Actor) -> Planned:
    day = _day_in(data)
    if day is None:
        raise Invalid(_("Choose a day."), field="day")
    kind, _sep, number = data.get("whose", "").partition("-")
    row_id = int(number) if number.isdecimal() and len(number) < 19 else None
    return plan_inspections(
        case_ids=case_ids,
        on=day,
        actor=actor,
        inspector_id=row_id if kind == "user" else None,
        team_id=row_id if kind == "team" else None,
    )


def _choosing(cases: list[Case], actor: Actor, typed: Typed) -> dict[str, Any]:
    fields = Fields("plan", typed)
    departments = {case.department_id for case in cases}
    choices = [("", _("Choose")), *_people(departments), *_teams(departments)]
    shown = [
        fields.select("whose", _("Who inspects"), choices, required=True),
        fields.text("day", _("Day"), kind="date", default=today().isoformat(), required=True),
    ]
    return {
        **frame(actor),
        "fields": shown,
        "errors": typed.other_errors(["whose", "day"]),
        "case_ids": [case.pk for case in cases],
        "rows": rows_of(cases),
        "back_url": _back(cases),
    }


def _people(departments: set[int]) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(
        department_id__in=departments, is_active=True, user__is_active=True
    )
    found = rows.select_related("user").order_by("user__name", "user_id")
    return [(f"user-{row.user_id}", str(row.user)) for row in found if may_work(row)]


def _teams(departments: set[int]) -> list[tuple[str, str]]:
    rows = Team.objects.filter(department_id__in=departments, is_active=True)
    label = _("Team: %(name)s")
    return [(f"team-{row.pk}", label % {"name": localized(row.name) or row.code}) for row in rows]


def _back(cases: list[Case]) -> str:
    if len(cases) == 1:
        return reverse("desk:case", args=[cases[0].number])
    return reverse("desk:queue")


def _said(count: int) -> str:
    return ngettext("%(count)d inspection planned.", "%(count)d inspections planned.", count) % {
        "count": count
    }


def _count(one: RoundCount, day: date) -> dict[str, Any]:
    whose = f"team={one.team_id}" if one.team_id else f"inspector={one.inspector_id}"
    return {
        "name": localized(one.team_name) if one.team_id else one.inspector_name,
        "is_team": one.team_id is not None,
        "planned": one.planned,
        "done": one.done,
        "url": f"{reverse('desk:inspection_round')}?day={day.isoformat()}&{whose}",
    }


def _name_of(inspector_id: int | None, team_id: int | None) -> str:
    if team_id:
        team = Team.objects.filter(pk=team_id).first()
        return localized(team.name) if team else ""
    return str(User.objects.filter(pk=inspector_id or 0).first() or "")


def _stop(stop: RoundStop, actor: Actor) -> dict[str, Any]:
    is_planned = stop.inspection.state == InspectionState.PLANNED
    works = may(actor, Permission.CASE_WORK, department_id=stop.case.department_id)
    return {
        "inspection": stop.inspection,
        "record": stop.inspection.record,
        "row": row_of(stop.case),
        "department": name_of_department(stop.case.department_id),
        "may_cancel": is_planned and works,
    }
