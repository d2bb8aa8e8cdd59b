"""Changing a promise: write it down, see what it changes, ask both sides, decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.catalog.book import DepartmentEntry, ServiceEntry, book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.agreement_form import fields_of, first_values, terms_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.views.agreements import address_of, pair_of
from lamppost.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require
from lamppost.sla.choices import ProposalState, Side, Verdict
from lamppost.sla.models import AgreementProposal, BusinessCalendar
from lamppost.sla.selectors import (
    agreement_of,
    held_on,
    local_today,
    periods_of,
    proposal_for,
    told_of,
    versions_in_force,
)
from lamppost.sla.services import proposals
from lamppost.sla.services.proposals import SIDE_PERMISSIONS, Terms, proposed_targets
from lamppost.sla.services.publishing import TargetFacts
from lamppost.sla.words import changes, line

_EMPTY_ROWS = 2


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest, service: str, department: str) -> HttpResponse:
    """Write down a new promise, beginning with what holds now."""
    actor = actor_at(request)
    entry, owner = pair_of(service, department)
    require(actor, Permission.AGREEMENT_PROPOSE, department_id=owner.id)
    if request.method != "POST":
        typed = Typed(first_values(_terms_now(entry, owner)))
        return _form(request, actor, entry, owner, typed)
    if "more" in request.POST:
        return _form(request, actor, entry, owner, Typed(request.POST))
    try:
        made = proposals.draft(
            service_id=entry.id, department_id=owner.id, terms=terms_in(request.POST), actor=actor
        )
    except Forbidden:
        raise
    except Refusal as refusal:
        return _form(request, actor, entry, owner, Typed.of(request.POST, refusal), refusal=refusal)
    return HttpResponseRedirect(reverse("desk:proposal", args=[made.pk]))


@at_desk("GET", "HEAD", "POST")
def edit(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Change a draft."""
    actor = actor_at(request)
    proposal = _proposal(proposal_id, actor)
    entry, owner = _pair(proposal)
    require(actor, Permission.AGREEMENT_PROPOSE, department_id=owner.id)
    if request.method != "POST":
        typed = Typed(first_values(_terms_of(proposal)))
        return _form(request, actor, entry, owner, typed, proposal=proposal)
    if "more" in request.POST:
        return _form(request, actor, entry, owner, Typed(request.POST), proposal=proposal)
    try:
        proposals.edit(proposal_id=proposal.pk, terms=terms_in(request.POST), actor=actor)
    except Forbidden:
        raise
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        return _form(request, actor, entry, owner, typed, proposal=proposal, refusal=refusal)
    return HttpResponseRedirect(reverse("desk:proposal", args=[proposal.pk]))


