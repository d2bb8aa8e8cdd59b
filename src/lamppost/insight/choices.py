"""The closed sets of measures and reviews."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubjectKind(models.TextChoices):
    """What a review looks at."""

    AGREEMENT = "agreement", _("Service level agreement")
    KNOWLEDGE = "knowledge", _("Area of knowledge")
    STAT = "stat", _("Stat meeting")


class Decision(models.TextChoices):
    """What a review of an agreement came to."""

    KEEP = "keep", _("Keep as it is")
    CHANGE = "change", _("Propose a change")


class Section(models.TextChoices):
    """Part of the evidence: of a review, or one of the five of a stat meeting."""

    EVIDENCE = "evidence", _("Evidence")
    OPERATIONS = "operations", _("Operations")
    STAFF = "staff", _("Staff")
    BUDGET = "budget", _("Budget")
    TECHNOLOGY = "technology", _("Technology")
    SERVICE = "service", _("Customer service")


STAT_SECTIONS = (
    Section.OPERATIONS,
    Section.STAFF,
    Section.BUDGET,
    Section.TECHNOLOGY,
    Section.SERVICE,
)


class GroupKind(models.TextChoices):
    """What a figure is broken down by; empty is the whole."""

    WHOLE = "", _("All")
    DEPARTMENT = "department", _("Department")
    SERVICE = "service", _("Service")
    AREA = "area", _("Area")
    LANGUAGE = "language", _("Language")
    CHANNEL = "channel", _("Channel")
    TEAM = "team", _("Team")


class OnboardingItem(models.TextChoices):
    """What only people can say a department has; the rest is read from the system."""

    LIAISON = "liaison", _("Liaison to the 311 center named")
    DATA_SHARING = "data_sharing", _("Terms for sharing data signed")
    TRAINING = "training", _("Staff trained")
