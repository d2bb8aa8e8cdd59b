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


class ProposalState(models.TextChoices):
    """How far a proposed change has come."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Waits for approval")
    PUBLISHED = "published", _("Published")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Side(models.TextChoices):
    """The two parties to an agreement."""

    CENTER = "center", _("311 center")
    DEPARTMENT = "department", _("Department")


class Verdict(models.TextChoices):
    """What a side says to a proposal."""

    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class StepMoment(models.TextChoices):
    """On which side of the due time a step of escalation stands."""

    BEFORE = "before", _("before it is due")
    AFTER = "after", _("after it was due")


class Audience(models.TextChoices):
    """Whom a step of escalation tells."""

    ASSIGNEE = "assignee", _("who is assigned")
    MANAGERS = "managers", _("the department's managers")
    SUPERVISORS = "supervisors", _("the 311 supervisors")
    DIRECTOR = "director", _("the 311 director")
