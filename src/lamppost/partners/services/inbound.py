"""What partners tell us, by whatever way it comes: known again, in order, never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation

from lamppost.cases.models import Case
from lamppost.cases.services.partners import Update, is_known_word, receive
from lamppost.catalog.book import OutcomeEntry, StatusEntry, book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.text import clean_line, fold, in_language
from lamppost.partners.choices import InboundResult
from lamppost.partners.models import Connection, Delivery, HandOff, InboundUpdate, StatusWord
from lamppost.partners.services.alarms import tell_inbound
from lamppost.partners.services.results import acknowledge
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

# A partner's clock may be behind ours: within this a time before the report is the report's.
_SKEW = timedelta(minutes=5)
_MAX_WORD = 100


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a partner says. ``at`` (aware) is when it happened there.

    The case is named by our ``number``, else by theirs. ``status`` '' says nothing of it.
    """

    update_id: str
    at: datetime
    number: str = ""
    external_number: str = ""
    status: str = ""
    text: str = ""
    media_url: str = ""


def take(connection: Connection, told: Told) -> InboundUpdate:
    """Take what a partner says and return the record of it; the same id again changes nothing.

    Number and status each have the partner's own time: an older one never replaces a newer
    one. A partner speaks only of cases that were handed to it. What is refused, and a status
    nobody has given a meaning, becomes an item at the desk and a notice.
    """
    with transaction.atomic():
        handoff = _handoff(connection, told)
        if handoff is not None:
            # Two messages about one case wait for each other here.
            handoff = HandOff.objects.select_for_update(no_key=True).get(pk=handoff.pk)
        row = InboundUpdate.objects.filter(connection=connection, update_id=told.update_id).first()
        if row is not None and row.result != InboundResult.REFUSED:
            return row
        row = row or InboundUpdate(connection=connection, update_id=told.update_id)
        row.handoff = handoff
        row.word = clean_line(told.status)[:_MAX_WORD]
        row.at, row.received_at = told.at, timezone.now()
        row.result, row.reason = _taken(connection, handoff, told)
        row.save()
        if row.result != InboundResult.APPLIED:
            tell_inbound(row)
        return row


def actor_of(connection: Connection) -> Actor:
    """Return who the partner is in the history of cases."""
    return Actor(role=Role.RESIDENT, api_key_id=connection.api_key_id, name=connection.name)


def meaning_of(
    connection: Connection, word: str, language: str
) -> tuple[bool, StatusEntry | OutcomeEntry | None, str]:
    """Return whether a word has a meaning, which one, and the sentence that goes with it.

    The connection's own rows come first, then the words every partner may use.
    """
    row = StatusWord.objects.filter(connection=connection, word=fold_word(word)).first()
    if row is None:
        return is_known_word(word), None, ""
    pages = book()
    meaning: StatusEntry | OutcomeEntry | None = None
    if row.outcome_id is not None:
        meaning = pages.outcomes.get(row.outcome_id)
    elif row.status_id is not None:
        meaning = pages.statuses.get(row.status_id)
    return True, meaning, in_language(row.sentence, language)


def fold_word(word: str) -> str:
    """Return a partner's word as rows keep it: small letters, blanks for _ and -."""
    plain = clean_line(word).replace("_", " ").replace("-", " ")
    return " ".join(fold(plain).split())[:_MAX_WORD]


def _handoff(connection: Connection, told: Told) -> HandOff | None:
    rows = HandOff.objects.filter(connection=connection)
    found: list[HandOff] = []
    if told.number and told.number.isprintable():
        found = list(rows.filter(case__number=told.number)[:1])
    elif told.external_number and told.external_number.isprintable():
        found = list(rows.filter(external_number=told.external_number)[:2])
    # Of two cases with one number of theirs we cannot know which is meant.
    return found[0] if len(found) == 1 else None


def _taken(
    connection: Connection, handoff: HandOff | None, told: Told
) -> tuple[InboundResult, str]:
    if handoff is None:
        return InboundResult.REFUSED, "no case of theirs has this number"
    if Delivery.objects.filter(handoff=handoff, key=told.update_id).exists():
        return InboundResult.APPLIED, "our own message, sent back"
    case = Case.objects.get(pk=handoff.case_id)
    at = told.at
    if case.requested_at - _SKEW <= at < case.requested_at:
        at = case.requested_at
    language = case.language or city_in_scope().default_language
    is_known, meaning, sentence = meaning_of(connection, told.status, language)
    newer = handoff.external_status_at is None or at >= handoff.external_status_at
    if told.status or told.text or told.media_url:
        update = Update(
            number=case.number,
            update_id=told.update_id,
            # An older status is only a comment, whatever it would change now.
            status=told.status if newer else "",
            text=told.text or (sentence if newer else ""),
            at=at,
            media_url=told.media_url,
            meaning=meaning if newer else None,
        )
        try:
            with transaction.atomic(), translation.override(language):
                receive(update=update, actor=actor_of(connection))
        except NotFound:
            return InboundResult.REFUSED, "the case is gone"
        except Refusal as refusal:
            return InboundResult.REFUSED, str(refusal)[:200]
    _keep(handoff, told, at, is_newer=newer)
    if not is_known:
        return InboundResult.UNMAPPED, ""
    return InboundResult.APPLIED, "" if newer or not told.status else "older than what we know"


def _keep(handoff: HandOff, told: Told, at: datetime, *, is_newer: bool) -> None:
    """Write down what the partner says of its own side; it has the case, that is certain now."""
    _take_number(handoff, told, at)
    acknowledge(handoff, now=timezone.now())
    if told.status and is_newer:
        handoff.external_status = clean_line(told.status)[:_MAX_WORD]
        handoff.external_status_at = at
    handoff.save()


def _take_number(handoff: HandOff, told: Told, at: datetime) -> None:
    number = clean_line(told.external_number)[:100]
    if not number or number == handoff.external_number:
        return
    known_at = handoff.external_number_at
    if known_at is None or at >= known_at:
        handoff.external_number, handoff.external_number_at = number, at
