"""The draft behind the steps: which browser holds it, how a step is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.services import drafts
from lamppost.cases.services.checking import service_for
from lamppost.cases.services.drafts import Content, OpenDraft
from lamppost.catalog.book import ServiceEntry
from lamppost.faces.portal import wizard
from lamppost.faces.portal.web import PortalRequest, page, resident_of
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language


def service_of(request: PortalRequest, code: str) -> ServiceEntry:
    """Return the service, or refuse one that does not exist for a resident."""
    service = service_for(code, actor=resident_of(request))
    if not service.is_public:
        raise NotFound(_("This service does not exist here."), field="service_code")
    return service


def cookie_name(service: ServiceEntry) -> str:
    """Return the name of the cookie that holds the token of this service's draft."""
    return f"report-{service.id}"


def draft_of(
    request: PortalRequest, service: ServiceEntry, *, filed: bool = False
) -> OpenDraft | None:
    """Return this browser's draft for ``service``: one still open, or with ``filed`` the sent."""
    draft = drafts.open_draft(request.COOKIES.get(cookie_name(service), ""))
    if draft is None or draft.content.service_code != service.code:
        return None
    return draft if draft.is_filed == filed else None


def step_page(
    request: PortalRequest,
    service: ServiceEntry,
    step: str,
    context: dict[str, Any],
    *,
    template: str = "",
    status: int = 200,
) -> HttpResponse:
    """Draw one step with its indicator and the way back; ``template`` is for a step's aside."""
    steps = wizard.steps_of(service)
    before = wizard.step_before(service, step)
    shown = {
        "service": service,
        "name": name_of(service),
        "steps": wizard.step_names(service),
        "current": steps.index(step) + 1,
        "back_url": address_of(before, service) if before else address_of("service", service),
        **context,
    }
    return page(request, f"step_{template or step}", shown, status=status)


def name_of(service: ServiceEntry) -> str:
    """Return the service's name in the active language."""
    return in_language(service.name, get_language() or "en") or service.code


def with_step(content: Content, step: str) -> Content:
    """Return ``content`` with ``step`` done."""
    return replace(content, steps_done=tuple(sorted({*content.steps_done, step})))


def onward(request: PortalRequest, service: ServiceEntry, step: str) -> str:
    """Return the step after this one; back to the check after a change."""
    if request.POST.get("editing") == "1":
        return "review"
    return wizard.next_step(service, step)


def address_of(step: str, service: ServiceEntry, query: str = "") -> str:
    """Return the address of a step, ``service`` being the page before the first one."""
    return reverse(f"portal:report_{step}", args=[service.code]) + query


def to_step(step: str, service: ServiceEntry, query: str = "") -> HttpResponse:
    """Return a redirect to a step."""
    return redirect(address_of(step, service, query))


def holding(response: HttpResponse, service: ServiceEntry, draft: OpenDraft) -> HttpResponse:
    """Return ``response`` with the cookie by which this browser holds ``draft``."""
    response.set_cookie(
        cookie_name(service),
        draft.token,
        max_age=int(drafts.LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
