"""An agent's contacts of today, and everybody's for who leads the center."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Interaction, InteractionCase
from lamppost.contacts.selectors.calls import Wanted, day_of, interactions, ties_of
from lamppost.contacts.selectors.rules import dispositions
from lamppost.contacts.services import coding
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.asked import day_of as asked_day
from lamppost.faces.console.frame import frame, localized
from lamppost.kernel.refusals import Refusal
from lamppost.people.choices import Role
from lamppost.people.notices import staff_of
from lamppost.people.permissions import MATRIX, Permission

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@never_cache
@at_console("GET", "HEAD")
def mine(request: HttpRequest) -> HttpResponse:
    """Show the agent's own contacts since midnight: what is not coded stands on top."""
    actor = actor_at(request)
    now = timezone.localtime(timezone.now(), city_in_scope().zone)
    # Uncoded ones of last night are still to be coded.
    since = min(
        datetime.combine(now.date(), time.min, city_in_scope().zone), now - timedelta(hours=24)
    )
    rows = day_of(actor.user_id or 0, since=since)
    today = [row for row in rows if row.offered_at >= now.replace(hour=0, minute=0, second=0)]
    late = [row for row in rows if row not in today and row.disposition_id is None]
    context = {
        **frame(actor, here="mine"),
        "rows": _rows([*late, *today]),
        "choices": [(row.code, localized(row.name) or row.code) for row in dispositions()],
    }
    return render(request, "console/mine.html", context)


@at_console("POST")
def code_one(request: HttpRequest, call_id: int) -> HttpResponse:
    """Code a contact afterwards."""
    try:
        coding.code(
            interaction_id=call_id,
            disposition_code=request.POST.get("disposition", ""),
            actor=actor_at(request),
        )
        messages.success(request, _("Coded."))
    except Refusal as refusal:
        if not refusal.problems or refusal.problems[0].field != "disposition":
            raise
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("console:mine"))


@never_cache
@at_console("GET", "HEAD", permission=Permission.CENTER_SUPERVISE)
def all_contacts(request: HttpRequest) -> HttpResponse:
    """Show everybody's contacts, by agent, coding, channel and day; page by page."""
    actor = actor_at(request)
    asked = request.GET
    agents = staff_of(roles=_roles())
    codes = dispositions()
    wanted = _wanted(asked, {row.code: row.pk for row in codes})
    found, has_more = interactions(wanted, before=_before(asked.get("before", "")))
    context = {
        **frame(actor, here="interactions"),
        "rows": _rows(found),
        "asked": {name: asked.get(name, "") for name in ("agent", "code", "channel", "day")},
        "uncoded": asked.get("uncoded") == "1",
        "agents": [(str(user.pk), user.name) for user in agents],
        "codes": [(row.code, localized(row.name) or row.code) for row in codes],
        "channels": Channel.choices,
        "older_url": _older(asked, found[-1]) if has_more else "",
    }
    return render(request, "console/interactions.html", context)


def _roles() -> frozenset[Role]:
    return frozenset(role for role, granted in MATRIX.items() if Permission.CONSOLE_USE in granted)


def _wanted(asked: Any, codes: dict[str, int]) -> Wanted:
    agent = asked.get("agent", "")
    day = _midnight(asked.get("day", ""))
    channel = asked.get("channel", "")
    return Wanted(
        agent_id=int(agent) if agent.isdecimal() and len(agent) < 19 else None,
        disposition_id=codes.get(asked.get("code", "")),
        channel=channel if channel in Channel.values else "",
        since=day,
        until=day + timedelta(days=1) if day else None,
        uncoded_only=asked.get("uncoded") == "1",
    )


def _midnight(text: str) -> datetime | None:
    day = asked_day(text)
    return datetime.combine(day, time.min, city_in_scope().zone) if day else None


def _before(text: str) -> tuple[datetime, int] | None:
    moment, _sign, row = text.partition("-")
    if not (moment.isdecimal() and row.isdecimal() and len(moment) < 17 and len(row) < 19):
        return None
    return _EPOCH + timedelta(microseconds=int(moment)), int(row)


def _older(asked: Any, last: Interaction) -> str:
    place = (last.offered_at - _EPOCH) // timedelta(microseconds=1)
    kept = {name: value for name, value in asked.items() if name != "before"}
    return "?" + urlencode({**kept, "before": f"{place}-{last.pk}"})


def _rows(found: list[Interaction]) -> list[dict[str, Any]]:
    ties = ties_of([row.pk for row in found])
    return [_row(row, ties.get(row.pk, [])) for row in found]


def _row(row: Interaction, ties: list[InteractionCase]) -> dict[str, Any]:
    talk = row.ended_at - row.answered_at if row.ended_at and row.answered_at else None
    return {
        "id": row.pk,
        "at": row.offered_at,
        "channel": Channel(row.channel).label,
        "is_out": row.direction == "out",
        "agent": row.agent.name if row.agent else "",
        "seconds": int(talk.total_seconds()) if talk else None,
        "disposition": localized(row.disposition.name) if row.disposition else "",
        "service": localized(row.service.name) if row.service else "",
        "ties": ties,
        "note": row.note,
        "end": row.get_end_display(),
        "is_uncoded": bool(row.answered_at and row.ended_at and not row.disposition_id),
        "is_open": row.ended_at is None,
    }
