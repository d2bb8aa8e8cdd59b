"""A closed case said to be not fixed: looked at by the 311 center, on a clock of its own."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import RedressSource, RedressState
from lamppost.database.models import TenantModel


class Redress(TenantModel):
    """One closing in doubt (docs/decisions/0016-redress.md). One per closing, never more.

    The resident's words are the text of the event that opened it. ``decision`` is public.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="redresses")
    closing = models.ForeignKey(
        "cases.CaseEvent", null=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField()
    outcome = models.ForeignKey(
        "catalog.Outcome", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=10, choices=RedressSource.choices)
    opened_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    breached_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RedressState.choices)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_again = models.ForeignKey(
        "cases.CaseEvent", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "closing"], name="redress_one_per_closing"),
            models.UniqueConstraint(
                fields=["city", "case"],
                condition=models.Q(state=RedressState.OPEN),
                name="redress_one_open",
            ),
            models.CheckConstraint(
                name="redress_decided",
                condition=models.Q(state=RedressState.OPEN) | models.Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="redress_decider_is_another",
                condition=~models.Q(state=RedressState.REFUSED)
                | models.Q(closed_by__isnull=True)
                | ~models.Q(closed_by=models.F("decided_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "due_at", "id"],
                condition=models.Q(state=RedressState.OPEN),
                name="redress_queue",
            ),
            models.Index(fields=["city", "-opened_at", "-id"], name="redress_newest"),
        ]

    def __str__(self) -> str:
        return f"redress of {self.case_id}"
