"""The closed sets of knowledge."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Readers(models.TextChoices):
    """Whom an article is for."""

    PUBLIC = "public", _("Everybody")
    STAFF = "staff", _("Staff only")


class VersionState(models.TextChoices):
    """How far one version of an article is. Signing it publishes it."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Waiting for sign-off")
    PUBLISHED = "published", _("Published")
    REPLACED = "replaced", _("Replaced")
    DROPPED = "dropped", _("Dropped")


IN_WORK = frozenset({VersionState.DRAFT, VersionState.PROPOSED})


class AskedAt(models.TextChoices):
    """Where an article was found, read or judged."""

    ANSWERS = "answers", _("Answers page")
    REPORT = "report", _("While reporting")
    CONSOLE = "console", _("Agent's console")
    MESSAGE = "message", _("E-mail or SMS")
    API = "api", _("API")


class GapKind(models.TextChoices):
    """What shows that an answer is missing."""

    NO_HIT = "no_hit", _("A search found nothing")
    NOT_HELPED = "not_helped", _("An answer did not help")


class GapState(models.TextChoices):
    """What became of a gap."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    DISMISSED = "dismissed", _("Dismissed")
