"""Inspections with their records, and the links partners work through."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import PointField
from lamppost.database.models import TenantModel
from lamppost.fieldwork.choices import (
    Condition,
    InspectionState,
    LinkLevel,
    PartnerStep,
    Standing,
    Verdict,
)


class Inspection(TenantModel):
    """Somebody is to look at a case on a day: one inspector or one team.

    Whose it is never changes: planned anew it is another row, so a record that was made
    offline by the first inspector still finds its own.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="inspections")
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    inspector = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    planned_on = models.DateField()
    state = models.CharField(max_length=10, choices=InspectionState.choices)
    planned_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    planned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The record that holds: the one with the latest time of its device.
    record = models.OneToOneField(
        "fieldwork.InspectionRecord",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "case"],
                condition=models.Q(state=InspectionState.PLANNED),
                name="inspection_one_planned",
            ),
            models.CheckConstraint(
                name="inspection_one_or_team",
                condition=models.Q(inspector__isnull=False, team__isnull=True)
                | models.Q(inspector__isnull=True, team__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["city", "planned_on", "department"], name="inspection_day"),
            models.Index(fields=["city", "inspector", "planned_on"], name="inspection_inspector"),
            models.Index(fields=["city", "team", "planned_on"], name="inspection_team"),
            models.Index(fields=["city", "case"], name="inspection_case"),
        ]

    def __str__(self) -> str:
        return f"inspection of {self.case_id} on {self.planned_on}"


class InspectionRecord(TenantModel):
    """What an inspector wrote down on the spot, once per key of the device.

    ``device_at`` is what the phone's clock said, ``at`` the time we hold it to be (the same
    unless it cannot be true), ``received_at`` when it reached us.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="records")
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(max_length=12, choices=Standing.choices)
    condition = models.CharField(max_length=12, choices=Condition.choices)
    size = models.CharField(max_length=100, blank=True)
    note = models.TextField(blank=True)
    device_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    location = PointField(null=True)
    accuracy_m = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "key"], name="inspectionrecord_key"),
        ]
        indexes = [
            models.Index(fields=["city", "user", "-at"], name="inspectionrecord_latest"),
            models.Index(fields=["city", "inspection"], name="inspectionrecord_of"),
        ]

    def __str__(self) -> str:
        return f"record of inspection {self.inspection_id} at {self.at}"


class InspectionPhoto(TenantModel):
    """A photo of the case that was taken during an inspection."""

    record = models.ForeignKey(InspectionRecord, on_delete=models.CASCADE, related_name="photos")
    attachment = models.ForeignKey(
        "cases.Attachment", on_delete=models.CASCADE, related_name="inspections"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "record", "attachment"], name="inspectionphoto_once"
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.attachment_id} of record {self.record_id}"


class PartnerLink(TenantModel):
    """An address through which somebody without an account works on one case.

    Only the digest of its token is kept; a lost link is renewed, never shown again.
    ``done_status`` is where the case goes when the partner reports it done.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="partner_links")
    organization = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    level = models.CharField(max_length=10, choices=LinkLevel.choices)
    instruction = models.TextField(blank=True)
    token_digest = models.CharField(max_length=64)
    done_status = models.ForeignKey(
        "catalog.Status", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    renews = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewed_as"
    )
    revoked_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "token_digest"], name="partnerlink_token"),
        ]
        indexes = [models.Index(fields=["city", "case"], name="partnerlink_case")]

    def __str__(self) -> str:
        return f"link of {self.case_id} for {self.organization}"


class PartnerEntry(TenantModel):
    """One thing a partner did through a link, by the key of the form it was sent with: the
    same form sent twice is one entry."""

    link = models.ForeignKey(PartnerLink, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=64)
    step = models.CharField(max_length=10, choices=PartnerStep.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "link", "key"], name="partnerentry_key"),
        ]

    def __str__(self) -> str:
        return f"{self.step} by link {self.link_id}"


class CompletionReport(TenantModel):
    """A partner says the work is done and how it ended; the department confirms or sends it
    back."""

    link = models.ForeignKey(PartnerLink, on_delete=models.CASCADE, related_name="completions")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="completions")
    outcome = models.ForeignKey("catalog.Outcome", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "link"],
                condition=models.Q(verdict=""),
                name="completionreport_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "case"],
                condition=models.Q(verdict=""),
                name="completionreport_open",
            ),
        ]

    def __str__(self) -> str:
        return f"completion of {self.case_id} by link {self.link_id}"
