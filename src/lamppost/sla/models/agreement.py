"""The promise: an agreement of a department, its published versions, their targets."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.sla.choices import DayEndRule, Priority, TargetKind, UnitChoice
from lamppost.sla.models.calendar import BusinessCalendar


class Agreement(TenantModel):
    """The promise of one department for one service, through all its versions."""

    service = models.ForeignKey(
        "catalog.Service", on_delete=models.PROTECT, related_name="agreements"
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="agreements"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "service", "department"], name="agreement_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class AgreementVersion(TenantModel):
    """What was promised from one day on.

    Published versions are history and stay: a trigger of the database refuses to change or
    remove one once its first day has come or both sides have approved it.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="+")
    approved_by = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["agreement", "effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "agreement", "effective_from"], name="agreementversion_from"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} from {self.effective_from}"


class SlaTarget(TenantModel):
    """One thing promised: a kind, an amount and its unit; narrower ones win.

    Without an area it holds everywhere, without a priority for every priority.
    """

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="targets")
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
                fields=["city", "version", "kind", "area", "priority"],
                nulls_distinct=False,
                name="slatarget_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.unit}"
