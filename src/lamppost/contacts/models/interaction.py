"""One call, visit or message: who, when, with whom, how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import (
    CaseTie,
    Direction,
    DispositionKind,
    InteractionEnd,
    TransferKind,
)
from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class Disposition(TenantModel):
    """What an interaction was about, coded with one key. Rows of the city pack.

    ``is_resolved``: an interaction coded so needs nobody else, which first-contact resolution
    counts.
    """

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    kind = models.CharField(max_length=20, choices=DispositionKind.choices)
    key = models.CharField(max_length=1, blank=True)
    is_resolved = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="disposition_code"),
            models.UniqueConstraint(
                fields=["city", "key"],
                condition=~models.Q(key="") & models.Q(is_active=True),
                name="disposition_key",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Interaction(TenantModel):
    """One contact with the center, whatever became of it.

    Talk time is from ``answered_at`` to ``ended_at`` without ``hold_seconds``; after-call work
    from ``ended_at`` to ``wrapped_at``; waiting from ``offered_at`` to ``answered_at``, or to
    ``ended_at`` when nobody answered. ``address`` is the number or mail address it came from,
    emptied when the person is erased. ``provider_id`` is the provider's own name for it.
    ``call_back`` is the promise this call keeps; ``diversion`` counts it as sent elsewhere, once
    however many steps of it said so. ``changed_at`` is kept by the database itself, whoever
    writes: figures are counted again for what has changed.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.IN)
    language = models.CharField(max_length=20, blank=True)
    needs_interpreter = models.BooleanField(default=False)
    contact = models.ForeignKey(
        "people.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    address = models.CharField(max_length=254, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    agent = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    hold_seconds = models.PositiveIntegerField(default=0)
    held_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    wrapped_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=20, choices=InteractionEnd.choices, blank=True)
    disposition = models.ForeignKey(
        Disposition, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    coded_at = models.DateTimeField(null=True, blank=True)
    service = models.ForeignKey(
        "catalog.Service", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    call_back = models.ForeignKey(
        "contacts.CallBack", null=True, blank=True, on_delete=models.SET_NULL, related_name="calls"
    )
    diversion = models.ForeignKey(
        "cases.Diversion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "channel", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="interaction_provider",
            ),
            # Nobody speaks with two callers at a time, whatever two browser windows say.
            models.UniqueConstraint(
                fields=["city", "agent"],
                condition=models.Q(
                    ended_at=None, agent__isnull=False, channel__in=["phone", "walk_in"]
                ),
                name="interaction_one_open",
            ),
            models.CheckConstraint(
                name="interaction_order",
                condition=(
                    (models.Q(answered_at=None) | models.Q(answered_at__gte=models.F("offered_at")))
                    & (models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("offered_at")))
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["city", "-offered_at", "-id"], name="interaction_newest"),
            models.Index(
                fields=["city", "offered_at"],
                condition=models.Q(ended_at=None),
                name="interaction_live",
            ),
            models.Index(
                fields=["city", "contact", "-offered_at"],
                condition=models.Q(contact__isnull=False),
                name="interaction_contact",
            ),
            models.Index(
                fields=["city", "agent", "-offered_at"],
                condition=models.Q(agent__isnull=False),
                name="interaction_agent",
            ),
            # What an agent has in hand: asked for by every page of the console.
            models.Index(
                fields=["city", "agent", "-offered_at"],
                condition=models.Q(
                    agent__isnull=False, answered_at__isnull=False, wrapped_at__isnull=True
                ),
                name="interaction_in_hand",
            ),
            models.Index(fields=["city", "changed_at"], name="interaction_changed"),
            models.Index(
                fields=["city", "address", "-offered_at"],
                condition=~models.Q(address=""),
                name="interaction_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.offered_at}"


class InteractionCase(TenantModel):
    """A case an interaction had to do with."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    tie = models.CharField(max_length=10, choices=CaseTie.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "interaction", "case", "tie"], name="interactioncase_once"
            ),
        ]
        indexes = [models.Index(fields=["city", "case"], name="interactioncase_case")]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.tie} {self.case_id}"


class InteractionAnswer(TenantModel):
    """An article that answered the question, and the inquiry kept of it where there is one.

    ``version`` is what was read out; the code stays on record when the article is gone.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="answers")
    article_code = models.SlugField(max_length=63)
    version = models.ForeignKey(
        "knowledge.ArticleVersion",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    case = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "interaction", "article_code"], name="interactionanswer_once"
            ),
        ]
        indexes = [
            models.Index(fields=["city", "article_code", "at"], name="interactionanswer_article"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.article_code}"


class Handover(TenantModel):
    """A caller was passed on: to whom, how, and whether it was announced.

    ``place`` is what was read out of where help is needed; emptied when the person is erased.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="handovers")
    kind = models.CharField(max_length=10, choices=TransferKind.choices)
    to_name = models.CharField(max_length=200)
    to_phone = models.CharField(max_length=40, blank=True)
    directory_code = models.SlugField(max_length=63, blank=True)
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "interaction"],
                condition=models.Q(kind=TransferKind.EMERGENCY),
                name="handover_one_emergency",
            ),
        ]
        indexes = [models.Index(fields=["city", "interaction"], name="handover_interaction")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
