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
    """Where a message stands. ``HELD``: not sent, and ``HeldCause`` says why."""

    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    AGAIN = "again", _("Failed, will be tried again")
    FAILED = "failed", _("Failed for good")
    BOUNCED = "bounced", _("Came back")
    HELD = "held", _("Not sent")


# What a worker may still have to do something about.
UNSENT = (MessageState.QUEUED, MessageState.AGAIN, MessageState.SENDING)
# What somebody may have to look at: it did not arrive, or not yet.
TROUBLED = (MessageState.AGAIN, MessageState.FAILED, MessageState.BOUNCED, MessageState.HELD)
# What went out of the house, whatever became of it.
GONE = (MessageState.SENT, MessageState.DELIVERED, MessageState.BOUNCED)


class HeldCause(models.TextChoices):
    """Why a message was never sent."""

    STOPPED = "stopped", _("The person stopped messages")
    BOUNCES = "bounces", _("Mail to this address came back")
    ENDED = "ended", _("The subscription ended")
    SUPERSEDED = "superseded", _("No longer true when it was to go out")
    HIDDEN = "hidden", _("The request is no longer for this person to see")
    NO_WAY = "no_way", _("The city has no way to send this")
    TOO_LATE = "too_late", _("It waited too long to be news")
    ERASED = "erased", _("The person was erased")


class StopSource(models.TextChoices):
    """How an address came to be left alone."""

    KEYWORD = "keyword", _("STOP by SMS")
    LINK = "link", _("Link in a message")
    ONE_CLICK = "one_click", _("Unsubscribe button of the mail program")
    BOUNCE = "bounce", _("Mail came back")
    COMPLAINT = "complaint", _("Marked as unwanted")
    PROVIDER = "provider", _("Said by the provider")
    STAFF = "staff", _("Entered by staff")


class GatewayKind(models.TextChoices):
    """What a city's account with a provider is for."""

    SMS = "sms", _("SMS")
    VOICE = "voice", _("Voice")
    EMAIL = "email", _("E-mail")


class GatewayProvider(models.TextChoices):
    """Who carries it. ``STAND_IN``: the pages of a demo city, never in a real one.

    A mailbox is read in one of three ways: the city's mail server hands its mail over, a
    provider pushes it, or it is fetched.
    """

    TWILIO = "twilio", _("Twilio, or what speaks as it does")
    LMTP = "lmtp", _("Mail: the city's mail server hands it over")
    WEBHOOK = "webhook", _("Mail: a provider pushes it, signed")
    IMAP = "imap", _("Mail: fetched by IMAP")
    STAND_IN = "stand_in", _("The demo's own pages")


# The ways a mailbox is read, and those numbers have.
MAIL_PROVIDERS = (GatewayProvider.LMTP, GatewayProvider.WEBHOOK, GatewayProvider.IMAP)


class SubscriptionKind(models.TextChoices):
    """What somebody wants to hear about."""

    CASE = "case", _("One request")
    AREA = "area", _("An area")
    SERVICE = "service", _("A kind of request")
    ARTICLE = "article", _("An answer")
    NEWS = "news", _("News of the city")


class Pace(models.TextChoices):
    """How soon somebody hears."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day")


class Link(models.TextChoices):
    """Where a message leads; the address is made when it is sent and never kept."""

    NONE = "none"
    CASE = "case"
    CONFIRM = "confirm"
    MANAGE = "manage"
    SURVEY = "survey"
    DESK = "desk"
