"""What the agents' mailbox shows: a fixed number of queries, keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import NotFound
from lamppost.mailbox.choices import ThreadState
from lamppost.mailbox.models import Answer, Mail, Thread
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

PAGE = 50
# Mails with words of danger are few, and stand on top of every first page, all of them.
_MOST_URGENT = 100
# Between two mails are few answers, if any; several a mail are a mistake.
_MOST_ANSWERS = 4 * PAGE


class Part(StrEnum):
    """A part of the mailbox."""

    WAITING = "waiting"
    MINE = "mine"
    ANSWERED = "answered"
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the time and id of its last row."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of correspondences; ``next`` None at the end."""

    rows: list[Thread]
    next: Place | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait, how many of them are late, urgent, or one's own."""

    waiting: int
    late: int
    urgent: int
    mine: int


def threads(part: Part, *, actor: Actor, after: Place | None = None) -> Listed:
    """Return a page: what waits by its promise, urgent first; the rest newest first.

    One query, two for the first page of what waits. Raises ``Forbidden`` without the console,
    as every read of this module does.
    """
    require(actor, Permission.CONSOLE_USE)
    rows = Thread.objects.select_related("taken_by", "case")
    if part is Part.WAITING:
        return _waiting(rows.filter(state=ThreadState.OPEN), after)
    if part is Part.MINE:
        return _waiting(rows.filter(state=ThreadState.OPEN, taken_by_id=actor.user_id), after)
    states = {
        Part.ANSWERED: [ThreadState.ANSWERED, ThreadState.CLOSED],
        Part.UNWANTED: [ThreadState.SPAM],
    }
    rows = rows.filter(state__in=states[part])
    if after is not None:
        rows = rows.filter(TupleLessThan(Tuple(F("last_at"), F("id")), (after.at, after.id)))
    found = list(rows.order_by("-last_at", "-id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Listed(found[:PAGE], Place(last.last_at, last.pk) if last else None)


def _waiting(rows: QuerySet[Thread], after: Place | None) -> Listed:
    urgent: list[Thread] = []
    if after is None:
        first = rows.filter(is_urgent=True).order_by("due_at", "id")
        urgent = list(first[:_MOST_URGENT])
    rest = rows.filter(is_urgent=False)
    if after is not None:
        rest = rest.filter(TupleGreaterThan(Tuple(F("due_at"), F("id")), (after.at, after.id)))
    found = list(rest.order_by("due_at", "id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Listed([*urgent, *found[:PAGE]], Place(last.due_at, last.pk) if last else None)


def counts(*, actor: Actor, now: datetime) -> Counts:
    """Return what waits; one query."""
    require(actor, Permission.CONSOLE_USE)
    found = Thread.objects.filter(state=ThreadState.OPEN).aggregate(
        waiting=Count("id"),
        late=Count("id", filter=Q(due_at__lt=now)),
        urgent=Count("id", filter=Q(is_urgent=True)),
        mine=Count("id", filter=Q(taken_by_id=actor.user_id)),
    )
    return Counts(**found)


@dataclass(frozen=True, slots=True)
class Whole:
    """A correspondence with what was written in it, oldest first, up to a page of mails.

    ``older`` leads to the mails before these, None when these are the first. ``is_newest``: the
    last ones are among them.
    """

    thread: Thread
    mails: Sequence[Mail]
    answers: Sequence[Answer]
    older: Place | None = None
    is_newest: bool = True

    @property
    def mark(self) -> str:
        """What names the state that was read: its last mail and its last answer."""
        last_mail = max((one.pk for one in self.mails), default=0)
        last_answer = max((one.pk for one in self.answers), default=0)
        return f"{last_mail}-{last_answer}"


def thread_by_reference(reference: str, *, actor: Actor, before: Place | None = None) -> Whole:
    """Return the newest page of a correspondence of the city, or the one before a place.

    Four queries, however much one person writes. Raises ``NotFound``.
    """
    thread = _thread(reference, actor)
    mails, answers = thread.mails.all(), thread.answers.select_related("by", "message")
    if before is not None:
        mails = mails.filter(pk__lt=before.id)
        answers = answers.filter(at__lt=before.at)
    found = list(mails.order_by("-id").prefetch_related("parts")[: PAGE + 1])
    shown, older = found[:PAGE][::-1], None
    if len(found) > PAGE:
        older = Place(shown[0].received_at, shown[0].pk)
        answers = answers.filter(at__gte=older.at)
    last_answers = list(answers.order_by("-at", "-id")[:_MOST_ANSWERS])[::-1]
    return Whole(thread, shown, last_answers, older, is_newest=before is None)


def beginning_of(reference: str, *, actor: Actor) -> Whole:
    """Return a correspondence with its first mails, of which a case is filed. Raises ``NotFound``.

    Its answers are not read.
    """
    thread = _thread(reference, actor)
    first = list(thread.mails.order_by("id").prefetch_related("parts")[:PAGE])
    return Whole(thread, first, (), is_newest=False)


def _thread(reference: str, actor: Actor) -> Thread:
    require(actor, Permission.CONSOLE_USE)
    thread = (
        Thread.objects.select_related("taken_by", "case", "contact", "closed_by")
        .filter(reference=reference)
        .first()
    )
    if thread is None:
        raise NotFound(_("This mail does not exist here."))
    return thread


def log(*, actor: Actor, before: Place | None = None) -> tuple[list[Mail], Place | None]:
    """Return a page of all mail that came in, newest first, whatever became of it."""
    require(actor, Permission.CONSOLE_USE)
    rows = Mail.objects.select_related("thread", "case").defer("quoted")
    if before is not None:
        rows = rows.filter(TupleLessThan(Tuple(F("received_at"), F("id")), (before.at, before.id)))
    found = list(rows.order_by("-received_at", "-id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], Place(last.received_at, last.pk) if last else None


def mail_by_id(mail_id: int, *, actor: Actor) -> Mail:
    """Return a mail of the city. Raises ``NotFound``."""
    require(actor, Permission.CONSOLE_USE)
    found = Mail.objects.filter(pk=mail_id).first()
    if found is None:
        raise NotFound(_("This mail does not exist here."))
    return found
