"""A change of a promise on its way: proposed, approved by both sides, then published."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.sla.choices import (
    DayEndRule,
    Priority,
    ProposalState,
    Side,
    TargetKind,
    UnitChoice,
    Verdict,
)
from lamppost.sla.models.agreement import Agreement, AgreementVersion
from lamppost.sla.models.calendar import BusinessCalendar

OPEN_STATES = (ProposalState.DRAFT, ProposalState.PROPOSED)


class AgreementProposal(TenantModel):
    """What an agreement is to promise from one day on, and how far that has come."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="proposals")
    state = models.CharField(max_length=10, choices=ProposalState.choices)
    effective_from = models.DateField()
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    evidence = models.CharField(max_length=300, blank=True)
    proposed_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        AgreementVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="proposal"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "agreement"],
                condition=models.Q(state__in=OPEN_STATES),
                name="agreementproposal_one_open",
            ),
            models.CheckConstraint(
                name="agreementproposal_published",
                condition=models.Q(state=ProposalState.PUBLISHED, version__isnull=False)
                | (~models.Q(state=ProposalState.PUBLISHED) & models.Q(version__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "state"],
                condition=models.Q(state__in=OPEN_STATES),
                name="agreementproposal_open",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} ({self.state})"


class ProposedTarget(TenantModel):
    """One target as proposed; becomes one of the version when that is published."""

    proposal = models.ForeignKey(
        AgreementProposal, on_delete=models.CASCADE, related_name="targets"
    )
    kind = models.CharField(max_length=15, choices=TargetKind.choices)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=20, choices=UnitChoice.choices)
    day_end = models.CharField(max_length=10, choices=DayEndRule.choices, default=DayEndRule.CLOSE)
    area = models.ForeignKey(
        "places.Area", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    priority = models.CharField(max_length=10, choices=Priority.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "proposal", "kind", "area", "priority"],
                nulls_distinct=False,
                name="proposedtarget_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.unit}"


class ProposalDecision(TenantModel):
    """One side's word on a proposal: append-only, one per side and never two by one person."""

    proposal = models.ForeignKey(
        AgreementProposal, on_delete=models.PROTECT, related_name="decisions"
    )
    side = models.CharField(max_length=12, choices=Side.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "proposal", "side"], name="proposaldecision_side"
            ),
            models.UniqueConstraint(
                fields=["city", "proposal", "user"], name="proposaldecision_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side}: {self.verdict}"
