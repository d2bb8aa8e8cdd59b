"""The closed sets of partner systems: how they are reached, where a delivery stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConnectionKind(models.TextChoices):
    """How a department is given its cases. Without a connection it works in the queue here."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")
    OPEN311 = "open311", _("Open311")
    CSV = "csv", _("Files in a folder")


class ConnectionState(models.TextChoices):
    """Whether deliveries leave. While paused they wait, none is lost."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")


class Purpose(models.TextChoices):
    """Why something is delivered."""

    NEW = "new", _("New case")
    CHANGE = "change", _("Change")
    CLOSING = "closing", _("Closing")
    WITHDRAWN = "withdrawn", _("Taken back")
    TEST = "test", _("Test")


class DeliveryState(models.TextChoices):
    """Where a delivery stands. It is never a status of the case."""

    QUEUED = "queued", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    FAILED = "failed", _("Failed, will be tried again")
    DEAD = "dead", _("Failed for good: needs a person")
    LOST = "lost", _("Lost: the partner does not have it")
    BY_PHONE = "by_phone", _("Delivered by phone")
    GIVEN_UP = "given_up", _("Given up")


# What still has to leave, oldest first; a dead one holds back what follows it for its case.
WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.FAILED})
NEEDS_A_PERSON = frozenset({DeliveryState.DEAD, DeliveryState.LOST})


class AttemptResult(models.TextChoices):
    """How one attempt ended. Unknown: it may have arrived, the answer was lost."""

    STARTED = "started", _("Started")
    TAKEN = "taken", _("Taken")
    AGAIN = "again", _("To be tried again")
    REFUSED = "refused", _("Refused")
    UNKNOWN = "unknown", _("Not known")


class InboundResult(models.TextChoices):
    """What became of something a partner told us."""

    APPLIED = "applied", _("Applied")
    UNMAPPED = "unmapped", _("Status not known here")
    REFUSED = "refused", _("Refused")
    RESOLVED = "resolved", _("Seen to")


class RunResult(models.TextChoices):
    """What a day's reconciliation could say."""

    COMPARED = "compared", _("Compared")
    UNVERIFIABLE = "unverifiable", _("Cannot be verified")
    FAILED = "failed", _("The partner's list could not be read")


class FindingKind(models.TextChoices):
    """What a reconciliation found amiss."""

    LOST = "lost", _("The partner does not have it")
    MISMATCH = "mismatch", _("Status differs")
    NEVER_SENT = "never_sent", _("Never handed over")
    UNANSWERED = "unanswered", _("Handed over, never acknowledged")
