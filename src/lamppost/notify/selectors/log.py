"""What was sent, for staff: of their own department's cases, addresses masked for most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import readable
from lamppost.kernel.refusals import NotFound
from lamppost.notify.addresses import masked
from lamppost.notify.choices import (
    UNSENT,
    MessageChannel,
    MessageState,
)
from lamppost.notify.models import LineOutage, Message
from lamppost.notify.senders import sender_of
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may, require

PAGE = 50
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Logged:
    """A message as this reader sees it."""

    message: Message
    to: str
    number: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the log is narrowed to; '' for all."""

    state: str = ""
    channel: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page, newest first; the places lead to those around it."""

    rows: list[Logged]
    older: Place | None
    newer: Place | None


def log(
    actor: Actor, asked: Asked, *, older: Place | None = None, newer: Place | None = None
) -> LogPage:
    """Return a page of the log. Raises ``Forbidden`` without ``MESSAGE_READ``."""
    require(actor, Permission.MESSAGE_READ)
    found = _narrowed(_readable(actor), asked).select_related("case")
    if newer is not None:
        later = Q(created_at__gt=newer[0]) | Q(created_at=newer[0], pk__gt=newer[1])
        rows = list(found.filter(later).order_by("created_at", "id")[: PAGE + 1])
        is_more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        return LogPage(_seen(rows, actor), _end(rows, -1), _end(rows, 0) if is_more else None)
    if older is not None:
        found = found.filter(Q(created_at__lt=older[0]) | Q(created_at=older[0], pk__lt=older[1]))
    rows = list(found.order_by("-created_at", "-id")[: PAGE + 1])
    is_more, rows = len(rows) > PAGE, rows[:PAGE]
    return LogPage(
        _seen(rows, actor),
        _end(rows, -1) if is_more else None,
        _end(rows, 0) if older is not None else None,
    )


def logged(message_id: int, actor: Actor) -> Logged:
    """Return one message. Raises ``NotFound`` for one this reader may not see."""
    require(actor, Permission.MESSAGE_READ)
    found = _readable(actor).select_related("case", "resent_by", "again_of").filter(pk=message_id)
    message = found.first()
    if message is None:
        raise NotFound(_("This message does not exist here."))
    return _seen([message], actor)[0]


def sent_about(case: Case, actor: Actor) -> list[Logged]:
    """Return what was sent about ``case``, oldest first; nothing for who may not see it."""
    if not may(actor, Permission.MESSAGE_READ, department_id=case.department_id):
        return []
    rows = list(Message.objects.filter(case=case).order_by("created_at", "id")[:100])
    for row in rows:
        row.case = case
    return _seen(rows, actor)


@dataclass(frozen=True, slots=True)
class LineState:
    """How a channel stands: ``waiting`` messages, and since when it cannot be served."""

    channel: MessageChannel
    waiting: int
    is_on: bool
    since: datetime | None


def lines() -> list[LineState]:
    """Return how the channels of the city stand."""
    out = dict(LineOutage.objects.filter(ended_at=None).values_list("channel", "since"))
    states = []
    for channel in MessageChannel:
        sender = sender_of(channel)
        waiting = Message.objects.filter(channel=channel, state__in=UNSENT).count()
        is_on = sender is not None and sender.is_on()
        states.append(LineState(channel, waiting, is_on, out.get(channel)))
    return states


def _readable(actor: Actor) -> QuerySet[Message]:
    if actor.role in ALL_DEPARTMENTS:
        return Message.objects.all()
    return Message.objects.filter(case__in=readable(Case.objects.all(), actor).values("pk"))


def _narrowed(found: QuerySet[Message], asked: Asked) -> QuerySet[Message]:
    if asked.state in MessageState.values:
        found = found.filter(state=asked.state)
    if asked.channel in MessageChannel.values:
        found = found.filter(channel=asked.channel)
    if asked.number:
        found = found.filter(case__number=asked.number)
    return found


def _seen(rows: list[Message], actor: Actor) -> list[Logged]:
    return [Logged(row, _address(row, actor), row.case.number if row.case else "") for row in rows]


def _address(row: Message, actor: Actor) -> str:
    department_id = row.case.department_id if row.case else None
    if row.channel == MessageChannel.PUSH:
        return _("a browser")
    if may(actor, Permission.CASE_READ_CONTACT, department_id=department_id):
        return row.address
    return masked(row.channel, row.address)


def _end(rows: list[Message], at: int) -> Place | None:
    return (rows[at].created_at, rows[at].pk) if rows else None
