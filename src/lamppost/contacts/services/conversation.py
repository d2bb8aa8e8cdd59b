"""Talks by SMS: one text in, one answer out, everything written in one transaction.

What is said is decided by ``contacts.talk``, which knows no database; what has to be done is
done by ``conversation_acts``; sending is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.contacts.choices import DispositionKind, InteractionEnd, TalkStep
from lamppost.contacts.models import Conversation, IncomingText, Interaction
from lamppost.contacts.selectors.city_world import CityWorld
from lamppost.contacts.selectors.line import surge_words, text_welcome
from lamppost.contacts.selectors.spoken import language_of_text
from lamppost.contacts.services.conversation_acts import Talk, act, code_as, web_words
from lamppost.contacts.services.conversation_store import (
    CONVERSATION_LASTS,
    keep_photos,
    memory_of,
    plain,
)
from lamppost.contacts.talk import wording
from lamppost.contacts.talk.machine import advance
from lamppost.contacts.talk.values import ActKind, Turn
from lamppost.kernel.images import Photo
from lamppost.kernel.segments import size_of

# Silence after which the next text is another matter, where nothing is half done.
SAME_MATTER = timedelta(minutes=30)
# Silence in the middle of a report after which a link to finish it on the web is sent.
SILENCE = timedelta(minutes=10)
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One SMS as it came. ``phone`` is E.164; ``photos`` are re-encoded, ``photos_lost`` of
    them could not be had. ``base_url`` is the city's address for links, no slash at the end.
    """

    provider_id: str
    phone: str
    text: str
    base_url: str
    photos: Sequence[Photo] = ()
    photos_lost: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of it. ``consent`` is ``stop`` or ``start`` when that was said.

    ``is_repeat``: this very text was answered before and nothing was done again.
    """

    text_id: int
    answer: str
    language: str
    case_id: int | None
    contact_id: int | None
    consent: str = ""
    is_repeat: bool = False


def hear(incoming: Incoming, *, now: datetime | None = None) -> Heard:
    """Take one text into the talk with its sender and return the answer, in their language.

    The same ``provider_id`` again is answered the same and changes nothing. Raises nothing a
    sender could bring about.
    """
    known = IncomingText.objects.filter(provider_id=incoming.provider_id).first()
    if known is not None:
        return _repeated(known)
    try:
        with transaction.atomic():
            return _hear(incoming, now or timezone.now())
    except IntegrityError:
        known = IncomingText.objects.filter(provider_id=incoming.provider_id).first()
        if known is not None:
            # The same text came twice at once, and the other one was written.
            return _repeated(known)
    # Two texts began a talk at once: the other one's talk is there now, and this goes on with it.
    with transaction.atomic():
        return _hear(incoming, now or timezone.now())


@dataclass(frozen=True, slots=True)
class Reminder:
    """The text with the link for a talk that fell silent, and since when it is."""

    phone: str
    text: str
    language: str
    silent_since: datetime


def silent_talks(*, now: datetime, limit: int) -> list[int]:
    """Return the ids of talks that stopped in the middle ten minutes ago, not yet reminded."""
    rows = Conversation.objects.filter(
        ended_at=None, reminded_at=None, last_at__lte=now - SILENCE
    ).exclude(step=TalkStep.IDLE)
    return list(rows.order_by("last_at").values_list("pk", flat=True)[:limit])


def remind(talk_id: int, *, base_url: str, now: datetime) -> Reminder | None:
    """Mark a silent talk as reminded and return what to send; None when it is silent no more.

    Call it in the transaction that writes the message. A talk without a service yet has
    nothing to open: it is marked and nothing is sent.
    """
    row = Conversation.objects.select_for_update(of=("self",)).filter(pk=talk_id).first()
    if row is None or row.ended_at or row.reminded_at or row.last_at > now - SILENCE:
        return None
    row.reminded_at = now
    row.save(update_fields=["reminded_at"])
    memory = memory_of(row)
    if not memory.service_code:
        return None
    with translation.override(row.language):
        text = wording.lines(
            _("Your report is not sent yet. Answer here any time."),
            web_words(row, memory, base_url=base_url),
        )
    return Reminder(row.phone, text, row.language, row.last_at)


def end_finished(*, now: datetime, limit: int = 200) -> int:
    """End talks that are over: finished on the web, or left alone for a day; return how many."""
    ended = 0
    waiting = Conversation.objects.filter(ended_at=None).filter(draft__case__isnull=False)
    silent = Conversation.objects.filter(ended_at=None, last_at__lt=now - CONVERSATION_LASTS)
    for one in [*waiting.order_by("id")[:limit], *silent.order_by("id")[:limit]]:
        with transaction.atomic():
            row = Conversation.objects.select_for_update(of=("self",)).get(pk=one.pk)
            if row.ended_at is None:
                _end(row, now)
                ended += 1
    return ended


def _hear(incoming: Incoming, now: datetime) -> Heard:
    row, is_first, is_new = _conversation(incoming, now)
    language = row.language
    with translation.override(language):
        world = CityWorld(phone=incoming.phone)
        memory = memory_of(row)
        turn = advance(memory, incoming.text[:_LONGEST], world, photos=len(incoming.photos))
        talk = Talk(row, world, incoming.phone, incoming.base_url, now)
        kept = _keep(row, turn, incoming.photos)
        done = act(talk, turn)
    memory = done.memory
    with translation.override(memory.language or language):
        wanted = turn.act.kind if turn.act else None
        before = _before(is_first=is_first, is_new=is_new, wanted=wanted)
        about = _about_photos(len(incoming.photos) + incoming.photos_lost, kept)
        say, rest = wording.fitting(wording.lines(before, about, done.say))
    row.memory = plain(memory, rest=rest)
    row.step = memory.step
    row.language = memory.language or language
    row.last_at = now
    row.reminded_at = None if memory.is_reporting else row.reminded_at
    row.save()
    _keep_interaction(row, talk, now)
    text = IncomingText.objects.create(
        conversation=row,
        provider_id=incoming.provider_id,
        at=now,
        text=incoming.text[:_LONGEST],
        photos=len(incoming.photos) + incoming.photos_lost,
        photos_kept=kept,
        answer=say,
        segments=size_of(say).segments if say else 0,
    )
    return Heard(
        text_id=text.pk,
        answer=say,
        language=row.language,
        case_id=talk.case_id,
        contact_id=row.interaction.contact_id,
        consent=talk.consent,
    )


def _conversation(incoming: Incoming, now: datetime) -> tuple[Conversation, bool, bool]:
    """Return the talk with this number, locked; whether it is their first ever, or a new one."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("interaction")
    row = rows.filter(phone=incoming.phone, ended_at=None).first()
    if row is not None:
        patience = CONVERSATION_LASTS if memory_of(row).is_reporting else SAME_MATTER
        is_filed = row.draft is not None and row.draft.case_id is not None
        if not is_filed and row.last_at >= now - patience:
            return row, False, False
        _end(row, now)
    last = Conversation.objects.filter(phone=incoming.phone).order_by("-last_at").first()
    language = _language(incoming.text, last)
    interaction = Interaction.objects.create(
        channel=Channel.SMS,
        language=language,
        address=incoming.phone,
        provider_id=incoming.provider_id,
        offered_at=now,
        contact_id=last.interaction.contact_id if last else None,
    )
    row = Conversation.objects.create(
        interaction=interaction,
        phone=incoming.phone,
        language=language,
        memory=plain(memory_of(None, language=language)),
        started_at=now,
        last_at=now,
    )
    return row, last is None, True


