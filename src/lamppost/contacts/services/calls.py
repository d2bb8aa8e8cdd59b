"""What an agent does with a call or a visit, from hello to the end of after-call work."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.choices import AgentStateKind, Direction
from lamppost.contacts.models import Interaction
from lamppost.contacts.selectors.callers import dialable, people_with_number
from lamppost.contacts.selectors.calls import SPOKEN, waiting_calls
from lamppost.contacts.services.agent_states import enter, refuse_uncoded
from lamppost.contacts.services.holding import held
from lamppost.contacts.services.line import finish
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people.actors import Actor
from lamppost.people.contacts import standing
from lamppost.people.models import Contact
from lamppost.people.permissions import Permission, require

MAX_NOTE = 4000


def begin(
    *,
    actor: Actor,
    channel: Channel = Channel.PHONE,
    address: str = "",
    language: str = "",
    contact_id: int | None = None,
    direction: Direction = Direction.IN,
    call_back_id: int | None = None,
    at: datetime | None = None,
) -> Interaction:
    """Begin a call or a visit by hand and return it; open after-call work of the last ends.

    A number the city's country can dial is kept in E.164. Raises ``Forbidden`` without the
    console, ``Invalid`` for a channel nobody speaks on, ``Conflict`` while another one is
    open.
    """
    user_id = _person(actor)
    if channel not in SPOKEN:
        raise Invalid(_("Choose how the person reached you."), field="channel")
    now = at or timezone.now()
    try:
        with transaction.atomic():
            _finish_wraps(user_id, now)
            row = Interaction(
                channel=channel,
                direction=direction,
                address=dialable(address),
                language=checked_language(language),
                contact_id=contact_id,
                call_back_id=call_back_id,
                agent_id=user_id,
                offered_at=now,
                answered_at=now,
            )
            _recognize(row)
            row.save(force_insert=True)
            enter(user_id, AgentStateKind.TALKING, at=now)
            return row
    except IntegrityError:
        raise Conflict(_("You are on a call. Finish it first.")) from None


def take_next(*, actor: Actor, at: datetime | None = None) -> Interaction:
    """Answer who has waited longest, and return the interaction.

    Raises ``NotFound`` when nobody waits, ``Conflict`` while another call is open and for an
    agent with too many uncoded contacts.
    """
    user_id = _person(actor)
    now = at or timezone.now()
    refuse_uncoded(user_id, now=now)
    try:
        with transaction.atomic():
            row = waiting_calls().select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                raise NotFound(_("Nobody is waiting."))
            _finish_wraps(user_id, now)
            row.agent_id = user_id
            row.answered_at = max(now, row.offered_at)
            _recognize(row)
            row.save(update_fields=["agent", "answered_at", "contact", "language"])
            enter(user_id, AgentStateKind.TALKING, at=row.answered_at)
            return row
    except IntegrityError:
        raise Conflict(_("You are on a call. Finish it first.")) from None


def hold(*, interaction_id: int, actor: Actor, at: datetime | None = None) -> Interaction:
    """Put the caller on hold; twice changes nothing. Raises as ``holding.held`` does."""
    with held(interaction_id, actor, is_open=True) as row:
        if row.held_since is None:
            row.held_since = at or timezone.now()
            row.save(update_fields=["held_since"])
        return row


def resume(*, interaction_id: int, actor: Actor, at: datetime | None = None) -> Interaction:
    """Speak with the caller again; the seconds on hold are counted apart from talk."""
    with held(interaction_id, actor, is_open=True) as row:
        if row.held_since is not None:
            waited = ((at or timezone.now()) - row.held_since).total_seconds()
            row.hold_seconds += max(int(waited), 0)
            row.held_since = None
            row.save(update_fields=["held_since", "hold_seconds"])
        return row


def end(*, interaction_id: int, actor: Actor, at: datetime | None = None) -> Interaction:
    """End the call; after-call work begins. One that ended already stays as it is."""
    with held(interaction_id, actor) as row:
        if row.ended_at is None:
            finish(row, at=at or timezone.now())
        return row


def finish_wrap(
    *, interaction_id: int, actor: Actor, note: str | None = None, at: datetime | None = None
) -> Interaction:
    """End after-call work, with a note for colleagues when one is given: the agent is ready.

    Raises ``Conflict`` while the line is open, and when too many contacts lack their coding.
    """
    with held(interaction_id, actor) as row:
        now = at or timezone.now()
        if row.ended_at is None:
            raise Conflict(_("The call is still on: end it first."))
        if note is not None:
            row.note = _checked_note(note)
        if row.wrapped_at is None:
            row.wrapped_at = max(now, row.ended_at)
            if row.agent_id is not None:
                refuse_uncoded(row.agent_id, now=now)
                enter(row.agent_id, AgentStateKind.READY, at=row.wrapped_at)
        row.save()
        return row


def set_note(*, interaction_id: int, note: str, actor: Actor) -> Interaction:
    """Keep the agent's note; raises ``Invalid`` for one that is too long."""
    with held(interaction_id, actor) as row:
        row.note = _checked_note(note)
        row.save(update_fields=["note"])
        return row


