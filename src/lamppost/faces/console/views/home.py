"""The console's front: nobody yet, a caller and a search, or after-call work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.contacts.selectors.calls import current_call, waiting
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.around import console_page
from lamppost.faces.console.looking import Found, look
from lamppost.knowledge.choices import AskedAt
from lamppost.knowledge.services.asking import Asking, note_search


@never_cache
@at_console("GET", "HEAD")
def home(request: HttpRequest) -> HttpResponse:
    """Show what is to be done now."""
    return console_page(request, "home", {"found": Found(), "is_home": True})


@never_cache
@at_console("GET", "HEAD", "POST")
def search_all(request: HttpRequest) -> HttpResponse:
    """Search everything. By POST: a name or a number must not stand in an address."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("console:home"))
    actor = actor_at(request)
    call = current_call(actor.user_id or 0)
    found = look(request.POST.get("q", ""), call=call, actor=actor, language=get_language() or "en")
    context: dict[str, Any] = {"found": found, "call": call}
    if request.headers.get("HX-Request"):
        return render(request, "console/_found.html", context)
    if found.query:
        asking = Asking(
            channel=Channel(call.channel) if call else Channel.STAFF,
            asked_at=AskedAt.CONSOLE,
            language=get_language() or "en",
        )
        # What was sent off, not every letter of it: a search without an answer is a gap.
        note_search(found.query, hits=0 if found.is_empty else 1, asking=asking)
    return console_page(request, "home", {"found": found, "is_home": True})


@never_cache
@at_console("GET", "HEAD")
def line(request: HttpRequest) -> HttpResponse:
    """Show who waits: asked again every few seconds while the agent has nobody."""
    return render(request, "console/_line.html", {"waiting": waiting()})
