"""A promise to call somebody back: due by the clock of the center, done, or said to be late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import Direction, DispositionKind
from lamppost.contacts.models import CallBack, Interaction
from lamppost.contacts.selectors.callers import dialable
from lamppost.contacts.selectors.rules import center_rules
from lamppost.contacts.services.calls import begin, checked_language, line_of
from lamppost.contacts.services.coding import code_if_uncoded
from lamppost.contacts.services.holding import held
from lamppost.contacts.services.line import finish
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission, require
from lamppost.sla.engine import compute
from lamppost.sla.promises import promises
from lamppost.sla.target import Target

QUEUE = "/console/call-backs/"
# Nobody is given up on before somebody has tried this often.
TRIES_BEFORE_GIVING_UP = 3


def due_of(start: datetime, minutes: int) -> datetime:
    """Return when a promise made at ``start`` is due: ``minutes`` of opening hours later.

    By the city's default calendar; around the clock where there is none.
    """
    calendar = promises().default_calendar
    if calendar is None:
        return start + timedelta(minutes=minutes)
    due = compute(calendar, start, Target.business_minutes(minutes))
    return due.at or start + timedelta(minutes=minutes)


def promise(
    *,
    interaction_id: int,
    actor: Actor,
    phone: str,
    about: str = "",
    language: str = "",
    at: datetime | None = None,
) -> CallBack:
    """Promise who is calling to be called back, and return the promise with its due time.

    Raises ``Invalid`` without a number that can be called.
    """
    with held(interaction_id, actor) as row:
        return _write(row, phone, about, language, actor.user_id, at or timezone.now())


def ask_on_line(
    *, interaction_id: int, phone: str, language: str = "", at: datetime | None = None
) -> CallBack:
    """Keep the wish of somebody waiting to be called back instead, and return the promise.

    For the voice menu: no agent was there. The line itself ends by ``line.hung_up``. A second
    wish of the same interaction returns the first. Raises as ``promise`` does, ``NotFound``
    for an unknown interaction.
    """
    with transaction.atomic():
        row = Interaction.objects.select_for_update(of=("self",)).filter(pk=interaction_id).first()
        if row is None:
            raise NotFound(_("This interaction does not exist here."))
        known = CallBack.objects.filter(interaction=row).first()
        return known or _write(row, phone, "", language, None, at or timezone.now())


def take(*, call_back_id: int, actor: Actor, at: datetime | None = None) -> Interaction:
    """Call back: begins an outgoing call, and returns it; the promise is the actor's now.

    Raises ``Conflict`` when a colleague has it or it is settled, and while a call is open.
    """
    with _open(call_back_id, actor) as row:
        if row.taken_by_id not in (None, actor.user_id):
            raise Conflict(_("A colleague is calling already."))
        row.taken_by_id = actor.user_id
        row.save(update_fields=["taken_by"])
        return begin(
            actor=actor,
            address=row.phone,
            language=row.language,
            contact_id=row.contact_id,
            direction=Direction.OUT,
            call_back_id=row.pk,
            at=at,
        )


def reached(*, call_back_id: int, actor: Actor, at: datetime | None = None) -> CallBack:
    """The person is on the line: the promise is kept. The call goes on and is coded as any.

    Raises ``Conflict`` when it is settled or not the actor's.
    """
    with _mine(call_back_id, actor) as row:
        now = at or timezone.now()
        row.tries += 1
        row.done_at = now
        _note_breach(row, now)
        row.save()
        return row


def not_reached(
    *, call_back_id: int, actor: Actor, gives_up: bool = False, at: datetime | None = None
) -> CallBack:
    """Nobody answered: the call ends, the promise stays in the queue, or is given up.

    Giving up takes three tries. Raises ``Conflict`` when it is too early for that, when the
    promise is settled or not the actor's.
    """
    with _mine(call_back_id, actor) as row:
        now = at or timezone.now()
        row.tries += 1
        if gives_up and row.tries < TRIES_BEFORE_GIVING_UP:
            raise Conflict(
                _("Try %(count)d times before giving up.") % {"count": TRIES_BEFORE_GIVING_UP}
            )
        if gives_up:
            row.given_up_at = now
            _note_breach(row, now)
        row.taken_by_id = None
        row.save()
        call = (
            Interaction.objects.select_for_update(of=("self",))
            .filter(call_back=row, ended_at=None)
            .first()
        )
        if call is not None:
            code_if_uncoded(call, DispositionKind.NOBODY, at=now)
            finish(call, at=now)
        return row


def release(*, call_back_id: int, actor: Actor) -> CallBack:
    """Give a promise back to the queue that was taken and not called. Raises as ``take``."""
    with _mine(call_back_id, actor) as row:
        row.taken_by_id = None
        row.save(update_fields=["taken_by"])
        return row


def mark_late(*, now: datetime) -> int:
    """Write down which open promises of the city are past their time; return how many.

    The time of the breach is the due time, however late this runs; who leads the center is
    told once of each. Safe to run twice.
    """
    marked = 0
    with transaction.atomic():
        late = CallBack.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            done_at=None, given_up_at=None, breached_at=None, due_at__lt=now
        )
        for row in late.order_by("due_at", "id"):
            row.breached_at = row.due_at
            row.save(update_fields=["breached_at"])
            _tell_late(row)
            marked += 1
    return marked


def _write(
    row: Interaction, phone: str, about: str, language: str, user_id: int | None, now: datetime
) -> CallBack:
    number = dialable(phone)
    if sum(char.isdigit() for char in number) < 3:
        raise Invalid(_("Say which number to call back."), field="phone")
    return CallBack.objects.create(
        interaction=row,
        contact_id=row.contact_id,
        phone=number,
        about=line_of(about, limit=500, field="about"),
        language=checked_language(language) or row.language,
        promised_by_id=user_id,
        promised_at=now,
        due_at=due_of(now, center_rules().call_back_minutes),
    )


@contextmanager
def _open(call_back_id: int, actor: Actor) -> Iterator[CallBack]:
    with transaction.atomic():
        require(actor, Permission.CONSOLE_USE)
        row = CallBack.objects.select_for_update(of=("self",)).filter(pk=call_back_id).first()
        if row is None:
            raise NotFound(_("This call back does not exist here."))
        if row.done_at is not None or row.given_up_at is not None:
            raise Conflict(_("This call back is settled already."))
        yield row


@contextmanager
def _mine(call_back_id: int, actor: Actor) -> Iterator[CallBack]:
    with _open(call_back_id, actor) as row:
        if row.taken_by_id != actor.user_id:
            raise Conflict(_("This call back is not yours: take it first."))
        yield row


def _note_breach(row: CallBack, now: datetime) -> None:
    if row.breached_at is None and now > row.due_at:
        row.breached_at = row.due_at


def _tell_late(row: CallBack) -> None:
    leads = frozenset(
        role
        for role, granted in MATRIX.items()
        if Permission.CENTER_SUPERVISE in granted and Permission.CONSOLE_USE in granted
    )
    tell(
        staff_of(roles=leads),
        NoticeKind.CENTER,
        subject=lambda: _("A promised call back is late."),
        path=QUEUE,
        once_key=f"call-back-{row.pk}-late",
        default_language=city_in_scope().default_language,
    )
