"""What is sent, and to whom nothing is sent any more."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.kernel.ids import new_token
from lamppost.notify.choices import (
    TROUBLED,
    UNSENT,
    HeldCause,
    Link,
    MessageChannel,
    MessageState,
    StopSource,
)


class Message(TenantModel):
    """One thing said to one address: written with the event that caused it, sent afterwards.

    ``address``, ``subject`` and ``text`` are emptied when the person is erased. ``once_key``
    makes the same notice of a repeated pass one row. ``not_before`` holds quiet hours;
    ``due_at`` is when a worker looks at it next: the same, or later after a failure, or the end
    of a claim. ``key`` names the message to providers, the same in every attempt. Links that
    open something are not in ``text``: ``link`` says which one is added when it is sent.
    """

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    address = models.CharField(max_length=500)
    contact = models.ForeignKey(
        "people.Contact",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    case = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    event = models.ForeignKey(
        "cases.CaseEvent",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    subscription = models.ForeignKey(
        "notify.Subscription",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="messages",
    )
    template = models.SlugField(max_length=63, blank=True)
    language = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    link = models.CharField(max_length=10, choices=Link.choices, default=Link.NONE)
    once_key = models.CharField(max_length=160)
    key = models.CharField(max_length=40, default=new_token)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    held_cause = models.CharField(max_length=10, choices=HeldCause.choices, blank=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=40, blank=True)
    claimed_home = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    is_unconfirmed = models.BooleanField(default=False)
    provider = models.CharField(max_length=20, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=200, blank=True)
    segments = models.PositiveSmallIntegerField(null=True, blank=True)
    again_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="again"
    )
    resent_by = models.ForeignKey(
        "people.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "once_key"], name="message_once"),
            models.UniqueConstraint(fields=["city", "key"], name="message_key"),
            models.CheckConstraint(
                name="message_held_says_why",
                condition=~models.Q(state=MessageState.HELD) | ~models.Q(held_cause=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "due_at", "id"],
                condition=models.Q(state__in=UNSENT),
                name="message_unsent",
            ),
            models.Index(fields=["city", "-created_at", "-id"], name="message_newest"),
            # The few that did not arrive, among millions that did.
            models.Index(
                fields=["city", "state", "-created_at", "-id"],
                condition=models.Q(state__in=TROUBLED),
                name="message_troubled",
            ),
            models.Index(
                fields=["city", "case"],
                condition=models.Q(case__isnull=False),
                name="message_case",
            ),
            models.Index(
                fields=["city", "contact"],
                condition=models.Q(contact__isnull=False),
                name="message_contact",
            ),
            models.Index(
                fields=["city", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="message_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Stop(TenantModel):
    """Nothing goes to this address any more, whoever it belongs to.

    ``address_digest`` and not the address: it has to be honored after the person is erased.
    """

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    address_digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, choices=StopSource.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "channel", "address_digest"], name="stop_address"
            ),
        ]

    def __str__(self) -> str:
        return f"stop {self.pk}"
