"""Closings in doubt at the desk: the queue, one of them, the decision."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import RedressSource, RedressState
from lamppost.cases.models import Redress
from lamppost.cases.selectors.desk import case_for_desk
from lamppost.cases.selectors.redress import (
    Place,
    closing_sentences,
    decided_redresses,
    one_redress,
    open_redresses,
    words_of,
)
from lamppost.cases.services import redress as service
from lamppost.cases.services.locking import is_own_case
from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.cursors import place_in, place_text
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.rows import row_of
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


@at_desk("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for a decision, due first; with ``?show=decided`` what was decided."""
    actor = actor_at(request)
    require(actor, Permission.REDRESS_DECIDE)
    is_decided = request.GET.get("show") == "decided"
    place = place_in(request.GET, "after")
    after = Place(*place) if place else None
    listed = decided_redresses(after=after) if is_decided else open_redresses(after=after)
    words = words_of(listed.rows)
    asked = {"show": "decided"} if is_decided else {}
    here = reverse("desk:redress")
    older = f"{here}?{urlencode({**asked, 'after': place_text(listed.next)})}"
    context = {
        **frame(actor),
        "is_decided": is_decided,
        "tabs": [
            {"label": _("To decide"), "url": here, "current": not is_decided},
            {"label": _("Decided"), "url": f"{here}?show=decided", "current": is_decided},
        ],
        "rows": [_row(one, words.get(one.pk, "")) for one in listed.rows],
        "older_url": older if listed.next else "",
    }
    return render(request, "desk/redress.html", context)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, redress_id: str) -> HttpResponse:
    """Show one closing in doubt with everything needed to decide."""
    return _shown(request, int(redress_id), Typed())


@at_desk("POST")
def decide(request: HttpRequest, redress_id: str, decision: str) -> HttpResponse:
    """Send it back to the department, or let the result stand."""
    actor = actor_at(request)
    pk, text = int(redress_id), request.POST.get("text", "")
    try:
        if decision == "uphold":
            service.uphold(redress_id=pk, text=text, actor=actor)
            messages.success(request, _("Back to the department; it has been told."))
        else:
            service.refuse(redress_id=pk, text=text, actor=actor)
            messages.success(request, _("The result stands: the case is closed again."))
    except NotFound:
        raise
    except Refusal as refusal:
        return _shown(request, pk, Typed.of(request.POST, refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("desk:redress"))


@at_desk("POST")
def take_down(request: HttpRequest, number: str) -> HttpResponse:
    """Take down for a caller that a closed case is not fixed."""
    actor = actor_at(request)
    require(actor, Permission.CASE_FILE_FOR_OTHERS)
    case = case_for_desk(number, actor=actor)
    service.dispute(case_id=case.pk, text=request.POST.get("text", ""), actor=actor)
    messages.success(request, _("The case is open again. The 311 center looks at it."))
    return HttpResponseRedirect(reverse("desk:case", args=[case.number]))


def _shown(
    request: HttpRequest, redress_id: int, typed: Typed, *, status: int = 200
) -> HttpResponse:
    actor = actor_at(request)
    require(actor, Permission.REDRESS_DECIDE)
    found = one_redress(redress_id)
    if found is None:
        raise NotFound(_("This does not exist here."))
    field = Fields("redress", typed).area(
        "text",
        _("Your decision in a sentence"),
        required=True,
        hint=_("Everybody reads it: the resident, the department, the public."),
    )
    context = {
        **frame(actor),
        "one": _row(found, words_of([found]).get(found.pk, "")),
        "sentence": closing_sentences([found]).get(found.pk, ""),
        "field": field,
        "errors": typed.other_errors(["text"]),
        "bar": _bar(found, actor),
        "is_closer": actor.user_id == found.closed_by_id,
    }
    return render(request, "desk/redress_one.html", context, status=status)


def _bar(found: Redress, actor: Actor) -> str:
    """Why this person decides nothing here; '' when they may."""
    if actor.user_id is not None and actor.user_id == found.opened_by_id:
        return _("You took this down yourself: a colleague has to decide.")
    if is_own_case(found.case, actor):
        return _("You reported this case yourself: a colleague has to decide.")
    return ""


def _row(one: Redress, words: str) -> dict[str, Any]:
    return {
        "redress": one,
        "case": row_of(one.case),
        "url": reverse("desk:redress_one", args=[one.pk]),
        "department": name_of_department(one.department_id),
        "outcome": localized(book().outcomes[one.outcome_id].name),
        "words": words,
        "source": RedressSource(one.source).label,
        "state": RedressState(one.state).label,
        "is_open": one.state == RedressState.OPEN,
    }
