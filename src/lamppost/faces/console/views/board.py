"""The live board of the center: who waits, who is there, what is late, the level of today."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.selectors.board import ORDER, at_work, undone
from lamppost.contacts.selectors.calls import waiting
from lamppost.contacts.selectors.rules import center_rules
from lamppost.contacts.selectors.surge import current_surge
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.center import tabs, tile
from lamppost.faces.console.frame import frame
from lamppost.insight.center import contact_figures
from lamppost.insight.period import Period
from lamppost.insight.selectors.center import center_counted_until, contact_totals
from lamppost.insight.wording import duration
from lamppost.mailbox.choices import ThreadState
from lamppost.mailbox.models import Thread
from lamppost.people.permissions import Permission

_TODAY = ("offered", "answered", "abandon_rate", "speed_of_answer", "handle_time", "coded")


@never_cache
@at_console("GET", "HEAD", permission=Permission.CENTER_SUPERVISE)
def board(request: HttpRequest) -> HttpResponse:
    """Show the board; asked by htmx, only the part that changes. A fixed number of queries."""
    actor = actor_at(request)
    live = _live()
    if request.headers.get("HX-Request"):
        return render(request, "console/center/_live.html", live)
    page = {**frame(actor, here="board"), "tabs": tabs(actor, "board"), **live}
    return render(request, "console/center/board.html", page)


def _live() -> dict[str, Any]:
    now = timezone.now()
    today = now.astimezone(city_in_scope().zone).date()
    rules = center_rules()
    counts = contact_totals(Period(today, today), channel=Channel.PHONE)
    figures = {one.measure: one for one in contact_figures(counts)}
    level = figures["service_level"]
    queue, agents = waiting(), at_work()
    by_state = Counter(one.kind for one in agents)
    return {
        "now": now,
        "waiting": queue.count,
        "longest": duration(int((now - queue.since).total_seconds())) if queue.since else "",
        "is_long": bool(queue.since and (now - queue.since).total_seconds() > rules.answer_seconds),
        "level": tile(
            level,
            is_bad=level.value is not None and level.value * 100 < rules.answer_percent,
        ),
        "rules": rules,
        "today": [tile(figures[code]) for code in _TODAY],
        "states": [(kind.label, kind.value, by_state[kind]) for kind in ORDER],
        "ready": by_state[AgentStateKind.READY],
        "agents": [
            {
                "name": one.name,
                "state": one.kind.label,
                "kind": one.kind.value,
                "for": duration(int((now - one.since).total_seconds())),
                "held": duration(int((now - one.held_since).total_seconds()))
                if one.held_since
                else "",
            }
            for one in agents
        ],
        "undone": undone(now=now),
        "mails": Thread.objects.filter(state=ThreadState.OPEN).count(),
        "surge": current_surge(now=now),
        "counted_until": center_counted_until(),
    }