def _language(text: str, last: Conversation | None) -> str:
    city = city_in_scope()
    offered = languages_of(city)
    found = language_of_text(text, offered)
    if not found and last is not None and last.language in offered:
        found = last.language
    default = city.default_language if city.default_language in offered else offered[0]
    return found or default


def _before(*, is_first: bool, is_new: bool, wanted: ActKind | None) -> str:
    """What is said before the answer: the surge's text, and a welcome to a new number."""
    if not is_new or wanted in {ActKind.DANGER, ActKind.STOP, ActKind.START}:
        return ""
    return wording.lines(surge_words(), text_welcome() if is_first else "")


def _keep(row: Conversation, turn: Turn, photos: Sequence[Photo]) -> int:
    """Keep pictures where there is a report they belong to; return how many."""
    is_filing = turn.act is not None and turn.act.kind is ActKind.FILE
    return keep_photos(row, turn.memory, photos) if turn.memory.is_reporting or is_filing else 0


def _about_photos(sent: int, kept: int) -> str:
    if not sent:
        return ""
    if kept < sent:
        return _("We could not take every photo (JPEG or PNG, five at most).")
    return _("Photo received.")


def _keep_interaction(row: Conversation, talk: Talk, now: datetime) -> None:
    """An SMS interaction is open while something is asked, and ended by the last answer."""
    interaction = row.interaction
    interaction.language = row.language
    is_reporting = memory_of(row).is_reporting
    interaction.ended_at = None if is_reporting else now
    interaction.end = "" if is_reporting else InteractionEnd.DEFLECTED
    interaction.wrapped_at = interaction.ended_at
    for kind in talk.kinds:
        code_as(interaction, kind, at=now)
    interaction.save()


def _end(row: Conversation, now: datetime) -> None:
    """End a locked talk: filed on the web, left half done, or simply over."""
    talk = Talk(row, CityWorld(phone=row.phone), row.phone, "", now)
    interaction = row.interaction
    if row.draft is not None and row.draft.case_id is not None:
        talk.tie_filed(row.draft.case_id)
        code_as(interaction, DispositionKind.REQUEST, at=now)
        interaction.end = InteractionEnd.DEFLECTED
        interaction.contact_id = row.draft.case.contact_id if row.draft.case else None
    elif memory_of(row).is_reporting:
        interaction.end = InteractionEnd.ABANDONED
        code_as(interaction, DispositionKind.NOBODY, at=now)
    else:
        code_as(interaction, DispositionKind.NOBODY, at=now)
    interaction.end = interaction.end or InteractionEnd.DEFLECTED
    interaction.ended_at = interaction.ended_at or max(row.last_at, interaction.offered_at)
    interaction.wrapped_at = interaction.ended_at
    interaction.save()
    row.ended_at = now
    row.memory, row.draft_key = {}, ""
    row.save()


def _repeated(known: IncomingText) -> Heard:
    row = known.conversation
    return Heard(
        text_id=known.pk,
        answer=known.answer,
        language=row.language,
        case_id=None,
        contact_id=row.interaction.contact_id,
        is_repeat=True,
    )
