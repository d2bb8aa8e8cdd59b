"""The closed sets of field work."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class InspectionState(models.TextChoices):
    """Where a planned inspection stands."""

    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Taken off the round")


class Condition(models.TextChoices):
    """What the inspector found."""

    FOUND = "found", _("Found as reported")
    NOT_FOUND = "not_found", _("Could not find it")
    UNSAFE = "unsafe", _("Found, and dangerous")
    NEEDS_WORK = "needs_work", _("Found, needs a work order")


class Standing(models.TextChoices):
    """What became of a record when it reached us. Every record is kept; one is taken."""

    TAKEN = "taken", _("Taken")
    OLDER = "older", _("A newer record was here already")
    CASE_CLOSED = "case_closed", _("The case had been closed meanwhile")
    REPLANNED = "replanned", _("The inspection had been taken off the round meanwhile")
    ELSEWHERE = "elsewhere", _("The case had gone to another department meanwhile")


class LinkLevel(models.TextChoices):
    """What a partner may do through a link; each level includes those before it."""

    SEE = "see", _("See the case")
    NOTE = "note", _("Accept it, add notes, photos and their own number")
    STATUS = "status", _("Also change the status")
    DONE = "done", _("Also report it done, for the department to confirm")
    CLOSE = "close", _("Also close it with a photo of the finished work")


class PartnerStep(models.TextChoices):
    """What a partner did through a link. Values are the ``change`` in the event's data."""

    ACCEPT = "accept", _("Accepted")
    NOTE = "note", _("Note")
    PHOTO = "photo", _("Photo")
    REFERENCE = "reference", _("Their number")
    STATUS = "status", _("Status")
    DONE = "done", _("Reported done")
    CLOSE = "close", _("Closed")


class Verdict(models.TextChoices):
    """What the department says of a partner's report that the work is done."""

    CONFIRMED = "confirmed", _("Confirmed")
    SENT_BACK = "sent_back", _("Sent back")
