"""The closed sets of routing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SetState(models.TextChoices):
    """Where a set of rules stands. One draft and one active set at a time."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("In force")
    RETIRED = "retired", _("Replaced")


class ConditionKind(models.TextChoices):
    """What a remembered condition of a replaced rule was about."""

    SERVICE = "service"
    AREA = "area"
    ANSWER = "answer"


class AlarmKind(models.TextChoices):
    """What the watch over routing raises its voice about."""

    FAULT = "fault", _("A rule that does not work")
    CATCH_ALL = "catch_all", _("More than usual lands with the catch-all")
    SHIFT = "shift", _("A sudden shift into one queue")
