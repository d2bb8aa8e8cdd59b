"""Surge mode: what is on now, the switch with a text in every language, surges before."""

from __future__ import annotations

from typing import Any

from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.models import SurgeText
from lamppost.contacts.selectors.surge import current_surge
from lamppost.contacts.selectors.surge_pages import heard, past_surges, prepared_texts
from lamppost.contacts.services.surge import MOST_CHARACTERS, switch_off, switch_on
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.around import language_name
from lamppost.faces.console.asked import Asked, moment_of
from lamppost.faces.console.center import tabs
from lamppost.faces.console.frame import frame, localized
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.knowledge.selectors.articles import published
from lamppost.people.permissions import Permission, may, require


@never_cache
@at_console("GET", "HEAD", "POST", permission=Permission.DESK_SEE)
def surge(request: HttpRequest) -> HttpResponse:
    """Show what is said in a surge; switch it on or off."""
    actor = actor_at(request)
    form, status = Asked("surge"), 200
    if request.method == "POST":
        require(actor, Permission.SURGE_SWITCH)
        try:
            return _switch(request)
        except (Invalid, Conflict) as refusal:
            problems = refusal.problems or (Problem("", str(refusal)),)
            form, status = Asked("surge", request.POST, problems), status_of(refusal)
    on = current_surge()
    texts = prepared_texts()
    chosen = next((one for one in texts if one.code == request.GET.get("text")), None)
    may_switch = may(actor, Permission.SURGE_SWITCH)
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "surge"),
        "surge": on,
        "said": [_said(code, on.message.get(code, "")) for code in _languages()] if on else [],
        "heard": heard(on) if on else None,
        "may_switch": may_switch,
        "texts": [
            {"code": one.code, "name": localized(one.name), "current": one is chosen}
            for one in texts
        ],
        "fields": _fields(form, chosen) if may_switch and not on else [],
        "errors": [one.message for one in form.problems if not one.field],
        "past": [one for one in past_surges() if on is None or one.pk != on.pk],
    }
    return render(request, "console/center/surge.html", page, status=status)


def _switch(request: HttpRequest) -> HttpResponse:
    actor = actor_at(request)
    sent = request.POST
    if sent.get("off", "").isdecimal():
        switch_off(surge_id=int(sent["off"][:18]), actor=actor)
        messages.success(request, _("Surge mode is off."))
    else:
        switch_on(
            message={code: sent.get(f"message_{code}", "") for code in _languages()},
            actor=actor,
            ends_at=moment_of(sent.get("ends_at", ""), "ends_at"),
            article_code=sent.get("article", ""),
        )
        messages.success(request, _("Surge mode is on: home page, voice menu and SMS say so."))
    return HttpResponseRedirect(reverse("console:surge"))


def _languages() -> list[str]:
    return list(languages_of(city_in_scope()))


def _said(code: str, text: str) -> dict[str, Any]:
    return {"code": code, "name": language_name(code), "text": text, "dir": _direction(code)}


def _direction(code: str) -> str:
    return "rtl" if code in LANG_INFO and get_language_info(code)["bidi"] else "ltr"


def _fields(form: Asked, chosen: SurgeText | None) -> list[dict[str, Any]]:
    texts = chosen.message if chosen else {}
    fields = [
        form.text(
            f"message_{code}", language_name(code), kind="textarea", required=True,
            default=texts.get(code, ""),
            attrs={
                "rows": 3, "maxlength": MOST_CHARACTERS, "lang": code, "dir": _direction(code),
            },
        )
        for code in _languages()
    ]  # fmt: skip
    articles = published().order_by("code").values_list("code", "current__question")
    choices = [("", _("None")), *articles]
    return [
        *fields,
        form.select(
            "article", _("Article that says more"), choices,
            value=form.data.get("article", chosen.article if chosen else ""),
        ),
        form.text(
            "ends_at", _("Ends by itself"), kind="datetime-local",
            hint=_("Empty: until somebody switches it off."),
        ),
    ]  # fmt: skip
