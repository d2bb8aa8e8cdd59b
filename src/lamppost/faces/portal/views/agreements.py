"""What the city promises, to everybody: today's promises, and the history of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.cases.selectors.promised import Promised, promised_today
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind
from lamppost.faces.portal.web import PortalRequest, not_found, page, told
from lamppost.insight.selectors import review_standing
from lamppost.kernel.text import clean_line, fold, in_language
from lamppost.sla.models import Agreement
from lamppost.sla.selectors import Period, local_today, pause_reasons, periods_of
from lamppost.sla.words import history

_MAX_QUERY = 100


@require_safe
@told
def promises(request: PortalRequest) -> HttpResponseBase:
    """List what every public service promises today, by department, found by words."""
    words = clean_line(request.GET.get("q", ""))[:_MAX_QUERY]
    wanted = request.GET.get("department", "")
    rows = promised_today(public_only=True)
    departments = {row.department.code: _name(row.department.name) for row in rows}
    wanted = wanted if wanted in departments else ""
    shown = [
        row for row in rows if (not wanted or row.department.code == wanted) and _has(row, words)
    ]
    search = {
        "name": "q", "label": _("Service"), "kind": "search", "value": words,
        "attrs": {"maxlength": _MAX_QUERY},
    }  # fmt: skip
    choice = {
        "name": "department", "label": _("Department"), "kind": "select", "value": wanted,
        "choices": [("", _("All departments")), *departments.items()],
    }  # fmt: skip
    context = {
        "fields": [search, choice],
        "groups": _grouped(shown),
        "is_filtered": bool(words or wanted),
        "count": len(shown),
    }
    return page(request, "agreements/list", context)


def _name(texts: Any) -> str:
    return in_language(texts, get_language() or "en")


def _has(row: Promised, words: str) -> bool:
    text = fold(f"{row.service.code} {_name(row.service.name)} {_name(row.service.keywords)}")
    return all(word in text for word in fold(words).split())


def _grouped(rows: list[Promised]) -> list[dict[str, Any]]:
    groups: dict[int, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(
            row.department.id, {"name": _name(row.department.name), "rows": []}
        )
        group["rows"].append(
            {
                "service": _name(row.service.name) or row.service.code,
                "url": reverse("portal:agreement", args=[row.service.code]),
                "lines": row.lines,
            }
        )
    return list(groups.values())


@require_safe
@told
def promise(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show one service's promise through time: what, from when to when, by whom approved."""
    service = book().services.get(code)
    if service is None or not service.is_public or service.kind is CaseKind.INQUIRY:
        return not_found(request)
    agreements = list(Agreement.objects.filter(service_id=service.id).order_by("id"))
    periods = periods_of(one.pk for one in agreements)
    # The department that does it now comes first; others may have done it before.
    agreements.sort(key=lambda one: (one.department_id != service.department_id, one.pk))
    today, name = local_today(), _name(service.name) or service.code
    context = {
        "service": service,
        "name": name,
        "department": _name(book().departments[service.department_id].name),
        "agreements": [
            _agreement(one, periods[one.pk]) | {
                "sentence": history([period.era for period in periods[one.pk]], today=today)
            }
            for one in agreements
            if one.pk in periods
        ],
        "agreement_ids": [one.pk for one in agreements],
        "reasons": pause_reasons(),
        "crumbs": [(_("What the city promises"), reverse("portal:agreements")), (name, "")],
    }  # fmt: skip
    return page(request, "agreements/one", context)


def _agreement(agreement: Agreement, periods: list[Period]) -> dict[str, Any]:
    department = book().departments[agreement.department_id]
    holds = any(period.is_current for period in periods)
    return {
        "department": _name(department.name),
        "periods": periods[::-1],
        "review": review_standing(agreement.pk) if holds else None,
    }
