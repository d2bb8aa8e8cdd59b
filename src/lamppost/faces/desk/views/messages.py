"""What was sent to people: the log, one message, sending again, and how notices are worded."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.cursors import place_in
from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.notify.choices import UNSENT, MessageChannel, MessageState
from lamppost.notify.samples import sample
from lamppost.notify.selectors.log import Asked, Logged, Place, lines, log, logged
from lamppost.notify.services.resending import resend
from lamppost.notify.words import NOTICES
from lamppost.people.permissions import Permission, may, require

TAGS = {
    MessageState.QUEUED: "received",
    MessageState.SENDING: "open",
    MessageState.SENT: "closed",
    MessageState.DELIVERED: "closed",
    MessageState.AGAIN: "soon",
    MessageState.FAILED: "overdue",
    MessageState.BOUNCED: "overdue",
    MessageState.HELD: "waiting",
}


@at_desk("GET", "HEAD")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first, by state, channel or number."""
    actor = actor_at(request)
    asked = Asked(
        state=request.GET.get("state", ""),
        channel=request.GET.get("channel", ""),
        number=clean_line(request.GET.get("number", ""))[:40],
    )
    found = log(
        actor, asked, older=place_in(request.GET, "older"), newer=place_in(request.GET, "newer")
    )
    page = {
        **frame(actor, here="tools"),
        "rows": [row_of(one) for one in found.rows],
        "fields": _filters(asked),
        "lines": [line for line in lines() if line.waiting or line.since],
        "older_url": _url(asked, "older", found.older),
        "newer_url": _url(asked, "newer", found.newer),
    }
    return render(request, "desk/messages/log.html", page)


@at_desk("GET", "HEAD", "POST")
def show(request: HttpRequest, message_id: str) -> HttpResponse:
    """Show one message; POST sends it again."""
    actor = actor_at(request)
    one = logged(int(message_id), actor)
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            new = resend(message_id=one.message.pk, actor=actor)
            messages.success(request, _("It is sent again within half a minute."))
            return HttpResponseRedirect(reverse("desk:message", args=[new.pk]))
        except NotFound:
            raise
        except Refusal as refusal:
            problems, status = [one.message for one in refusal.problems], status_of(refusal)
    department_id = one.message.case.department_id if one.message.case else None
    page = {
        **frame(actor, here="tools"),
        "row": row_of(one),
        "problems": problems,
        "may_resend": one.message.state not in UNSENT
        and may(actor, Permission.MESSAGE_RESEND, department_id=department_id),
    }
    return render(request, "desk/messages/one.html", page, status=status)


@at_desk("GET", "HEAD")
def words(request: HttpRequest) -> HttpResponse:
    """Show how the notices read, about a made-up case, in every language of the city."""
    actor = actor_at(request)
    require(actor, Permission.MESSAGE_READ)
    code = request.GET.get("notice", "") or next(iter(NOTICES))
    if code not in NOTICES:
        raise NotFound(_("There is no such notice."))
    notice = NOTICES[code]
    page = {
        **frame(actor, here="tools"),
        "notices": [
            {"code": one.code, "about": one.about, "is_here": one.code == code}
            for one in NOTICES.values()
        ],
        "notice": notice,
        "names": sorted(notice.names),
        "samples": [sample(code, language) for language in languages_of(city_in_scope())],
    }
    return render(request, "desk/messages/words.html", page)


def row_of(one: Logged) -> dict[str, Any]:
    """Return a message as its rows and its page draw it."""
    message = one.message
    notice = NOTICES.get(message.template)
    return {
        "message": message,
        "to": one.to,
        "number": one.number,
        "case_url": reverse("desk:case", args=[one.number]) if one.number else "",
        "url": reverse("desk:message", args=[message.pk]),
        "about": notice.about if notice else message.template,
        "tag": TAGS[MessageState(message.state)],
        "label": message.get_state_display(),
        "why": message.get_held_cause_display() if message.held_cause else message.error,
        "channel": message.get_channel_display(),
        "again_url": reverse("desk:message", args=[message.again_of_id])
        if message.again_of_id
        else "",
    }


def _filters(asked: Asked) -> list[dict[str, Any]]:
    every = ("", _("All"))
    return [
        {"name": "number", "label": _("Number"), "value": asked.number},
        {
            "name": "channel",
            "label": _("Channel"),
            "kind": "select",
            "value": asked.channel,
            "choices": [every, *MessageChannel.choices],
        },
        {
            "name": "state",
            "label": _("State"),
            "kind": "select",
            "value": asked.state,
            "choices": [every, *MessageState.choices],
        },
    ]


def _url(asked: Asked, name: str, place: Place | None) -> str:
    if place is None:
        return ""
    kept = {"state": asked.state, "channel": asked.channel, "number": asked.number}
    query = {key: value for key, value in kept.items() if value}
    return "?" + urlencode({**query, name: f"{place[0].isoformat()}~{place[1]}"})
