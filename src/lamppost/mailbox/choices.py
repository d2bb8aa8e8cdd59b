"""The closed sets of mail that comes in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How a mail reached us."""

    LMTP = "lmtp", _("LMTP")
    SMTP = "smtp", _("SMTP")
    HOOK = "hook", _("Pushed by a provider")
    IMAP = "imap", _("Fetched from a mailbox")
    FORM = "form", _("The demo's own page")


class MailState(models.TextChoices):
    """Whether a mail has been looked at. Nothing is ever dropped: what fails goes to a person."""

    NEW = "new", _("Stored")
    DONE = "done", _("Seen to")


class Fate(models.TextChoices):
    """What became of a mail."""

    THREAD = "thread", _("For an agent to answer")
    COMMENT = "comment", _("Added to its case")
    ANSWER = "answer", _("Reopened its case")
    PARTNER = "partner", _("Taken from a partner")
    BOUNCE = "bounce", _("A message that came back")
    AUTOMATIC = "automatic", _("Written by a machine")
    OWN = "own", _("One of our own")
    COPY = "copy", _("A copy of another one")
    SPAM = "spam", _("Unwanted")


class ThreadState(models.TextChoices):
    """Where a correspondence stands."""

    OPEN = "open", _("Waits for an answer")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed without an answer")
    SPAM = "spam", _("Unwanted")


class PartUse(models.TextChoices):
    """What was done with a part of a mail."""

    KEPT = "kept", _("In the original only")
    PHOTO = "photo", _("A photo of the case")
    UNREADABLE = "unreadable", _("Could not be read")
    TOO_MANY = "too_many", _("One photo too many")
