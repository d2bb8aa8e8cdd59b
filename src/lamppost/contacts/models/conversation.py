"""Talks by SMS and calls on the voice line: where each of them stands."""

from __future__ import annotations

from django.db import models

from lamppost.contacts.choices import CallStep, TalkStep
from lamppost.contacts.models.interaction import Interaction
from lamppost.database.models import TenantModel


class Conversation(TenantModel):
    """A talk by SMS with one number; one interaction, from the first text to the last.

    ``memory`` is what the talk has gathered so far, opaque to the database; once there is a
    draft it holds the same, and ``draft_key`` is the draft's token, sealed. ``phone``,
    ``memory`` and ``draft_key`` are emptied when the person is erased.
    """

    interaction = models.OneToOneField(
        Interaction, on_delete=models.CASCADE, related_name="conversation"
    )
    phone = models.CharField(max_length=40)
    language = models.CharField(max_length=20, blank=True)
    step = models.CharField(max_length=10, choices=TalkStep.choices, default=TalkStep.IDLE)
    memory = models.JSONField(default=dict)
    draft = models.ForeignKey(
        "cases.Draft", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    draft_key = models.TextField(blank=True)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "phone"],
                condition=models.Q(ended_at=None) & ~models.Q(phone=""),
                name="conversation_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "last_at"],
                condition=models.Q(ended_at=None),
                name="conversation_open",
            ),
            models.Index(fields=["city", "phone", "-last_at"], name="conversation_phone"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class IncomingText(TenantModel):
    """One SMS that came in, and what was answered: the same one again is answered the same.

    ``text`` and ``answer`` are emptied when the person is erased.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="texts")
    provider_id = models.CharField(max_length=200)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    photos = models.PositiveSmallIntegerField(default=0)
    photos_kept = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    segments = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "provider_id"], name="incomingtext_once"),
        ]

    def __str__(self) -> str:
        return f"text {self.pk}"


class Call(TenantModel):
    """One call on the voice line. Its interaction begins when it is put in the queue, or is
    written down whole when it ends without an agent: what waits for an agent is what is open.
    ``heard_at``: when the provider last asked what is next, to the minute.
    """

    provider_id = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    line = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=20, blank=True)
    step = models.CharField(max_length=10, choices=CallStep.choices, default=CallStep.MENU)
    began_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heard_surge = models.BooleanField(default=False)
    heard_status_of = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    heard_article = models.SlugField(max_length=63, blank=True)
    interaction = models.OneToOneField(
        Interaction, null=True, blank=True, on_delete=models.CASCADE, related_name="call"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "provider_id"], name="call_once"),
        ]
        indexes = [
            models.Index(fields=["city", "-began_at"], name="call_newest"),
            # Whose end may have been lost: looked for every minute.
            models.Index(
                fields=["city", "began_at"],
                condition=models.Q(ended_at=None),
                name="call_live",
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"


class AgentPhone(TenantModel):
    """Where an agent's telephone rings when they take a call: a number or a SIP address."""

    agent = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "agent"], name="agentphone_one"),
        ]

    def __str__(self) -> str:
        return f"phone of {self.agent_id}"
