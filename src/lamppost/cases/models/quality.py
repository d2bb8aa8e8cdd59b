"""Closings looked at again: steps for many cases on record, samples, verdicts."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import BulkStep, SamplePool, Verdict
from lamppost.database.models import TenantModel


class BulkRun(TenantModel):
    """One step done to many cases at once: who, when, what, why."""

    user = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    step = models.CharField(max_length=10, choices=BulkStep.choices)
    status = models.ForeignKey(
        "catalog.Status", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outcome = models.ForeignKey(
        "catalog.Outcome", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.TextField()
    chosen_count = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["city", "-started_at", "-id"], name="bulkrun_newest")]

    def __str__(self) -> str:
        return f"{self.step} of {self.chosen_count}"


class BulkCase(TenantModel):
    """A case a bulk run changed, and the event that says so."""

    run = models.ForeignKey(BulkRun, on_delete=models.PROTECT, related_name="cases")
    event = models.OneToOneField("cases.CaseEvent", on_delete=models.PROTECT, related_name="bulk")

    def __str__(self) -> str:
        return f"{self.event_id} in run {self.run_id}"


class QualityDay(TenantModel):
    """A day whose closings were sampled: the row is what makes the draw happen once."""

    day = models.DateField()
    drawn_at = models.DateTimeField()
    closed_count = models.PositiveIntegerField()
    bulk_count = models.PositiveIntegerField()
    sample_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "day"], name="qualityday_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.sample_count} of {self.closed_count}"


class QualitySample(TenantModel):
    """One closing drawn for a second look by somebody who did not do it.

    ``is_shown`` tells whether the photo shows the work: empty where there was none to look at.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="samples")
    closing = models.OneToOneField(
        "cases.CaseEvent", on_delete=models.PROTECT, related_name="sample"
    )
    day = models.DateField()
    pool = models.CharField(max_length=10, choices=SamplePool.choices)
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    assigned_to = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    drawn_at = models.DateTimeField()
    is_true = models.BooleanField(null=True)
    is_clear = models.BooleanField(null=True)
    is_shown = models.BooleanField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    note = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    reopened = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="qualitysample_by_another",
                condition=models.Q(reviewed_by__isnull=True)
                | models.Q(closed_by__isnull=True)
                | ~models.Q(closed_by=models.F("reviewed_by")),
            ),
            models.CheckConstraint(
                name="qualitysample_verdict",
                condition=models.Q(verdict="") | models.Q(reviewed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "assigned_to", "day", "id"],
                condition=models.Q(verdict=""),
                name="qualitysample_waiting",
            ),
            models.Index(
                fields=["city", "department", "day"],
                condition=~models.Q(verdict=""),
                name="qualitysample_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"sample of {self.case_id}"
