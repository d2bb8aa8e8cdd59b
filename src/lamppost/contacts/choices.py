"""The closed sets of the contact center."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Direction(models.TextChoices):
    """Who began it."""

    IN = "in", _("Incoming")
    OUT = "out", _("Outgoing")


class InteractionEnd(models.TextChoices):
    """How an interaction ended, as far as the line is concerned; blank while it lasts.

    ``SHORT``: the caller hung up before anybody could have answered (facts: < 5 s); reported
    apart and no part of what was offered. ``DEFLECTED``: the recorded surge message or an
    answer on the line was all the caller wanted. ``LEFT``: the caller hung up before asking for
    an agent and without having been told anything; no part of what was offered either.
    ``UNTOLD``: the provider never told the end, and a rule ended it: who waited counts as having
    hung up, when last heard of; with an agent it was answered, for nobody knows how long.
    """

    ANSWERED = "answered", _("Answered")
    ABANDONED = "abandoned", _("Hung up while waiting")
    SHORT = "short", _("Hung up at once")
    DEFLECTED = "deflected", _("Helped without an agent")
    CALL_BACK = "call_back", _("Asked to be called back")
    LEFT = "left", _("Hung up in the menu")
    UNTOLD = "untold", _("Its end was not told")


class DispositionKind(models.TextChoices):
    """What a disposition counts as, whatever a city calls it."""

    INFORMATION = "information", _("Question answered")
    REQUEST = "request", _("Service request filed")
    STATUS = "status", _("Status of a case")
    DIRECTORY = "directory", _("Number or address given")
    TRANSFER = "transfer", _("Passed on")
    EMERGENCY = "emergency", _("Sent to the emergency number")
    CALL_BACK = "call_back", _("Call back promised")
    COMPLAINT = "complaint", _("Complaint")
    NOT_OURS = "not_ours", _("Not a matter of the city")
    NOBODY = "nobody", _("Nobody there or wrong number")


class CaseTie(models.TextChoices):
    """What an interaction had to do with a case."""

    FILED = "filed", _("Filed")
    ASKED = "asked", _("Asked about")
    FOLLOWED = "followed", _("Reported the same")
    DISPUTED = "disputed", _("Said to be not fixed")
    ANSWERED = "answered", _("Answered at once")


class AgentStateKind(models.TextChoices):
    """What an agent is doing. Talking and wrapping are work; only ready is idle."""

    READY = "ready", _("Ready")
    TALKING = "talking", _("Talking")
    WRAPPING = "wrapping", _("After-call work")
    BREAK = "break", _("Break")
    MEETING = "meeting", _("Meeting or training")
    OFFLINE = "offline", _("Signed off")


class TransferKind(models.TextChoices):
    """How a caller is passed on."""

    WARM = "warm", _("Announced")
    COLD = "cold", _("Passed on")
    EMERGENCY = "emergency", _("To the emergency number")


class TalkStep(models.TextChoices):
    """What a talk by SMS waits for."""

    IDLE = "idle", _("Nothing")
    SUBJECT = "subject", _("What it is about")
    CHOICE = "choice", _("Which service or answer")
    QUESTION = "question", _("An answer to a question")
    WORDS = "words", _("A description")
    PLACE = "place", _("The place")
    WHICH = "which", _("Which of several places")
    SIMILAR = "similar", _("Whether it was reported before")
    CONFIRM = "confirm", _("The word to send it")
    LANGUAGE = "language", _("Which language")


class CallStep(models.TextChoices):
    """Where a call is."""

    MENU = "menu", _("In the menu")
    QUEUE = "queue", _("Waiting for an agent")
    AGENT = "agent", _("With an agent")
    ENDED = "ended", _("Ended")
