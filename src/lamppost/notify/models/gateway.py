"""By which account with a provider a city sends."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.notify.choices import GatewayKind, GatewayProvider, MessageChannel


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


class LineOutage(TenantModel):
    """A channel could not be served from ``since`` until ``ended_at``; ``told_at``: the alarm."""

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    since = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "channel"],
                condition=models.Q(ended_at__isnull=True),
                name="lineoutage_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} out since {self.since}"
