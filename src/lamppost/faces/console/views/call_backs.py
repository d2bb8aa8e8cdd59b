"""Promising to call back, and keeping it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.contacts.models import CallBack
from lamppost.contacts.selectors.call_backs import open_call_backs
from lamppost.contacts.selectors.callers import spoken_number
from lamppost.contacts.services import call_backs
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.around import console_page, language_name, open_call
from lamppost.faces.console.frame import frame, localized
from lamppost.faces.console.spoken import we_call_back
from lamppost.kernel.refusals import NotFound, Refusal


@never_cache
@at_console("GET", "HEAD", "POST")
def promise_one(request: HttpRequest) -> HttpResponse:
    """Promise who is calling to be called back, and show what to say."""
    actor = actor_at(request)
    call = open_call(actor)
    context: dict[str, Any] = {"phone": call.address, "about": "", "problems": {}}
    if request.method != "POST":
        return console_page(request, "promise", context)
    sent = request.POST
    try:
        made = call_backs.promise(
            interaction_id=call.pk,
            actor=actor,
            phone=sent.get("phone", ""),
            about=sent.get("about", ""),
            language=call.language,
        )
    except Refusal as refusal:
        context["phone"], context["about"] = sent.get("phone", ""), sent.get("about", "")
        context["problems"] = {one.field: one.message for one in refusal.problems}
        return console_page(request, "promise", context, status=status_of(refusal))
    context["made"] = made
    context["said"] = we_call_back(made.due_at, get_language() or "en", call.language)
    return console_page(request, "promise", context)


@never_cache
@at_console("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show the promises not yet settled, the one due first on top."""
    actor = actor_at(request)
    now = timezone.now()
    rows = [_row(row, actor.user_id, now) for row in open_call_backs()]
    return render(
        request,
        "console/call_backs.html",
        {**frame(actor, here="call_backs"), "rows": rows},
    )


@at_console("POST")
def step(request: HttpRequest, call_back_id: int, step: str) -> HttpResponse:
    """Call, and say what came of it."""
    actor = actor_at(request)
    to = "console:call_backs"
    try:
        if step == "take":
            call_backs.take(call_back_id=call_back_id, actor=actor)
            to = "console:home"
        elif step == "reached":
            call_backs.reached(call_back_id=call_back_id, actor=actor)
            to = "console:home"
        elif step == "not-reached":
            call_backs.not_reached(call_back_id=call_back_id, actor=actor)
            to = "console:home"
        elif step == "give-up":
            call_backs.not_reached(call_back_id=call_back_id, actor=actor, gives_up=True)
            to = "console:home"
        elif step == "release":
            call_backs.release(call_back_id=call_back_id, actor=actor)
        else:
            raise NotFound(_("This page does not exist."))
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse(to))


def _row(row: CallBack, user_id: int | None, now: Any) -> dict[str, Any]:
    service = row.interaction.service
    return {
        "id": row.pk,
        "name": row.contact.name if row.contact else "",
        "phone": row.phone,
        "spoken": spoken_number(row.phone),
        "about": row.about,
        "service": localized(service.name) if service else "",
        "language": language_name(row.language) if row.language else "",
        "due_at": row.due_at,
        "is_late": row.due_at < now,
        "promised_at": row.promised_at,
        "promised_by": row.promised_by.name if row.promised_by else "",
        "tries": row.tries,
        "taken_by": row.taken_by.name if row.taken_by else "",
        "is_mine": row.taken_by_id is not None and row.taken_by_id == user_id,
    }
