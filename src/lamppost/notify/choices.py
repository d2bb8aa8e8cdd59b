"""The closed sets of what is sent to people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageChannel(models.TextChoices):
    """By what way a message goes to a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("Push message")


class MessageState(models.TextChoices):
    """Where a message stands. ``HELD``: the person stopped messages, or has no way to get it."""

    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    AGAIN = "again", _("Failed, will be tried again")
    FAILED = "failed", _("Failed for good")
    BOUNCED = "bounced", _("Came back")
    HELD = "held", _("Not sent")


class GatewayKind(models.TextChoices):
    """What a city's account with a provider is for."""

    SMS = "sms", _("SMS")
    VOICE = "voice", _("Voice")
    EMAIL = "email", _("E-mail")


class GatewayProvider(models.TextChoices):
    """Who carries it. ``STAND_IN``: the pages of a demo city, never in a real one."""

    TWILIO = "twilio", _("Twilio, or what speaks as it does")
    STAND_IN = "stand_in", _("The demo's own pages")
