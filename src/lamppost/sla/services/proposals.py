"""From an idea to a promise: a change is drafted, proposed, approved by both sides, published.

The 311 center and the department each give one word; nobody gives both. The second approval
publishes the version in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people.actors import Actor
from lamppost.people.audit import note
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Department
from lamppost.people.permissions import Permission, require
from lamppost.places.models import Area
from lamppost.sla.choices import (
    DayEndRule,
    Priority,
    ProposalState,
    Side,
    TargetKind,
    UnitChoice,
    Verdict,
)
from lamppost.sla.models import (
    OPEN_STATES,
    Agreement,
    AgreementProposal,
    AgreementVersion,
    BusinessCalendar,
    ProposalDecision,
    ProposedTarget,
)
from lamppost.sla.services.publishing import TargetFacts, stamp_catalogue, write_version
from lamppost.sla.services.telling import tell_decided, tell_proposed, tell_withdrawn
from lamppost.sla.target import DayEnd, Target, Unit

MAX_TARGETS = 40
MAX_WORDS = 4000
_FURTHEST = timedelta(days=3 * 366)
SIDE_PERMISSIONS = {
    Side.CENTER: Permission.AGREEMENT_APPROVE_CENTER,
    Side.DEPARTMENT: Permission.AGREEMENT_APPROVE_DEPARTMENT,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed: the promise, from which local day, counted by which calendar, and why."""

    effective_from: date
    calendar_id: int
    targets: tuple[TargetFacts, ...]
    reason: str
    evidence: str = ""


def draft(*, service_id: int, department_id: int, terms: Terms, actor: Actor) -> AgreementProposal:
    """Write down a proposal nobody is asked about yet; return it.

    Raises ``Forbidden`` for somebody else's department, ``Invalid`` naming every wrong field
    and ``Conflict`` while another change of the same agreement is open.
    """
    require(actor, Permission.AGREEMENT_PROPOSE, department_id=department_id)
    _check_pair(service_id, department_id)
    with transaction.atomic():
        agreement, _made = Agreement.objects.get_or_create(
            service_id=service_id, department_id=department_id
        )
        # One at a time per agreement: the lock lets the second one see the first.
        Agreement.objects.select_for_update().get(pk=agreement.pk)
        if AgreementProposal.objects.filter(agreement=agreement, state__in=OPEN_STATES).exists():
            raise Conflict(
                _("A change of this agreement is already open: decide on it or withdraw it first.")
            )
        checked = _checked(agreement, terms)
        now = timezone.now()
        proposal = AgreementProposal.objects.create(
            agreement=agreement,
            state=ProposalState.DRAFT,
            effective_from=checked.effective_from,
            calendar_id=checked.calendar_id,
            reason=checked.reason,
            evidence=checked.evidence,
            proposed_by_id=actor.user_id,
            created_at=now,
            changed_at=now,
        )
        _write_targets(proposal, checked.targets)
    return proposal


def edit(*, proposal_id: int, terms: Terms, actor: Actor) -> AgreementProposal:
    """Change a draft; return it. Raises ``Conflict`` once it has been proposed."""
    with _locked(proposal_id, actor, ProposalState.DRAFT) as proposal:
        checked = _checked(proposal.agreement, terms)
        proposal.effective_from = checked.effective_from
        proposal.calendar_id = checked.calendar_id
        proposal.reason = checked.reason
        proposal.evidence = checked.evidence
        proposal.changed_at = timezone.now()
        proposal.save()
        proposal.targets.all().delete()
        _write_targets(proposal, checked.targets)
        return proposal


def propose(*, proposal_id: int, actor: Actor) -> AgreementProposal:
    """Ask both sides about a draft; return it. From here on its terms stay as they are.

    Raises ``Invalid`` for a first day that has passed or a draft that changes nothing.
    """
    with _locked(proposal_id, actor, ProposalState.DRAFT) as proposal:
        _check_day(proposal.agreement, proposal.effective_from)
        now = timezone.now()
        proposal.state = ProposalState.PROPOSED
        proposal.proposed_by_id = actor.user_id
        proposal.proposed_at = proposal.changed_at = now
        proposal.save()
        _keep_note(proposal, actor, "proposed")
        tell_proposed(proposal, but=actor.user_id)
        return proposal


