"""Agreements at the desk: the list by department, and one agreement with its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.selectors.promised import Promised, promised_today
from lamppost.catalog.book import DepartmentEntry, ServiceEntry, book
from lamppost.catalog.choices import CaseKind
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import clean_line, fold
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may
from lamppost.sla.models import OPEN_STATES, AgreementProposal
from lamppost.sla.selectors import (
    agreement_of,
    open_proposals,
    periods_of,
    proposals_of,
    steps_of,
)


@at_desk("GET", "HEAD")
def listed(request: HttpRequest) -> HttpResponse:
    """List what every service promises, by department, found by words."""
    actor = actor_at(request)
    words = clean_line(request.GET.get("q", ""))[:100]
    wanted = request.GET.get("department", "")
    codes = {entry.code for entry in book().departments.values()}
    if wanted not in codes:
        wanted = ""
    rows = [
        row
        for row in promised_today(public_only=False)
        if (not wanted or row.department.code == wanted) and _has(row, words)
    ]
    page = {
        **frame(actor, here="tools"),
        "groups": _grouped(rows, _open_by_pair(actor)),
        "waiting": [proposal_line(one) for one in open_proposals(actor=actor)],
        "fields": _filters(request, wanted, words),
        "is_filtered": bool(wanted or words),
    }
    return render(request, "desk/agreements/list.html", page)


def _has(row: Promised, words: str) -> bool:
    text = fold(f"{row.service.code} {localized(row.service.name)}")
    return all(word in text for word in fold(words).split())


def _open_by_pair(actor: Actor) -> dict[tuple[int, int], AgreementProposal]:
    return {
        (one.agreement.service_id, one.agreement.department_id): one
        for one in open_proposals(actor=actor)
    }


def _grouped(
    rows: list[Promised], waiting: dict[tuple[int, int], AgreementProposal]
) -> list[dict[str, Any]]:
    groups: dict[int, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(
            row.department.id, {"name": localized(row.department.name), "rows": []}
        )
        proposal = waiting.get((row.service.id, row.department.id))
        group["rows"].append(
            {
                "service": localized(row.service.name) or row.service.code,
                "code": row.service.code,
                "url": address_of(row.service, row.department),
                "lines": row.lines,
                "proposal": proposal and proposal_line(proposal),
            }
        )
    return list(groups.values())


def _filters(request: HttpRequest, wanted: str, words: str) -> list[dict[str, Any]]:
    del request
    fields = Fields("agreements", Typed())
    departments = [("", _("All departments"))]
    departments += [
        (entry.code, localized(entry.name) or entry.code)
        for entry in book().departments.values()
        if entry.is_active
    ]
    return [
        fields.text("q", _("Service"), default=words, kind="search", attrs={"maxlength": 100}),
        fields.select("department", _("Department"), departments, default=wanted),
    ]


@at_desk("GET", "HEAD")
def show(request: HttpRequest, service: str, department: str) -> HttpResponse:
    """Show one agreement: what holds, what held, what is proposed, who is told when late."""
    actor = actor_at(request)
    entry, owner = pair_of(service, department)
    agreement = agreement_of(entry.id, owner.id)
    periods = periods_of([agreement.pk]).get(agreement.pk, []) if agreement else []
    proposals = proposals_of(agreement.pk, actor=actor) if agreement else []
    is_open = any(one.state in OPEN_STATES for one in proposals)
    may_propose = may(actor, Permission.AGREEMENT_PROPOSE, department_id=owner.id)
    page = {
        **frame(actor, here="tools"),
        "service": localized(entry.name) or entry.code,
        "code": entry.code,
        "department": localized(owner.name) or owner.code,
        "periods": periods[::-1],
        "proposals": [proposal_line(one) for one in proposals],
        "steps": steps_of(agreement.pk if agreement else None),
        "public_url": f"/performance/agreements/{entry.code}/",
        "propose_url": reverse("desk:proposal_new", args=[entry.code, owner.code])
        if may_propose and not is_open
        else "",
    }
    return render(request, "desk/agreements/agreement.html", page)


def pair_of(service: str, department: str) -> tuple[ServiceEntry, DepartmentEntry]:
    """Return the service and the department of an address. Raises ``NotFound``."""
    pages = book()
    entry = pages.services.get(service)
    owner = next((one for one in pages.departments.values() if one.code == department), None)
    if entry is None or owner is None or entry.kind is CaseKind.INQUIRY:
        raise NotFound(_("There is no such agreement here."))
    return entry, owner


def address_of(service: ServiceEntry, department: DepartmentEntry) -> str:
    """Return where the agreement of a department for a service is looked at."""
    return reverse("desk:agreement", args=[service.code, department.code])


def proposal_line(proposal: AgreementProposal) -> dict[str, Any]:
    """Return a proposal as lists show it."""
    pages = book()
    service = pages.services_by_id[proposal.agreement.service_id]
    return {
        "url": reverse("desk:proposal", args=[proposal.pk]),
        "service": localized(service.name) or service.code,
        "department": name_of_department(proposal.agreement.department_id),
        "state": proposal.state,
        "label": proposal.get_state_display(),
        "from": proposal.effective_from,
        "by": str(proposal.proposed_by or ""),
        "at": proposal.proposed_at or proposal.created_at,
    }