def set_caller(
    *,
    interaction_id: int,
    actor: Actor,
    address: str,
    language: str,
    needs_interpreter: bool,
    contact_id: int | None,
    channel: Channel | None = None,
) -> Interaction:
    """Write down who calls, as far as they say: number, language, person, interpreter.

    ``contact_id`` None makes the caller anonymous. Raises ``Invalid`` for a language the city
    does not offer or a number too long, ``NotFound`` for a contact there is not (or no more).
    """
    with held(interaction_id, actor) as row:
        if contact_id is not None:
            contact_id = _standing(contact_id)
        if channel is not None and channel not in SPOKEN:
            raise Invalid(_("Choose how the person reached you."), field="channel")
        row.address = dialable(address)
        row.language = checked_language(language)
        row.needs_interpreter = needs_interpreter
        row.contact_id = contact_id
        row.channel = channel or row.channel
        row.save()
        return row


def _standing(contact_id: int) -> int:
    """Who stands for a contact after merges; raises ``NotFound`` for nobody."""
    found = Contact.objects.filter(pk=contact_id).first()
    who = standing(found) if found is not None else None
    if who is None or who.erased_at is not None:
        raise NotFound(_("This person does not exist here."), field="contact")
    return int(who.pk)


def _recognize(row: Interaction) -> None:
    """Name who calls when the number is one person's, and take over their language."""
    if row.contact_id is None and row.address:
        known = people_with_number(row.address)
        if len(known) == 1:
            row.contact = known[0]
    if not row.language and row.contact is not None:
        offered = languages_of(city_in_scope())
        row.language = row.contact.language if row.contact.language in offered else ""


def checked_language(language: str) -> str:
    """Return a language of the city, or '' for none said; raises ``Invalid`` for another."""
    if language and language not in languages_of(city_in_scope()):
        raise Invalid(_("Choose a language of the list."), field="language")
    return language


def _checked_note(note: str) -> str:
    note = clean_text(note)
    if len(note) > MAX_NOTE:
        raise Invalid(_("Use at most %(limit)d characters.") % {"limit": MAX_NOTE}, field="note")
    return clean_text(note)


def _finish_wraps(user_id: int, now: datetime) -> None:
    """The next call ends the after-call work of the one before: nobody does two at once."""
    open_wraps = Interaction.objects.filter(
        agent_id=user_id, ended_at__isnull=False, answered_at__isnull=False, wrapped_at=None
    )
    open_wraps.update(wrapped_at=now)


def _person(actor: Actor) -> int:
    require(actor, Permission.CONSOLE_USE)
    if actor.user_id is None:
        raise Forbidden(_("Only a person answers calls."))
    return actor.user_id


def line_of(text: str, *, limit: int, field: str) -> str:
    """Return ``text`` on one line; raises ``Invalid`` for one longer than ``limit``."""
    line = clean_line(text)
    if len(line) > limit:
        raise Invalid(_("Use at most %(limit)d characters.") % {"limit": limit}, field=field)
    return line
