"""The console's one page: who is calling, the bar of the call, and what stands between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.choices import AgentStateKind, DispositionKind
from lamppost.contacts.models import Disposition, Interaction
from lamppost.contacts.selectors.callers import past_of, people_with_number, spoken_number
from lamppost.contacts.selectors.calls import (
    current_call,
    state_of,
    ties_of,
    uncoded_count,
    waiting,
)
from lamppost.contacts.selectors.rules import center_rules, dispositions
from lamppost.contacts.services.agent_states import UNCODED_LIMIT
from lamppost.faces.console.access import actor_at
from lamppost.faces.console.frame import frame, localized
from lamppost.kernel.refusals import Conflict
from lamppost.people.actors import Actor


@dataclass(frozen=True)
class Shown:
    """What stands in the middle while a key is pressed: it is cited, or asked about."""

    article: str = ""
    case: str = ""


def console_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    shown: Shown | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw ``template`` with the caller at its side and the bar of the call below.

    A fixed number of queries, whatever the caller had to do with the city before.
    """
    actor = actor_at(request)
    page = {**frame(actor, here="home"), **around(actor), "shown": shown or Shown(), **context}
    return render(request, f"console/{template}.html", page, status=status)


def around(actor: Actor) -> dict[str, Any]:
    """Return the variables of the caller's side and of the bar."""
    user_id = actor.user_id or 0
    now = timezone.now()
    call = current_call(user_id)
    context: dict[str, Any] = {
        "call": call,
        "dispositions": [_button(row) for row in dispositions()],
        "uncoded": uncoded_count(user_id, now=now),
        "uncoded_limit": UNCODED_LIMIT,
        "languages_spoken": language_choices(),
        "channels": [(one.value, one.label) for one in (Channel.PHONE, Channel.WALK_IN)],
    }
    if call is None:
        state = state_of(user_id)
        return context | {
            "state": state,
            "state_choices": _state_choices(state.kind if state else ""),
            "waiting": waiting(),
        }
    return context | _caller(call)


def open_call(actor: Actor) -> Interaction:
    """Return the agent's call; raises ``Conflict`` when there is none in hand."""
    call = current_call(actor.user_id or 0)
    if call is None:
        raise Conflict(_("Take or begin a call first."))
    return call


def language_choices() -> list[tuple[str, str]]:
    """Return the city's languages, each by its own name."""
    codes = languages_of(city_in_scope())
    return [(code, language_name(code)) for code in codes]


def language_name(code: str) -> str:
    """Return a language's own name, or its code where Django knows none."""
    return str(get_language_info(code)["name_local"]) if code in LANG_INFO else code


def _button(row: Disposition) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": localized(row.name) or row.code,
        "key": row.key,
        "is_emergency": row.kind == DispositionKind.EMERGENCY,
    }


def _state_choices(current: str) -> list[tuple[str, str, bool]]:
    kinds = (
        AgentStateKind.READY,
        AgentStateKind.BREAK,
        AgentStateKind.MEETING,
        AgentStateKind.OFFLINE,
    )
    return [(kind.value, str(kind.label), kind == current) for kind in kinds]


def _caller(call: Interaction) -> dict[str, Any]:
    past = past_of(call)
    pages = book()
    return {
        "is_wrap": call.ended_at is not None,
        "wrap_limit": center_rules().wrap_limit_seconds,
        "spoken_number": spoken_number(call.address),
        "caller_language": language_name(call.language) if call.language else "",
        "people": [] if call.contact_id else people_with_number(call.address),
        "ties": ties_of([call.pk]).get(call.pk, []),
        "talk_since": call.ended_at or call.answered_at,
        "answered_after": _seconds(call.answered_at, call.offered_at),
        "past_cases": [
            {
                "number": case.number,
                "service": localized(pages.services_by_id[case.service_id].name),
                "state": case.state,
                "status": localized(pages.statuses[case.status_id].name),
                "at": case.requested_at,
            }
            for case in past.cases
        ],
        "past_contacts": past.interactions,
        "past_promises": past.call_backs,
        "keeping_steps": [
            ("reached", _("Reached")),
            ("not-reached", _("Nobody answers")),
            ("give-up", _("Give up")),
        ],
    }


def _seconds(after: datetime | None, before: datetime) -> int:
    return int((after - before).total_seconds()) if after else 0
