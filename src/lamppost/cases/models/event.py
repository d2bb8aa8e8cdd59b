"""What happened to a case: the audit, the timeline and the outbox in one append-only row."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import ActorKind, EventAudience, EventKind
from lamppost.catalog.choices import Channel, State
from lamppost.database.models import TenantModel


class CaseEvent(TenantModel):
    """One change. ``seq``, ``prev_hash`` and ``hash`` are written by the database.

    The state, owner and service *after* the event stand on the row, so a measure needs no
    replay. ``data`` holds codes and ids, never a person's words: those are in the event's
    text, which can be taken out without breaking the chain.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    audience = models.CharField(max_length=10, choices=EventAudience.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=10, choices=ActorKind.choices)
    user = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    api_key = models.ForeignKey(
        "people.ApiKey", null=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    status = models.ForeignKey("catalog.Status", on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey("catalog.Service", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    outcome = models.ForeignKey(
        "catalog.Outcome", null=True, on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["city", "case", "seq"], name="caseevent_seq"),
        ]
        indexes = [
            models.Index(fields=["city", "recorded_at", "id"], name="caseevent_recorded"),
            models.Index(fields=["city", "kind", "at"], name="caseevent_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.kind}"


class EventText(TenantModel):
    """The words of an event. The chain keeps only their salted digest, so erasing a person
    from the text leaves the history provable (docs/decisions/0009-event-chain.md)."""

    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, related_name="words")
    text = models.TextField()
    language = models.CharField(max_length=20, blank=True)
    salt = models.CharField(max_length=32)
    redacted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"text of event {self.event_id}"


class CaseChain(models.Model):
    """The head of each case's chain. Written only by the database's own trigger."""

    case = models.OneToOneField(
        "cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="chain"
    )
    city = models.ForeignKey("cities.City", on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.case_id}@{self.seq}"
