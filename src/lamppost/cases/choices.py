"""The closed sets of the case: events, actors, links, clocks."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

# What an agreement may ask for is what a case can have: one set for both.
from lamppost.sla.choices import Priority as Priority


class OnDanger(models.TextChoices):
    """What intake does with a report whose words mean danger."""

    STOP = "stop", _("Stopped")
    # The person was told to call for help, and says deliberately that nobody is in danger.
    SAID_SAFE = "said_safe", _("Filed: said that nobody is in danger")
    # What already happened (an import, a simulation) has nobody to be told anything.
    UNHEEDED = "unheeded", _("Not looked at")


class DiversionSource(models.TextChoices):
    """What stopped a report."""

    ANSWER = "answer", _("Answers to questions")
    WORDS = "words", _("Words")
    AGENT = "agent", _("An agent of the center")


class EventKind(models.TextChoices):
    """What can happen to a case. One event per change, written by one service."""

    RECEIVED = "received", _("Received")
    IMPORTED = "imported", _("Imported")
    ROUTED = "routed", _("Sent to a department")
    MOVED = "moved", _("Status changed")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    NOTE = "note", _("Note")
    RESIDENT_COMMENT = "resident_comment", _("Comment by the resident")
    PARTNER_UPDATE = "partner_update", _("Update from a partner system")
    PHOTO = "photo", _("Photo added")
    PHOTO_HIDDEN = "photo_hidden", _("Photo hidden")
    EDITED = "edited", _("Corrected")
    RECATEGORIZED = "recategorized", _("Service changed")
    ASSIGNED = "assigned", _("Assigned")
    TRANSFER_OFFERED = "transfer_offered", _("Transfer offered")
    TRANSFER_ACCEPTED = "transfer_accepted", _("Transfer accepted")
    TRANSFER_REFUSED = "transfer_refused", _("Transfer refused")
    TRANSFER_WITHDRAWN = "transfer_withdrawn", _("Transfer offer taken back")
    LINKED = "linked", _("Linked")
    UNLINKED = "unlinked", _("Link removed")
    FOLLOWED = "followed", _("Somebody else reported the same")
    VISIBILITY = "visibility", _("Visibility changed")
    CLOCK = "clock", _("Service level")
    PRIORITY = "priority", _("Priority changed")
    ESCALATED = "escalated", _("Escalated")
    WORK = "work", _("Work item")
    INSPECTED = "inspected", _("Inspected")
    DELIVERY = "delivery", _("Partner system")
    REDRESS = "redress", _("Said to be not fixed")
    QUALITY = "quality", _("Checked for quality")
    REDACTED = "redacted", _("Personal data removed")


class EventAudience(models.TextChoices):
    """Who reads an event.

    ``DEPARTMENT``: only the department whose id stands in the event's data; see
    ``selectors/audience.py``.
    """

    PUBLIC = "public"
    STAFF = "staff"
    DEPARTMENT = "department"


class ActorKind(models.TextChoices):
    """Who did it."""

    RESIDENT = "resident", _("Resident")
    STAFF = "staff", _("Staff")
    PARTNER = "partner", _("Partner system")
    SYSTEM = "system", _("System")


class LinkKind(models.TextChoices):
    """How two cases belong together, read from the first to the second."""

    DUPLICATE_OF = "duplicate_of", _("duplicate of")
    RELATED = "related", _("related to")
    FOLLOWS = "follows", _("follows")


class TransferState(models.TextChoices):
    """Where a transfer stands. Until it is accepted the giver owns the case."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ClockState(models.TextChoices):
    """Where a clock stands."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    MISSED = "missed", _("Missed")
    WAIVED = "waived", _("Waived")
    SUPERSEDED = "superseded", _("Replaced")
    CANCELLED = "cancelled", _("Cancelled")


class ClockEventKind(models.TextChoices):
    """What can happen to a clock. Values are those of ``sla.clocks``, which replays them."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    REOPEN = "reopen"
    RETARGET = "retarget"
    MEET = "meet"
    BREACH = "breach"
    ESCALATE = "escalate"
    WAIVE = "waive"
    CANCEL = "cancel"


class SuggestionAnswerKind(models.TextChoices):
    """What somebody did with a suggested service."""

    OPENED = "opened", _("Taken up")
    DISMISSED = "dismissed", _("Dismissed")


class RedressState(models.TextChoices):
    """Where a closing in doubt stands."""

    OPEN = "open", _("Being looked at")
    UPHELD = "upheld", _("Not fixed: back to the department")
    REFUSED = "refused", _("The result stands")
    WITHDRAWN = "withdrawn", _("Taken back")


class RedressSource(models.TextChoices):
    """Who said that a closed case is not fixed."""

    REPORTER = "reporter", _("The person who reported it")
    FOLLOWER = "follower", _("Somebody who follows it")
    CALLER = "caller", _("A caller, taken down by staff")
    API = "api", _("API")


class BulkStep(models.TextChoices):
    """What can be done to many cases at once."""

    MOVE = "move", _("Move")
    CLOSE = "close", _("Close")


class SamplePool(models.TextChoices):
    """Out of which closings a sample was drawn."""

    ALL = "all", _("All closings")
    BULK = "bulk", _("Closed with many others")


class Verdict(models.TextChoices):
    """What the second look at a closing found."""

    OK = "ok", _("In order")
    WORDING = "wording", _("True, but not understandable")
    WRONG = "wrong", _("Not true")
