"""A proposal on its way, one that was rejected, and steps of escalation, for each city."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from lamppost.people.choices import Role
from lamppost.people.models import Department, Membership, User
from lamppost.sla.choices import ProposalState, Side, StepMoment, Verdict
from lamppost.sla.models import (
    Agreement,
    AgreementProposal,
    BusinessCalendar,
    EscalationAudience,
    EscalationStep,
    ProposalDecision,
    ProposedTarget,
)


def add_promises(slug: str) -> None:
    """Write them for the city in scope, whose words name ``slug``."""
    now = timezone.now()
    user = User.objects.create(email=f"promises@{slug}.example", name=f"{slug} manager")
    Membership.objects.create(
        user=user, role=Role.MANAGER, department=Department.objects.get(code="streets")
    )
    for state in (ProposalState.PROPOSED, ProposalState.REJECTED):
        proposal = AgreementProposal.objects.create(
            agreement=Agreement.objects.first(), state=state, proposed_by=user,
            effective_from=now.date() + timedelta(days=30),
            calendar=BusinessCalendar.objects.first(), reason=f"{slug} has fewer crews",
            created_at=now, changed_at=now, proposed_at=now,
        )  # fmt: skip
        ProposedTarget.objects.create(
            proposal=proposal, kind="resolve", amount=46, unit="business_days"
        )
    ProposalDecision.objects.create(
        proposal=proposal, side=Side.DEPARTMENT, verdict=Verdict.REJECTED, user=user, at=now,
        words=f"{slug} says no",
    )  # fmt: skip
    step = EscalationStep.objects.create(
        code="late", moment=StepMoment.AFTER, amount=1, unit="business_hours",
        wording={"en": f"{slug} is late"}, since=now,
    )  # fmt: skip
    EscalationAudience.objects.create(step=step, whom="managers")
