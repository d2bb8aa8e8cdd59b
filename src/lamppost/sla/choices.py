"""The closed sets of service levels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TargetKind(models.TextChoices):
    """What is promised."""

    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    INSPECT = "inspect", _("Inspect")
    RESOLVE = "resolve", _("Resolve")


class UnitChoice(models.TextChoices):
    """What a target's amount counts. Values are those of the engine's ``Unit``."""

    HOURS = "hours", _("hours")
    BUSINESS_HOURS = "business_hours", _("business hours")
    BUSINESS_DAYS = "business_days", _("business days")
    CALENDAR_DAYS = "calendar_days", _("calendar days")


class Priority(models.TextChoices):
    """How urgently a case is handled. A hazard starts as urgent; staff may change it."""

    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class DayEndRule(models.TextChoices):
    """When on its last day a target in days falls due. Values are the engine's ``DayEnd``."""

    CLOSE = "close", _("at close of business")
    SAME_TIME = "same_time", _("at the same time of day")
