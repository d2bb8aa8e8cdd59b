"""Choosing a service, and what one service promises."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import CaseKind
from lamppost.catalog.service_search import Findable, search_services
from lamppost.faces.portal import wizard
from lamppost.faces.portal.drafting import draft_of, name_of, service_of
from lamppost.faces.portal.web import PortalRequest, page, told
from lamppost.kernel.text import clean_line, in_language
from lamppost.knowledge.selectors.lists import for_service
from lamppost.knowledge.selectors.search import search
from lamppost.sla.choices import Priority, TargetKind
from lamppost.sla.explain import length
from lamppost.sla.promises import promises

_MAX_QUERY = 200


@require_safe
@told
def choose(request: PortalRequest) -> HttpResponseBase:
    """Show the services, all in their groups or those that fit the words asked."""
    query = clean_line(request.GET.get("q", ""))[:_MAX_QUERY]
    services = list(book().public_services())
    found = find(query, services) if query else []
    language = get_language() or "en"
    answers = search(query, language=language, limit=3) if query else []
    return page(
        request,
        "choose",
        {
            "query": query,
            "found": found,
            "answers": answers,
            "groups": _grouped(services),
        },
    )


@require_safe
@told
def service_page(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show one service: who does it, how fast it is promised, what happens."""
    service = service_of(request, code)
    return page(
        request,
        "service",
        {
            "service": service,
            "draft": draft_of(request, service),
            "answers": for_service(service.id, language=get_language() or "en"),
            **_about(service),
        },
    )


def find(query: str, services: list[ServiceEntry]) -> list[ServiceEntry]:
    """Return the services that fit the words, best first."""
    findable = [Findable(one.code, one.name, one.description, one.keywords) for one in services]
    codes = search_services(query, findable, get_language() or "en")
    by_code = {one.code: one for one in services}
    return [by_code[code] for code in codes]


def promise_words(service: ServiceEntry) -> str:
    """Return the usual promise of a service in words, such as `3 business days`; may be empty."""
    usual = promises().for_case(
        service_id=service.id,
        department_id=service.department_id,
        on=timezone.localdate(),
        areas=(),
        priority=Priority.NORMAL,
    )
    target = next((one.target for one in usual if one.kind is TargetKind.RESOLVE), None)
    return length(target) if target else ""


def _about(service: ServiceEntry) -> dict[str, Any]:
    department = book().departments[service.department_id]
    return {
        "name": name_of(service),
        "department": in_language(department.name, get_language() or "en"),
        "promise": promise_words(service),
        "is_inquiry": service.kind is CaseKind.INQUIRY,
        "steps": wizard.step_names(service),
        "crumbs": [(_("Report a problem"), reverse("portal:report")), (name_of(service), "")],
    }


def _grouped(services: list[ServiceEntry]) -> list[tuple[str, list[ServiceEntry]]]:
    groups: dict[str, tuple[str, list[ServiceEntry]]] = {}
    for one in services:
        name = in_language(one.group_name, get_language() or "en")
        groups.setdefault(one.group_code, (name, []))[1].append(one)
    return list(groups.values())
