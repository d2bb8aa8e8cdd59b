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

PAGE = 50
# Mails with words of danger are few, and stand on top of every first page, all of them.
_MOST_URGENT = 100


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


def threads(part: Part, *, user_id: int | None, after: Place | None = None) -> Listed:
    """Return a page: what waits by its promise, urgent first; the rest newest first.

    One query, two for the first page of what waits.
    """
    rows = Thread.objects.select_related("taken_by", "case")
    if part is Part.WAITING:
        return _waiting(rows.filter(state=ThreadState.OPEN), after)
    if part is Part.MINE:
        return _waiting(rows.filter(state=ThreadState.OPEN, taken_by_id=user_id), after)
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


def counts(*, user_id: int | None, now: datetime) -> Counts:
    """Return what waits; one query."""
    found = Thread.objects.filter(state=ThreadState.OPEN).aggregate(
        waiting=Count("id"),
        late=Count("id", filter=Q(due_at__lt=now)),
        urgent=Count("id", filter=Q(is_urgent=True)),
        mine=Count("id", filter=Q(taken_by_id=user_id)),
    )
    return Counts(**found)


@dataclass(frozen=True, slots=True)
class Whole:
    """A correspondence with everything in it, oldest first."""

    thread: Thread
    mails: Sequence[Mail]
    answers: Sequence[Answer]

    @property
    def mark(self) -> str:
        """What names the state that was read: its last mail and its last answer."""
        last_mail = max((one.pk for one in self.mails), default=0)
        last_answer = max((one.pk for one in self.answers), default=0)
        return f"{last_mail}-{last_answer}"


def thread_by_reference(reference: str) -> Whole:
    """Return a correspondence of the city; four queries. Raises ``NotFound``."""
    thread = (
        Thread.objects.select_related("taken_by", "case", "contact", "closed_by")
        .filter(reference=reference)
        .first()
    )
    if thread is None:
        raise NotFound(_("This mail does not exist here."))
    mails = list(thread.mails.order_by("id").prefetch_related("parts"))
    answers = list(thread.answers.select_related("by", "message"))
    return Whole(thread, mails, answers)


def log(*, before: Place | None = None) -> tuple[list[Mail], Place | None]:
    """Return a page of all mail that came in, newest first, whatever became of it."""
    rows = Mail.objects.select_related("thread", "case").defer("quoted")
    if before is not None:
        rows = rows.filter(TupleLessThan(Tuple(F("received_at"), F("id")), (before.at, before.id)))
    found = list(rows.order_by("-received_at", "-id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], Place(last.received_at, last.pk) if last else None


def mail_by_id(mail_id: int) -> Mail:
    """Return a mail of the city. Raises ``NotFound``."""
    found = Mail.objects.filter(pk=mail_id).first()
    if found is None:
        raise NotFound(_("This mail does not exist here."))
    return found
