"""Which service levels were excused, by whom and why: the last twelve months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.selectors.promised import Waiver, waivers
from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.kernel.refusals import Invalid
from lamppost.people.permissions import ALL_DEPARTMENTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@at_desk("GET", "HEAD")
def listed(request: HttpRequest) -> HttpResponse:
    """List the waivers this person may see, newest first, page by page."""
    actor = actor_at(request)
    sees_all = actor.role in ALL_DEPARTMENTS
    codes = {entry.code: entry.id for entry in book().departments.values()}
    wanted = request.GET.get("department", "")
    wanted = wanted if sees_all and wanted in codes else ""
    found = waivers(
        actor=actor,
        now=timezone.now(),
        department_id=codes.get(wanted),
        older_than=_position(request.GET.get("older", "")),
    )
    query = {"department": wanted} if wanted else {}
    page = {
        **frame(actor, here="tools"),
        "rows": [_row(one) for one in found.rows],
        "field": _field(codes, wanted) if sees_all else None,
        "older_url": _address(query | {"older": _spelled(found.older)}) if found.older else "",
        "newer_url": _address(query) if request.GET.get("older") else "",
    }
    return render(request, "desk/agreements/waivers.html", page)


def _address(query: dict[str, str]) -> str:
    return reverse("desk:waivers") + (f"?{urlencode(query)}" if query else "")


def _spelled(position: tuple[datetime, int]) -> str:
    at, key = position
    return f"{(at - _EPOCH) // _MICROSECOND}-{key}"


def _position(text: str) -> tuple[datetime, int] | None:
    if not text:
        return None
    at, _dash, key = text.partition("-")
    if not (at.isdecimal() and key.isdecimal() and len(at) < 18 and len(key) < 19):
        raise Invalid(_("This page address is not complete. Begin at the first page."))
    return _EPOCH + int(at) * _MICROSECOND, int(key)


def _field(codes: dict[str, int], wanted: str) -> dict[str, Any]:
    departments = [("", _("All departments"))]
    departments += [(code, name_of_department(key)) for code, key in codes.items()]
    return Fields("waivers", Typed()).select(
        "department", _("Department"), departments, default=wanted
    )


def _row(waiver: Waiver) -> dict[str, Any]:
    service = book().services_by_id[waiver.service_id]
    return {
        "waiver": waiver,
        "url": reverse("desk:case", args=[waiver.number]),
        "service": localized(service.name) or service.code,
        "department": name_of_department(waiver.department_id),
        "kind": waiver.kind.label,
    }