@at_desk("GET", "HEAD")
def show(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Show a proposal: what changes, why, who has decided, what can be done."""
    actor = actor_at(request)
    proposal = _proposal(proposal_id, actor)
    return render(request, "desk/agreements/proposal.html", _page(proposal, actor, Typed()))


@at_desk("POST")
def act(request: HttpRequest, proposal_id: str, step: str) -> HttpResponse:
    """Ask both sides, take it back, or give one side's word."""
    actor = actor_at(request)
    proposal = _proposal(proposal_id, actor)
    try:
        done = _STEPS[step](proposal, actor, request.POST)
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        page = _page(_proposal(proposal_id, actor), actor, Typed.of(request.POST, refusal))
        page["problems"] = refusal.problems
        return render(request, "desk/agreements/proposal.html", page, status=status_of(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(reverse("desk:proposal", args=[proposal.pk]))


def _propose(proposal: AgreementProposal, actor: Actor, sent: QueryDict) -> str:
    del sent
    proposals.propose(proposal_id=proposal.pk, actor=actor)
    return _("Proposed. The 311 center and the department have been told.")


def _withdraw(proposal: AgreementProposal, actor: Actor, sent: QueryDict) -> str:
    del sent
    proposals.withdraw(proposal_id=proposal.pk, actor=actor)
    return _("Withdrawn. Nothing was changed.")


def _decide(proposal: AgreementProposal, actor: Actor, sent: QueryDict) -> str:
    side, verdict = sent.get("side", ""), sent.get("verdict", "")
    if side not in Side.values or verdict not in Verdict.values:
        raise Invalid(_("Choose whether you approve it."), field="verdict")
    decided = proposals.decide(
        proposal_id=proposal.pk,
        side=Side(side),
        verdict=Verdict(verdict),
        words=sent.get("words", ""),
        actor=actor,
    )
    if decided.state == ProposalState.PUBLISHED:
        return _("Approved by both sides and published.")
    if decided.state == ProposalState.REJECTED:
        return _("Rejected. The promise stays as it is.")
    return _("Approved. The other side still has to decide.")


_STEPS = {"propose": _propose, "withdraw": _withdraw, "decide": _decide}


def _proposal(proposal_id: str, actor: Actor) -> AgreementProposal:
    found = proposal_for(int(proposal_id), actor=actor)
    if found is None:
        raise NotFound(_("This proposal does not exist here."))
    return found


def _pair(proposal: AgreementProposal) -> tuple[ServiceEntry, DepartmentEntry]:
    pages, agreement = book(), proposal.agreement
    return pages.services_by_id[agreement.service_id], pages.departments[agreement.department_id]


def _page(proposal: AgreementProposal, actor: Actor, typed: Typed) -> dict[str, Any]:
    entry, owner = _pair(proposal)
    periods = periods_of([proposal.agreement_id]).get(proposal.agreement_id, [])
    after = told_of(proposal)
    eve = proposal.effective_from - timedelta(days=1)
    is_draft = proposal.state == ProposalState.DRAFT
    may_propose = may(actor, Permission.AGREEMENT_PROPOSE, department_id=owner.id)
    is_open = is_draft or proposal.state == ProposalState.PROPOSED
    return {
        **frame(actor, here="tools"),
        "proposal": proposal,
        "service": localized(entry.name) or entry.code,
        "department": localized(owner.name) or owner.code,
        "agreement_url": address_of(entry, owner),
        "calendar": localized(proposal.calendar.name) or proposal.calendar.code,
        "changes": changes(held_on(periods, eve), after),
        "lines": [line(one) for one in after],
        "eve": eve,
        "decisions": [_decision(one) for one in proposal.decisions.all()],
        "waiting_for": _waiting_for(proposal),
        "may_edit": is_draft and may_propose,
        "may_withdraw": is_open and may_propose,
        "forms": _decision_forms(proposal, actor, typed),
    }


def _decision(row: Any) -> dict[str, Any]:
    return {
        "side": Side(row.side).label,
        "verdict": row.verdict,
        "label": Verdict(row.verdict).label,
        "by": str(row.user),
        "at": row.at,
        "words": row.words,
    }


def _waiting_for(proposal: AgreementProposal) -> list[str]:
    if proposal.state != ProposalState.PROPOSED:
        return []
    decided = {one.side for one in proposal.decisions.all()}
    return [str(side.label) for side in Side if side not in decided]


def _decision_forms(
    proposal: AgreementProposal, actor: Actor, typed: Typed
) -> list[dict[str, Any]]:
    """The forms of the sides this person may still decide for."""
    if proposal.state != ProposalState.PROPOSED:
        return []
    decisions = list(proposal.decisions.all())
    if any(one.user_id == actor.user_id for one in decisions):
        return []
    decided = {one.side for one in decisions}
    department_id = proposal.agreement.department_id
    return [
        {
            "side": side,
            "title": _("Decide for: %(side)s") % {"side": side.label},
            "field": Fields(f"decide-{side}", typed).area(
                "words", _("Your words"), hint=_("Needed when you reject it."), attrs={"rows": 2}
            ),
        }
        for side, permission in SIDE_PERMISSIONS.items()
        if side not in decided and may(actor, permission, department_id=department_id)
    ]


def _form(
    request: HttpRequest,
    actor: Actor,
    entry: ServiceEntry,
    owner: DepartmentEntry,
    typed: Typed,
    *,
    proposal: AgreementProposal | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    fields = fields_of(typed, more_rows=_EMPTY_ROWS)
    shown = [one["name"] for one in fields["whole"]]
    page = {
        **frame(actor, here="tools"),
        "service": localized(entry.name) or entry.code,
        "department": localized(owner.name) or owner.code,
        "agreement_url": address_of(entry, owner),
        "back_url": reverse("desk:proposal", args=[proposal.pk])
        if proposal
        else address_of(entry, owner),
        "fields": fields,
        "errors": [
            one for one in typed.problems
            if one.field not in shown and not one.field.startswith("target")
        ],
        "is_refused": refusal is not None,
    }  # fmt: skip
    status = status_of(refusal) if refusal else 200
    return render(request, "desk/agreements/form.html", page, status=status)


def _terms_now(entry: ServiceEntry, owner: DepartmentEntry) -> Terms:
    """What holds now, from tomorrow on: what a proposal begins with."""
    agreement, today = agreement_of(entry.id, owner.id), local_today()
    version = versions_in_force(today).filter(agreement=agreement).first() if agreement else None
    calendar = BusinessCalendar.objects.order_by("-is_default", "code").first()
    targets = version.targets.order_by("kind", "priority", "id") if version else ()
    return Terms(
        effective_from=today + timedelta(days=1),
        calendar_id=version.calendar_id if version else (calendar.pk if calendar else 0),
        targets=tuple(
            TargetFacts(row.kind, row.amount, row.unit, row.day_end, row.area_id, row.priority)
            for row in targets
        ),
        reason="",
    )


def _terms_of(proposal: AgreementProposal) -> Terms:
    return Terms(
        effective_from=proposal.effective_from,
        calendar_id=proposal.calendar_id,
        targets=tuple(proposed_targets(proposal)),
        reason=proposal.reason,
        evidence=proposal.evidence,
    )
