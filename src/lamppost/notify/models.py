"""What is sent to people, and by which gateway."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.notify.choices import (
    GatewayKind,
    GatewayProvider,
    MessageChannel,
    MessageState,
)


class Gateway(TenantModel):
    """The city's account with a provider: its number or mailbox, and the sealed secret.

    Without one, messages go to the local stand-in of a demo, or wait. ``endpoint`` is where
    the provider is called, '' for its usual address.
    """

    kind = models.CharField(max_length=10, choices=GatewayKind.choices)
    provider = models.CharField(
        max_length=10, choices=GatewayProvider.choices, default=GatewayProvider.TWILIO
    )
    endpoint = models.URLField(max_length=300, blank=True)
    address = models.CharField(max_length=254)
    account = models.CharField(max_length=200, blank=True)
    secret = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "kind", "address"], name="gateway_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Message(TenantModel):
    """One thing said to one address: written with the event that caused it, sent afterwards.

    ``address``, ``subject`` and ``text`` are emptied when the person is erased. ``once_key``
    makes the same notice of a repeated pass one row. ``not_before`` holds quiet hours.
    """

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    address = models.CharField(max_length=500)
    contact = models.ForeignKey(
        "people.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    case = models.ForeignKey(
        "cases.Case", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    template = models.SlugField(max_length=63, blank=True)
    language = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    once_key = models.CharField(max_length=160)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "once_key"], name="message_once"),
        ]
        indexes = [
            models.Index(
                fields=["city", "not_before", "id"],
                condition=models.Q(state__in=["queued", "again"]),
                name="message_waiting",
            ),
            models.Index(fields=["city", "-created_at", "-id"], name="message_newest"),
            models.Index(
                fields=["city", "case"],
                condition=models.Q(case__isnull=False),
                name="message_case",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
