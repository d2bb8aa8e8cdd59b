"""What was handed to partners, what waits, and what they said that needs a look."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.partners.choices import WAITING, DeliveryState, InboundResult, Purpose
from lamppost.partners.models import Attempt, Delivery, InboundUpdate
from lamppost.partners.selectors import (
    ATTENTION,
    LATE,
    connection_by_code,
    connections,
    deliveries,
    delivery_by_id,
    inbound_items,
)
from lamppost.partners.services import decisions
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

_STATES = {LATE, ATTENTION, *DeliveryState.values}
_TAGS = {
    DeliveryState.ACKNOWLEDGED: "closed",
    DeliveryState.BY_PHONE: "closed",
    DeliveryState.SENT: "open",
    DeliveryState.QUEUED: "received",
    DeliveryState.FAILED: "soon",
    DeliveryState.DEAD: "overdue",
    DeliveryState.LOST: "overdue",
    DeliveryState.GIVEN_UP: "waiting",
}


@at_desk("GET", "HEAD")
def listing(request: HttpRequest) -> HttpResponse:
    """Show deliveries, newest first, by connection, state or number."""
    actor = actor_at(request)
    code, state = request.GET.get("connection", ""), request.GET.get("state", "")
    number = clean_line(request.GET.get("number", ""))[:100]
    found = deliveries(
        actor,
        connection=connection_by_code(code, actor) if code else None,
        state=state if state in _STATES else "",
        number=number,
        older_than=_key(request, "older"),
        newer_than=_key(request, "newer"),
        now=timezone.now(),
    )
    asked = {"connection": code, "state": state, "number": number}
    page = {
        **frame(actor, here="tools"),
        "rows": [_row(row) for row in found.rows],
        "filters": _filters(actor, asked),
        "is_narrowed": any(asked.values()),
        "older_url": _url(asked, older=found.older),
        "newer_url": _url(asked, newer=found.newer),
    }
    return render(request, "desk/partners/deliveries.html", page)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Show one delivery with every attempt and what a person can do."""
    actor = actor_at(request)
    delivery = delivery_by_id(int(delivery_id), actor)
    return render(request, "desk/partners/delivery.html", _page(delivery, actor, {}))


@at_desk("POST")
def act(request: HttpRequest, delivery_id: str, step: str) -> HttpResponse:
    """Send again, give up, or mark as delivered by phone."""
    actor = actor_at(request)
    delivery = delivery_by_id(int(delivery_id), actor)
    reason = request.POST.get("reason", "")
    try:
        if step == "retry":
            delivery = decisions.retry(delivery_id=delivery.pk, actor=actor)
            messages.success(request, _("It is sent again within half a minute."))
        elif step == "give-up":
            decisions.give_up(delivery_id=delivery.pk, reason=reason, actor=actor)
            messages.success(request, _("Given up. It will not be sent."))
        else:
            decisions.deliver_by_phone(
                delivery_id=delivery.pk,
                reason=reason,
                external_number=request.POST.get("external_number", ""),
                actor=actor,
            )
            messages.success(request, _("Marked as delivered by phone."))
    except NotFound:
        raise
    except Refusal as refusal:
        fresh = delivery_by_id(int(delivery_id), actor)
        page = _page(fresh, actor, {step: Typed.of(request.POST, refusal)})
        return render(request, "desk/partners/delivery.html", page, status=status_of(refusal))
    return HttpResponseRedirect(reverse("desk:partner_delivery", args=[delivery.pk]))


@at_desk("GET", "HEAD")
def inbound(request: HttpRequest) -> HttpResponse:
    """Show what partners said that could not be taken as it is."""
    return render(request, "desk/partners/inbound.html", _inbound_page(actor_at(request), []))


@at_desk("POST")
def settle(request: HttpRequest, update_id: str, step: str) -> HttpResponse:
    """Apply a word that has a meaning by now, or take the item off the list."""
    actor = actor_at(request)
    try:
        decisions.settle_inbound(update_id=int(update_id), actor=actor, apply=step == "apply")
    except NotFound:
        raise
    except Refusal as refusal:
        problems = [problem.message for problem in refusal.problems]
        page = _inbound_page(actor, problems)
        return render(request, "desk/partners/inbound.html", page, status=status_of(refusal))
    messages.success(request, _("Seen to."))
    return HttpResponseRedirect(reverse("desk:partner_inbound"))


