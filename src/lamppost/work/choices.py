"""The closed sets of work within a case."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemState(models.TextChoices):
    """Where a work item stands."""

    OPEN = "open", _("To do")
    DOING = "doing", _("Under way")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


LIVE = (ItemState.OPEN, ItemState.DOING)


class DropCause(models.TextChoices):
    """Why a work item was dropped. Only what the case itself dropped comes back with it."""

    PERSON = "person", _("Decided by a person")
    CASE_CLOSED = "case_closed", _("The case was closed")
    SERVICE_CHANGED = "service_changed", _("The case got another service")


class ItemChange(models.TextChoices):
    """What happened to a work item; stands in the case's event as ``change``."""

    ADDED = "added", _("Added")
    ASSIGNED = "assigned", _("Assigned")
    STARTED = "started", _("Started")
    TICKED = "ticked", _("Checked off")
    UNTICKED = "unticked", _("Check taken back")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")
    REOPENED = "reopened", _("Opened again")
    LATE = "late", _("Due time passed")


class Begins(models.TextChoices):
    """When a case gets the items of a template."""

    INTAKE = "intake", _("With every new case of the service")
    BY_HAND = "by_hand", _("When somebody adds it")


class StepKind(models.TextChoices):
    """What one step of a macro does."""

    MOVE = "move", _("Change the status")
    TAKE = "take", _("Assign to me")
    TEAM = "team", _("Give to a team")
    PRIORITY = "priority", _("Set the priority")
    NOTE = "note", _("Add a note")
    ITEM = "item", _("Add a work item")
    CLOSE = "close", _("Close the case")
