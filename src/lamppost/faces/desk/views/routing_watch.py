"""Alarms of routing, and what is suggested about services."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import SuggestionAnswerKind
from lamppost.cases.selectors.desk import case_for_desk
from lamppost.cases.selectors.suggestions import HELD_OUT, quality
from lamppost.cases.services.routing_watch import acknowledge
from lamppost.cases.services.suggestions import answer_suggestion
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.views.routing import language
from lamppost.kernel.refusals import Invalid
from lamppost.routing.alarm_wording import alarm_title
from lamppost.routing.models import RoutingAlarm
from lamppost.routing.selectors import open_alarms, past_alarms

_PAGE = 25


@at_desk("GET", "HEAD")
def alarms(request: HttpRequest) -> HttpResponse:
    """Show the open alarms and those that are over, newest first."""
    actor = actor_at(request)
    text = request.GET.get("before", "")
    before = int(text) if text.isdecimal() and len(text) <= 18 else None
    shown = past_alarms(actor=actor, before=before, limit=_PAGE + 1)
    older = f"?before={shown[_PAGE - 1].pk}" if len(shown) > _PAGE else ""
    page = {
        **frame(actor, here="tools"),
        "open": [_alarm(one) for one in open_alarms(actor=actor)],
        "past": [_alarm(one) for one in shown[:_PAGE]],
        "older_url": older,
        "newer_url": reverse("desk:routing_alarms") if before else "",
    }
    return render(request, "desk/routing/alarms.html", page)


def _alarm(alarm: RoutingAlarm) -> dict[str, Any]:
    share = alarm.hits / alarm.total if alarm.hits is not None and alarm.total else None
    return {
        "alarm": alarm,
        "title": alarm_title(alarm, language()),
        "percent": None if share is None else round(share * 100),
        "usual": None if alarm.usual_share is None else round(alarm.usual_share * 100),
    }


@at_desk("POST")
def acknowledge_alarm(request: HttpRequest, alarm_id: str) -> HttpResponse:
    """Say that one looks after an alarm."""
    acknowledge(alarm_id=int(alarm_id), actor=actor_at(request))
    messages.success(request, _("Noted: you look after this alarm."))
    return HttpResponseRedirect(reverse("desk:routing_alarms"))


@at_desk("GET", "HEAD")
def suggestions(request: HttpRequest) -> HttpResponse:
    """Show how good suggestions of services are."""
    actor = actor_at(request)
    page = {
        **frame(actor, here="tools"),
        "quality": quality(actor=actor),
        "most": HELD_OUT,
    }
    return render(request, "desk/routing/suggestions.html", page)


@at_desk("POST")
def answer_suggestion_of(request: HttpRequest, number: str) -> HttpResponse:
    """Take a suggestion up, which opens the form, or dismiss it."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    text = request.POST.get("answer", "")
    if text not in SuggestionAnswerKind.values:
        raise Invalid(_("Choose one of the two."))
    answer, code = SuggestionAnswerKind(text), request.POST.get("service_code", "")
    answer_suggestion(case=case, service_code=code, answer=answer, actor=actor)
    page = reverse("desk:case", args=[number])
    if answer is SuggestionAnswerKind.OPENED:
        query = urlencode({"suggested": code})
        return HttpResponseRedirect(f"{page}?{query}#do-recategorize")
    messages.success(request, _("Dismissed. It is not suggested for this case again."))
    return HttpResponseRedirect(page)