def _inbound_page(actor: Actor, problems: list[str]) -> dict[str, Any]:
    return {
        **frame(actor, here="tools"),
        "items": [_item(row) for row in inbound_items(actor)],
        "problems": problems,
        "may_manage": may(actor, Permission.PARTNER_MANAGE),
    }


def _item(row: InboundUpdate) -> dict[str, Any]:
    case = row.handoff.case if row.handoff else None
    return {
        "row": row,
        "is_unmapped": row.result == InboundResult.UNMAPPED,
        "number": case.number if case else "",
        "case_url": reverse("desk:case", args=[case.number]) if case else "",
        "connection_url": reverse("desk:partner", args=[row.connection.code]),
    }


def _row(delivery: Delivery) -> dict[str, Any]:
    case = delivery.handoff.case
    state = DeliveryState(delivery.state)
    return {
        "delivery": delivery,
        "number": case.number,
        "service": localized(case.service.name) if "service" in case._state.fields_cache else "",
        "purpose": Purpose(delivery.purpose).label,
        "state": state.label,
        "tag": _TAGS[state],
        "external_number": delivery.handoff.external_number,
        "url": reverse("desk:partner_delivery", args=[delivery.pk]),
        "waits_until": delivery.due_at if state in WAITING else None,
    }


def _page(delivery: Delivery, actor: Actor, typed: dict[str, Typed]) -> dict[str, Any]:
    state = DeliveryState(delivery.state)
    manages = may(actor, Permission.PARTNER_MANAGE)
    is_open = state in {*WAITING, DeliveryState.DEAD, DeliveryState.LOST, DeliveryState.SENT}
    phone = Fields("phone", typed.get("phone", Typed()))
    give_up = Fields("give-up", typed.get("give-up", Typed()))
    return {
        **frame(actor, here="tools"),
        **_row(delivery),
        "case_url": reverse("desk:case", args=[delivery.handoff.case.number]),
        "connection_url": reverse("desk:partner", args=[delivery.connection.code]),
        "attempts": Attempt.objects.filter(delivery=delivery).order_by("-id")[:100],
        "may_retry": manages and state in {*WAITING, DeliveryState.DEAD, DeliveryState.LOST},
        "may_settle": manages and is_open,
        "phone_fields": [
            phone.area("reason", _("Who spoke to whom"), required=True, attrs={"rows": 2}),
            phone.text("external_number", _("Their number"), attrs={"maxlength": 100}),
        ],
        "give_up_fields": [give_up.area("reason", _("Why"), required=True, attrs={"rows": 2})],
        "problems": [
            problem.message
            for step, one in typed.items()
            for problem in one.problems
            if step == "retry" or problem.field not in {"reason", "external_number"}
        ],
        "opened": next(iter(typed), ""),
    }


def _filters(actor: Actor, asked: dict[str, str]) -> list[dict[str, Any]]:
    fields = Fields("filter", Typed())
    partners = [("", _("Any")), *((row.code, row.name) for row in connections(actor))]
    states = [
        ("", _("Any")),
        (ATTENTION, _("Needs a person")),
        (LATE, _("Not acknowledged in time")),
        *((state.value, str(state.label)) for state in DeliveryState),
    ]
    return [
        fields.select("connection", _("Partner"), partners, default=asked["connection"]),
        fields.select("state", _("State"), states, default=asked["state"]),
        fields.text("number", _("Number, ours or theirs"), kind="search", default=asked["number"]),
    ]


def _key(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _url(asked: dict[str, str], **key: int) -> str:
    ((name, value),) = key.items()
    if not value:
        return ""
    kept = {one: text for one, text in asked.items() if text}
    return f"{reverse('desk:partner_deliveries')}?{urlencode({**kept, name: value})}"