def withdraw(*, proposal_id: int, actor: Actor) -> AgreementProposal:
    """Take back an open proposal; return it."""
    with _locked(proposal_id, actor, *OPEN_STATES) as proposal:
        was_proposed = proposal.state == ProposalState.PROPOSED
        _close(proposal, ProposalState.WITHDRAWN)
        if was_proposed:
            _keep_note(proposal, actor, "withdrawn")
            tell_withdrawn(proposal, but=actor.user_id)
        return proposal


def decide(
    *, proposal_id: int, side: Side, verdict: Verdict, words: str, actor: Actor
) -> AgreementProposal:
    """Give one side's word; the second approval publishes. Return the proposal.

    Raises ``Forbidden`` without the right of that side, ``Conflict`` for a side that has
    decided, for a person who gave the other side's word, and for a first day that has passed;
    ``Invalid`` for a rejection without words.
    """
    if actor.user_id is None:
        raise Forbidden(_("A person has to decide this."))
    words = clean_text(words)[:MAX_WORDS]
    if verdict is Verdict.REJECTED and not words:
        raise Invalid(_("Say why you reject it."), field="words")
    agreement = _agreement_of(proposal_id)
    require(actor, SIDE_PERMISSIONS[side], department_id=agreement.department_id)
    with transaction.atomic():
        proposal = _take(proposal_id, ProposalState.PROPOSED)
        _check_sides(proposal, side, actor)
        if verdict is Verdict.APPROVED:
            _check_day(proposal.agreement, proposal.effective_from)
        ProposalDecision.objects.create(
            proposal=proposal,
            side=side,
            verdict=verdict,
            user_id=actor.user_id,
            at=timezone.now(),
            words=words,
        )
        _keep_note(proposal, actor, f"{side} {verdict}")
        if verdict is Verdict.REJECTED:
            _close(proposal, ProposalState.REJECTED)
        elif proposal.decisions.filter(verdict=Verdict.APPROVED).count() == len(Side):
            _publish(proposal)
        tell_decided(proposal, side, verdict, but=actor.user_id)
        return proposal


def _publish(proposal: AgreementProposal) -> None:
    proposal.version = write_version(
        agreement_id=proposal.agreement_id,
        effective_from=proposal.effective_from,
        effective_to=None,
        calendar_id=proposal.calendar_id,
        targets=proposed_targets(proposal),
        approved_by=_approvers(proposal),
        evidence=proposal.evidence,
    )
    _close(proposal, ProposalState.PUBLISHED)
    stamp_catalogue()


def proposed_targets(proposal: AgreementProposal) -> list[TargetFacts]:
    """Return what a proposal promises."""
    return [
        TargetFacts(row.kind, row.amount, row.unit, row.day_end, row.area_id, row.priority)
        for row in proposal.targets.order_by("id")
    ]


def _approvers(proposal: AgreementProposal) -> str:
    found = proposal.decisions.select_related("user").order_by("side")
    return ", ".join(str(decision.user) for decision in found)[:200]


def _close(proposal: AgreementProposal, state: ProposalState) -> None:
    proposal.state = state
    proposal.closed_at = proposal.changed_at = timezone.now()
    proposal.save()


def _keep_note(proposal: AgreementProposal, actor: Actor, step: str) -> None:
    agreement = proposal.agreement
    note(
        what=AuditWhat.AGREEMENT,
        label=f"{agreement.service.code} {agreement.department.code}",
        actor=actor,
        detail=f"proposal {proposal.pk} {step}, from {proposal.effective_from.isoformat()}",
    )


# -- taking a proposal


def _agreement_of(proposal_id: int) -> Agreement:
    row = AgreementProposal.objects.select_related("agreement").filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(_("This proposal does not exist here."))
    return row.agreement


@contextmanager
def _locked(proposal_id: int, actor: Actor, *states: ProposalState) -> Iterator[AgreementProposal]:
    agreement = _agreement_of(proposal_id)
    require(actor, Permission.AGREEMENT_PROPOSE, department_id=agreement.department_id)
    with transaction.atomic():
        yield _take(proposal_id, *states)


def _take(proposal_id: int, *states: ProposalState) -> AgreementProposal:
    proposal = (
        AgreementProposal.objects.select_for_update(of=("self",))
        .select_related("agreement__service", "agreement__department")
        .get(pk=proposal_id)
    )
    if proposal.state not in states:
        raise Conflict(
            _("This proposal is not open any more: %(state)s.")
            % {"state": ProposalState(proposal.state).label}
        )
    return proposal


