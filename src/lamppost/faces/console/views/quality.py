"""Monitoring of quality: what was drawn, the form, what was found, and an agent's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import MonitoredContact
from lamppost.contacts.selectors.calls import ties_of
from lamppost.contacts.selectors.monitoring import (
    LOOK_BACK,
    by_question,
    looked_at,
    questions,
    to_look_at,
)
from lamppost.contacts.services import monitoring
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.asked import Asked
from lamppost.faces.console.center import glossary_of, tabs
from lamppost.faces.console.frame import frame, localized
from lamppost.insight.figures import share
from lamppost.insight.measure import MeasureUnit
from lamppost.insight.wording import duration, in_words
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.people.permissions import Permission

_DOES_NOT_APPLY = "none"


@never_cache
@at_console("GET", "HEAD", permission=Permission.CENTER_SUPERVISE)
def quality(request: HttpRequest) -> HttpResponse:
    """List what is to be looked at and what was found, with the points by question."""
    actor = actor_at(request)
    today = timezone.now().astimezone(city_in_scope().zone).date()
    found = by_question(since=today - LOOK_BACK)
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "quality"),
        "waiting": [_line(one) for one in to_look_at(actor.user_id)],
        "done": [_finding(one) for one in looked_at(exclude_agent=actor.user_id)],
        "questions": [
            {
                "text": localized(one.text),
                "share": in_words(share(one.points, one.of), MeasureUnit.SHARE),
                "points": one.points,
                "of": one.of,
            }
            for one in found
        ],
        "whole": in_words(
            share(sum(one.points for one in found), sum(one.of for one in found)),
            MeasureUnit.SHARE,
        ),
        "has_form": bool(questions()),
        "glossary": glossary_of(["monitoring_score"]),
    }
    return render(request, "console/center/quality.html", page)


@never_cache
@at_console("GET", "HEAD", "POST", permission=Permission.CENTER_SUPERVISE)
def look(request: HttpRequest, monitored_id: int) -> HttpResponse:
    """Show one contact with the form; keep what was found."""
    actor = actor_at(request)
    form, status = Asked("look"), 200
    if request.method == "POST":
        try:
            monitoring.review(
                monitored_id=monitored_id,
                scores={
                    one.code: _points(request.POST.get(f"score_{one.code}", ""))
                    for one in questions()
                },
                comment=request.POST.get("comment", ""),
                actor=actor,
            )
            messages.success(request, _("Kept; the agent sees it now."))
            return HttpResponseRedirect(reverse("console:quality"))
        except Invalid as refusal:
            form, status = Asked("look", request.POST, refusal.problems), status_of(refusal)
    row = (
        MonitoredContact.objects.filter(pk=monitored_id, reviewed_at=None)
        .exclude(agent_id=actor.user_id)
        .select_related("agent", "interaction__disposition", "interaction__service")
        .first()
    )
    if row is None:
        raise NotFound(_("This contact was not drawn."))
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "quality"),
        "row": _line(row),
        "note": row.interaction.note,
        "ties": ties_of([row.interaction_id]).get(row.interaction_id, []),
        "fields": _fields(form),
        "errors": [one.message for one in form.problems if not one.field],
    }
    return render(request, "console/center/look.html", page, status=status)


@never_cache
@at_console("GET", "HEAD", "POST")
def mine(request: HttpRequest) -> HttpResponse:
    """Show an agent what was found in their own contacts; keep their answer."""
    actor = actor_at(request)
    form, status, wrong = Asked("answer"), 200, 0
    if request.method == "POST":
        sent = request.POST.get("monitored", "")
        wrong = int(sent[:18]) if sent.isdecimal() else 0
        try:
            monitoring.answer(monitored_id=wrong, text=request.POST.get("answer", ""), actor=actor)
            messages.success(request, _("Your answer is kept."))
            return HttpResponseRedirect(reverse("console:quality_mine"))
        except Invalid as refusal:
            form, status = Asked("answer", request.POST, refusal.problems), status_of(refusal)
    rows = []
    for one in looked_at(agent_id=actor.user_id or 0):
        asked = form if one.pk == wrong else Asked("answer")
        field = asked.text(
            "answer", _("Your answer"), kind="textarea", id=f"answer-{one.pk}",
            attrs={"rows": 2, "maxlength": monitoring.MAX_TEXT},
        )  # fmt: skip
        rows.append({**_finding(one), "field": field})
    page = {**frame(actor, here="mine"), "rows": rows}
    return render(request, "console/center/quality_mine.html", page, status=status)


def _points(text: str) -> int | None:
    if text == _DOES_NOT_APPLY:
        return None
    return int(text[:3]) if text.isascii() and text.isdecimal() else -1


def _fields(form: Asked) -> list[dict[str, Any]]:
    fields = [
        form.text(
            f"score_{one.code}", localized(one.text) or one.code, kind="radios", required=True,
            choices=[
                *((str(points), str(points)) for points in range(one.points + 1)),
                (_DOES_NOT_APPLY, _("Does not apply")),
            ],
        )
        for one in questions()
    ]  # fmt: skip
    comment = form.text(
        "comment", _("What went well, what to try next time"), kind="textarea",
        attrs={"rows": 4, "maxlength": monitoring.MAX_TEXT},
    )  # fmt: skip
    return [*fields, comment]


def _line(row: MonitoredContact) -> dict[str, Any]:
    contact = row.interaction
    ended, answered = contact.ended_at, contact.answered_at
    seconds = int((ended - answered).total_seconds()) if ended and answered else 0
    return {
        "id": row.pk,
        "agent": row.agent.name or row.agent.email,
        "week": row.week,
        "at": contact.offered_at,
        "channel": Channel(contact.channel).label,
        "lasted": duration(seconds),
        "about": localized(contact.disposition.name) if contact.disposition else "",
        "service": localized(contact.service.name) if contact.service else "",
    }


def _finding(row: MonitoredContact) -> dict[str, Any]:
    scores = list(row.scores.all())
    total = share(sum(one.points for one in scores), sum(one.of for one in scores))
    return {
        **_line(row),
        "by": row.reviewed_by.name if row.reviewed_by else "",
        "reviewed_at": row.reviewed_at,
        "share": in_words(total, MeasureUnit.SHARE),
        "scores": [(localized(one.question.text), one.points, one.of) for one in scores],
        "comment": row.comment,
        "answer": row.answer,
    }
