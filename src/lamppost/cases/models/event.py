"""What happened to a case: the audit, the timeline and the outbox in one append-only row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db import models

from lamppost.cases.choices import ActorKind, EventAudience, EventKind
from lamppost.catalog.choices import Channel, State
from lamppost.database.models import TenantModel, city_of_its_case


def _as_of_then(to: str, *, null: bool = False) -> models.ForeignKey[Any, Any]:
    # What the case itself points to at that moment, checked there. PROTECT holds it, and no list
    # is looked up by it: docs/decisions/0017-keys-without-checks.md.
    return models.ForeignKey(
        to,
        null=null,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class CaseEvent(TenantModel):
    """One change. ``seq``, ``prev_hash`` and ``hash`` are written by the database.

    The state, owner and service *after* the event stand on the row, so a measure needs no
    replay. ``data`` holds codes and ids, never a person's words: those are in the event's
    text, which can be taken out without breaking the chain.
    """

    city = city_of_its_case()
    # Held by the chain: an event follows a head, a case with a head stays.
    case = models.ForeignKey(
        "cases.Case",
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    seq = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    audience = models.CharField(max_length=10, choices=EventAudience.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=10, choices=ActorKind.choices)
    user = _as_of_then("people.User", null=True)
    api_key = _as_of_then("people.ApiKey", null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    status = _as_of_then("catalog.Status")
    service = _as_of_then("catalog.Service")
    department = _as_of_then("people.Department")
    outcome = _as_of_then("catalog.Outcome", null=True)
    data = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    # What its readers asked while it was written (``services.opening.ask``); kept nowhere.
    asked: Mapping[str, Sequence[int]] = MappingProxyType({})

    class Meta:
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="caseevent_seq"),
        ]
        indexes = [
            models.Index(fields=["city", "recorded_at", "id"], name="caseevent_recorded"),
            models.Index(fields=["city", "kind", "at"], name="caseevent_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.kind}"


class EventText(TenantModel):
    """The words of an event. The chain keeps only their salted digest, so erasing a person
    from the text leaves the history provable (docs/decisions/0009-event-chain.md).
    ``public_text`` is the text without personal data: null where it is the same."""

    city = city_of_its_case()
    event = models.OneToOneField(CaseEvent, on_delete=models.CASCADE, related_name="words")
    text = models.TextField()
    public_text = models.TextField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True)
    salt = models.CharField(max_length=32)
    redacted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"text of event {self.event_id}"

    @property
    def for_all(self) -> str:
        """The words as everybody may read them."""
        return self.text if self.public_text is None else self.public_text


class CaseChain(models.Model):
    """The head of each case's chain. Written only by the database's own trigger."""

    # Of no event without its case, and of no head without an event.
    case = models.OneToOneField(
        "cases.Case",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="chain",
        db_constraint=False,
    )
    city = models.ForeignKey(
        "cities.City",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.case_id}@{self.seq}"
