"""What exists before, or instead of, a case."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import DiversionSource
from lamppost.catalog.choices import Channel, TriageOutcome
from lamppost.database.models import TenantModel


class IdempotencyKey(TenantModel):
    """A caller's own key for one filing: the same key again gives the same case."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "caller", "key"], name="idempotency_key"),
        ]

    def __str__(self) -> str:
        return self.key


class IntakeToken(TenantModel):
    """What a caller holds until a batch service gives the number."""

    token = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    ready_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.token


class Draft(TenantModel):
    """A report on its way, step by step without JavaScript, or begun on another channel.

    ``fields`` is what the form holds, opaque to the database. Photos wait as draft photos.
    """

    token_digest = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20, blank=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    case = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["city", "expires_at"], name="draft_expires")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class DraftPhoto(TenantModel):
    """A photo of a draft, already re-encoded; the position its camera recorded is offered
    to the reporter as the place and kept nowhere else."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="photos")
    token = models.CharField(max_length=40, unique=True)
    path = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    offered_long = models.FloatField(null=True)
    offered_lat = models.FloatField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.token


class Diversion(TenantModel):
    """A report that was stopped: sent to 911, to a crisis line, or referred elsewhere.

    Counted for the measure; holds no text of the person's. ``what`` is the danger the words
    told of (gas, fire, suicide…), ``heard_in`` the word list that found it, ``said_safe_at``
    when the person went on all the same, saying that nobody is in danger.
    """

    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=10, choices=TriageOutcome.choices)
    service = models.ForeignKey(
        "catalog.Service", null=True, on_delete=models.PROTECT, related_name="+"
    )
    rule = models.ForeignKey(
        "catalog.TriageRule", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(
        max_length=10, choices=DiversionSource.choices, default=DiversionSource.ANSWER
    )
    what = models.CharField(max_length=20, blank=True)
    heard_in = models.CharField(max_length=20, blank=True)
    said_safe_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["city", "at"], name="diversion_at")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.at}"


class ImportRun(TenantModel):
    """One run of an import, so that it can be resumed and its rows named."""

    source = models.CharField(max_length=300)
    source_digest = models.CharField(max_length=64)
    format = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_new = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)
    rows_rejected = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.source
