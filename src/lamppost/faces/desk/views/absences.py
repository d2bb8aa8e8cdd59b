"""Who is away and who stands in; what they left goes to somebody else."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.selectors.assigned import AbsentHolder, absent_holders, cases_of
from lamppost.cases.services.bulk import MAX_BULK, bulk_assign
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.people.absences import absences_for, end_absence, enter_absence, today
from lamppost.people.actors import Actor
from lamppost.people.models import Absence
from lamppost.people.permissions import Permission, may
from lamppost.people.teams import department_people, require_manager

_NAMED = ("user", "first_day", "last_day", "covered_by")


@at_desk("GET", "HEAD", "POST")
def absences(request: HttpRequest) -> HttpResponse:
    """List who is and will be away, and note another absence."""
    actor = actor_at(request)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            _enter(request, actor)
        except (Invalid, Conflict) as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("The absence is noted. It ends by itself."))
            return HttpResponseRedirect(reverse("desk:absences"))
    manages = _manages(actor)
    context = {
        **frame(actor, here="absences"),
        "rows": [_row(one) for one in absences_for(actor)],
        "fields": _fields(actor, manages, typed),
        "errors": typed.other_errors(_NAMED),
        "manages": manages,
        "holders": [_holder(one) for one in absent_holders(actor.department_id)]
        if manages and actor.department_id is not None
        else [],
    }
    return render(request, "desk/absences.html", context, status=status)


@at_desk("POST")
def end(request: HttpRequest, absence_id: str) -> HttpResponse:
    """Take an absence back, or end it now."""
    end_absence(absence_id=int(absence_id), actor=actor_at(request))
    messages.success(request, _("They are back."))
    return HttpResponseRedirect(reverse("desk:absences"))


@at_desk("POST")
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give the open cases of somebody who is away to their cover, or back to the queue."""
    actor = actor_at(request)
    require_manager(actor, actor.department_id)
    holders = absent_holders(actor.department_id or 0)
    holder = next((one for one in holders if one.user.pk == id_in(request.POST, "user")), None)
    if holder is None:
        raise Conflict(_("This person is not away, or has no open cases any more."))
    to_cover = request.POST.get("to") == "cover"
    if to_cover and holder.away.cover is None:
        raise Conflict(_("Nobody stands in for this person."))
    cover_id = holder.away.cover.pk if to_cover and holder.away.cover else None
    mine = [
        case.pk for case in cases_of([holder.user.pk]) if case.department_id == actor.department_id
    ]
    result = bulk_assign(case_ids=mine[:MAX_BULK], user_id=cover_id, actor=actor)
    count = len(result.done)
    words = ngettext("%(count)d case was handed over.", "%(count)d cases were handed over.", count)
    messages.success(request, words % {"count": count})
    if result.refused:
        count = len(result.refused)
        words = ngettext("%(count)d case stayed: %(why)s", "%(count)d cases stayed: %(why)s", count)
        why = next(iter(result.refused.values()))
        messages.warning(request, words % {"count": count, "why": why})
    return HttpResponseRedirect(reverse("desk:absences"))


def _enter(request: HttpRequest, actor: Actor) -> None:
    problems: list[Problem] = []
    first = _day(request.POST.get("first_day", ""), "first_day", problems)
    last = _day(request.POST.get("last_day", ""), "last_day", problems)
    if problems:
        raise Invalid(problems)
    chosen = id_in(request.POST, "user") if request.POST.get("user") else actor.user_id
    cover = request.POST.get("covered_by", "")
    enter_absence(
        user_id=chosen or 0,
        first_day=first,
        last_day=last,
        covered_by_id=id_in(request.POST, "covered_by") if cover else None,
        actor=actor,
    )


def _day(text: str, field: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(Problem(field, _("Give a day, such as 2026-03-31.")))
        return None


def _manages(actor: Actor) -> bool:
    return may(actor, Permission.TEAM_MANAGE) and actor.department_id is not None


def _fields(actor: Actor, manages: bool, typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("absence", typed)
    people = [
        (str(user.pk), str(user))
        for user in (department_people(actor.department_id) if actor.department_id else [])
    ]
    shown = []
    if manages:
        shown.append(
            fields.select("user", _("Who is away"), people, default=str(actor.user_id or ""))
        )
    others = [one for one in people if manages or one[0] != str(actor.user_id)]
    day = today().isoformat()
    shown += [
        fields.text("first_day", _("First day"), kind="date", default=day, required=True),
        fields.text("last_day", _("Last day"), kind="date", required=True),
        fields.select(
            "covered_by",
            _("Who stands in"),
            [("", _("Nobody")), *others],
            hint=_("They see the open cases and get the notices too."),
        ),
    ]
    return shown


def _row(absence: Absence) -> dict[str, Any]:
    return {
        "absence": absence,
        "is_now": absence.first_day <= today(),
        "end_url": reverse("desk:absence_end", args=[absence.pk]),
    }


def _holder(holder: AbsentHolder) -> dict[str, Any]:
    return {
        "holder": holder,
        "queue_url": f"{reverse('desk:queue')}?assignee={holder.user.pk}",
    }