def _check_sides(proposal: AgreementProposal, side: Side, actor: Actor) -> None:
    for decision in proposal.decisions.all():
        if decision.side == side:
            raise Conflict(_("This side has already decided."))
        if decision.user_id == actor.user_id:
            raise Conflict(_("You decided for the other side; somebody else has to do it here."))


# -- checking terms


def _check_pair(service_id: int, department_id: int) -> None:
    # By name: the catalogue stands beside this floor, not below it.
    services = apps.get_model("catalog", "Service").objects
    service = services.filter(pk=service_id, is_active=True).first()
    problems = []
    if service is None or service.kind == "inquiry":
        problems.append(Problem("service", _("This service has no service level.")))
    if not Department.objects.filter(pk=department_id, is_active=True).exists():
        problems.append(Problem("department", _("This department does not exist here.")))
    if problems:
        raise Invalid(problems)


def _checked(agreement: Agreement, terms: Terms) -> Terms:
    reason, evidence = clean_text(terms.reason), clean_line(terms.evidence)
    problems = [*_day_problems(agreement, terms.effective_from), *_target_problems(terms.targets)]
    if not reason:
        problems.append(Problem("reason", _("Say why the promise should change.")))
    if len(reason) > MAX_WORDS:
        problems.append(Problem("reason", _("Use fewer words.")))
    if len(evidence) > 300:
        problems.append(Problem("evidence", _("Use fewer words.")))
    if not BusinessCalendar.objects.filter(pk=terms.calendar_id).exists():
        problems.append(Problem("calendar", _("Choose a calendar.")))
    if problems:
        raise Invalid(problems)
    return Terms(
        effective_from=terms.effective_from,
        calendar_id=terms.calendar_id,
        targets=terms.targets,
        reason=reason,
        evidence=evidence,
    )


def _check_day(agreement: Agreement, day: date) -> None:
    problems = _day_problems(agreement, day)
    if problems:
        raise Conflict(problems)


def _day_problems(agreement: Agreement, day: date) -> list[Problem]:
    today = timezone.now().astimezone(city_in_scope().zone).date()
    if day < today:
        return [Problem("effective_from", _("The first day has passed: choose today or later."))]
    if day > today + _FURTHEST:
        return [Problem("effective_from", _("Choose a day within the next three years."))]
    if AgreementVersion.objects.filter(agreement=agreement, effective_from=day).exists():
        return [Problem("effective_from", _("Another version begins on this day already."))]
    return []


def _target_problems(targets: Collection[TargetFacts]) -> list[Problem]:
    if not targets:
        return [Problem("targets", _("Promise at least one thing."))]
    if len(targets) > MAX_TARGETS:
        return [Problem("targets", _("These are too many targets."))]
    problems: list[Problem] = []
    seen: set[tuple[str, int | None, str]] = set()
    areas = {target.area_id for target in targets if target.area_id is not None}
    known = set(Area.objects.filter(pk__in=areas).values_list("pk", flat=True)) if areas else set()
    for position, target in enumerate(targets):
        message = _wrong_in(target, known)
        if not message and target.scope in seen:
            message = _("There are two targets for the same cases.")
        if message:
            problems.append(Problem(f"target-{position}", message))
        seen.add(target.scope)
    return problems


def _wrong_in(target: TargetFacts, areas: Collection[int]) -> str:
    if target.kind not in TargetKind.values or target.day_end not in DayEndRule.values:
        return _("Choose what is promised.")
    if target.unit not in UnitChoice.values:
        return _("Choose a unit.")
    if target.priority and target.priority not in Priority.values:
        return _("Choose a priority.")
    if target.area_id is not None and target.area_id not in areas:
        return _("This area does not exist here.")
    try:
        length = Target.optional(target.amount, Unit(target.unit), day_end=DayEnd(target.day_end))
    except (ValueError, OverflowError):
        length = None
    return "" if length else _("Write a number from 1 up, at most ten years.")


def _write_targets(proposal: AgreementProposal, targets: Collection[TargetFacts]) -> None:
    ProposedTarget.objects.bulk_create(
        ProposedTarget(
            proposal=proposal,
            kind=target.kind,
            amount=target.amount,
            unit=target.unit,
            day_end=target.day_end,
            area_id=target.area_id,
            priority=target.priority,
        )
        for target in targets
    )
