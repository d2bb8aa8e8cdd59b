"""Passing a caller on, and the emergency number."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import TransferKind
from lamppost.contacts.models import Handover
from lamppost.contacts.selectors.callers import spoken_number
from lamppost.contacts.selectors.calls import current_call
from lamppost.contacts.services import calls, handing
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.around import console_page, open_call
from lamppost.faces.console.frame import localized
from lamppost.faces.console.spoken import hold_the_line
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.kernel.text import clean_line
from lamppost.knowledge.selectors.directory import every, find
from lamppost.people.models import Department


@never_cache
@at_console("GET", "HEAD", "POST")
def pass_on(request: HttpRequest) -> HttpResponse:
    """Choose to whom the caller is passed on, and how."""
    actor = actor_at(request)
    call = open_call(actor)
    if request.method != "POST":
        return _choose(request)
    sent = request.POST
    kind = sent.get("kind", "")
    try:
        if kind not in TransferKind.values:
            raise Invalid(_("Choose how to pass the caller on."), field="kind")
        made = handing.hand_over(
            interaction_id=call.pk,
            kind=TransferKind(kind),
            actor=actor,
            **_target(sent.get("to", ""), sent.get("name", ""), sent.get("phone", "")),
        )
    except Refusal as refusal:
        return _choose(request, error=str(refusal), status=status_of(refusal))
    if made.kind == TransferKind.WARM:
        messages.success(
            request,
            _("Announce the caller to %(name)s, %(phone)s. Then end the contact with its key.")
            % {"name": made.to_name, "phone": made.to_phone or "–"},
        )
    else:
        messages.success(request, _("Passed on to %(name)s.") % {"name": made.to_name})
    return HttpResponseRedirect(reverse("console:home"))


def _target(to: str, name: str, phone: str) -> dict[str, Any]:
    """Return to whom, of ``department:CODE``, ``office:CODE`` or a name written by hand."""
    kind, _sign, code = to.partition(":")
    if kind == "department":
        row = Department.objects.filter(code=code, is_active=True).first()
        if row is not None:
            return {
                "to_name": localized(row.name) or row.code,
                "to_phone": row.phone,
                "department_id": row.pk,
            }
    if kind == "office":
        entry = next((one for one in every(language=_own()) if one.code == code), None)
        if entry is not None:
            return {
                "to_name": entry.name,
                "to_phone": entry.phone,
                "directory_code": entry.code,
                "department_id": entry.department_id,
            }
    return {"to_name": name, "to_phone": phone}


def _choose(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    query = clean_line(request.GET.get("q", ""))[:120]
    offices = find(query, language=_own(), limit=12) if query else every(language=_own())[:12]
    departments = [
        {"code": row.code, "name": localized(row.name) or row.code, "phone": row.phone}
        for row in Department.objects.filter(is_active=True).order_by("code")
    ]
    context = {"query": query, "offices": offices, "departments": departments, "error": error}
    return console_page(request, "pass_on", context, status=status)


@never_cache
@at_console("GET", "HEAD", "POST")
def emergency(request: HttpRequest) -> HttpResponse:
    """Hand to the emergency number: written down at once, read out in large type."""
    actor = actor_at(request)
    call = current_call(actor.user_id or 0)
    if request.method == "POST":
        if call is None or call.ended_at is not None:
            # Somebody at the counter or a call that is not begun yet: no time to lose.
            call = calls.begin(actor=actor)
        place = clean_line(request.POST.get("place", ""))[:300]
        handing.hand_to_emergency(interaction_id=call.pk, actor=actor, place=place)
        return HttpResponseRedirect(reverse("console:emergency"))
    handover = (
        Handover.objects.filter(interaction=call, kind=TransferKind.EMERGENCY).first()
        if call is not None
        else None
    )
    if call is None or handover is None:
        return HttpResponseRedirect(reverse("console:home"))
    context: dict[str, Any] = {
        "handover": handover,
        "number": city_in_scope().emergency_number,
        "call_back_number": spoken_number(call.address),
        "said": hold_the_line(_own(), call.language),
    }
    return console_page(request, "emergency", context)


def _own() -> str:
    return get_language() or "en"
