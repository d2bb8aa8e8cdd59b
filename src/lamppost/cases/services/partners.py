"""Updates that come in from other systems, over Open311 or any other face.

Follows what mySociety's FixMyStreet does with the updates it fetches, as far as its states
have a counterpart here; where we had to choose: docs/decisions/0011-open311-choices.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent, EventText, PartnerUpdate
from lamppost.cases.services import clocks
from lamppost.cases.services.closing import is_held_open
from lamppost.cases.services.disputed import is_disputed
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import close_locked, reopen_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.photos import AnyPhoto, attach
from lamppost.cases.services.public_words import word_status
from lamppost.catalog.book import OutcomeEntry, StatusEntry, book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.text import in_language
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.models import ApiKey
from lamppost.sla.choices import TargetKind
from lamppost.sla.promises import promises

# How far a partner's clock may be ahead of ours.
_CLOCK_SKEW = timedelta(minutes=5)
_MAX_ID = 200

_CLOSING: dict[str, OutcomeKind] = {
    "fixed": OutcomeKind.DONE,
    "fixed council": OutcomeKind.DONE,
    "closed": OutcomeKind.DONE,
    "no further action": OutcomeKind.NOT_DONE,
    "unable to fix": OutcomeKind.NOT_DONE,
    "not councils responsibility": OutcomeKind.REFERRED,
    "not responsible": OutcomeKind.REFERRED,
    "duplicate": OutcomeKind.DUPLICATE,
    "cancelled": OutcomeKind.WITHDRAWN,
}
_OPENING = frozenset(
    {
        "open",
        "reopen",
        "investigating",
        "in progress",
        "planned",
        "action scheduled",
        "internal referral",
        "for triage",
    }
)
_STEPS = (
    EventKind.RECEIVED,
    EventKind.IMPORTED,
    EventKind.MOVED,
    EventKind.CLOSED,
    EventKind.REOPENED,
)
_EMAIL = re.compile(r"[^\s@<>(),;]+@[^\s@<>(),;]+\.[^\s@<>(),;.]+")


@dataclass(frozen=True, slots=True)
class Update:
    """What a partner says of one case.

    ``update_id`` is its own id for this update, ``status`` its word, ``at`` (aware) when it
    happened there. ``photos`` are as intake takes them. ``meaning`` is what the word stands
    for where the city has said so itself; None: as in the tables above.
    """

    number: str
    update_id: str
    status: str
    text: str
    at: datetime
    media_url: str = ""
    photos: tuple[AnyPhoto, ...] = ()
    meaning: StatusEntry | OutcomeEntry | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The event an update became. ``repeated``: it had come before, nothing was written."""

    event_id: int
    repeated: bool = False


def receive(*, update: Update, actor: Actor) -> Received:
    """Take an update from the partner ``actor`` and return the event it became.

    The same ``update_id`` again gives the same event. An update older than the last step of
    the case is kept as a note and changes nothing else; visibility never changes. Raises
    ``Forbidden`` for a key that may not update, ``NotFound`` for an unknown number, ``Invalid``
    for a missing id, a time before the report or in the future, and ``Conflict`` for an id
    used for another case.
    """
    key_id = _key_id(actor)
    _check_id(update.update_id)
    text = _said(update)
    case_id = _case_id(update.number)
    with locked(case_id, None, actor) as case:
        repeated = _repeated(case, key_id, update.update_id)
        if repeated is not None:
            return repeated
        now = timezone.now()
        latest = _latest_step(case)
        at = _checked_time(update.at, case, now)
        event = _same_again(case, key_id, text, update)
        if event is None:
            if at < latest.replace(microsecond=0):
                _note(case, text, actor, at)
            else:
                at = max(at, latest)
                _apply(case, update, text, actor=actor, at=at)
            for photo in update.photos:
                attach(case, photo, actor=actor, by_staff=False, at=at)
            # Those who ask what changed since their last visit must see it, whenever it was.
            case.updated_at = max(case.updated_at, now)
            case.save(update_fields=["updated_at"])
            event = _event_of(case, key_id, at)
        PartnerUpdate.objects.create(
            case=case, api_key_id=key_id, update_id=update.update_id, updated_at=event.at
        )
        return Received(event.pk)


def without_contact_details(text: str, country: str) -> str:
    """Return ``text`` without e-mail addresses and phone numbers.

    Partners copy what residents wrote to them; here it would be public. Phone numbers are
    those valid in ``country`` (ISO 3166) or written with their country code.
    """
    hidden = _("[removed]")
    text = _EMAIL.sub(hidden, text)
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(text, country))):
        text = text[: match.start] + hidden + text[match.end :]
    return text


def _key_id(actor: Actor) -> int:
    key_id = actor.api_key_id
    if key_id is not None:
        allowed = ApiKey.objects.filter(pk=key_id, revoked_at=None, may_update=True)
        if allowed.exists():
            return key_id
    denials.keep(actor, "partner.update", detail=f"key {key_id}")
    raise Forbidden(_("This api_key may not send updates."))


def _case_id(number: str) -> int:
    found = None
    if number.isprintable():  # PostgreSQL refuses NUL in any text
        found = Case.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_("This service_request_id does not exist here."))
    return int(found)


def _check_id(update_id: str) -> None:
    if not update_id or len(update_id) > _MAX_ID or not update_id.isprintable():
        raise Invalid(
            _("Send your own id of the update, 200 characters at most."), field="update_id"
        )


def _said(update: Update) -> str:
    text = checked_note(update.text, field="description")
    text = without_contact_details(text, city_in_scope().country)
    if re.match(r"https?://\S{1,2000}\Z", update.media_url):
        text = f"{text}\n{update.media_url}".strip()
    return checked_note(text, field="description")


def _repeated(case: Case, key_id: int, update_id: str) -> Received | None:
    row = PartnerUpdate.objects.filter(api_key_id=key_id, update_id=update_id).first()
    if row is None:
        return None
    if row.case_id != case.pk:
        raise Conflict(_("This update_id was used for another request."), field="update_id")
    return Received(_event_of(case, key_id, row.updated_at).pk, repeated=True)


def _event_of(case: Case, key_id: int, at: datetime) -> CaseEvent:
    return CaseEvent.objects.filter(case=case, api_key_id=key_id, at=at).latest("seq")


def _checked_time(at: datetime, case: Case, now: datetime) -> datetime:
    """Partners know whole seconds: within the second of the report is not before it."""
    if at < case.requested_at.replace(microsecond=0):
        raise Invalid(
            _("An update cannot be older than the request itself."), field="updated_datetime"
        )
    if at > now + _CLOCK_SKEW:
        raise Invalid(_("An update cannot be in the future."), field="updated_datetime")
    return min(max(at, case.requested_at), now)


def _latest_step(case: Case) -> datetime:
    steps = CaseEvent.objects.filter(case=case, kind__in=_STEPS)
    latest = steps.order_by("-at").values_list("at", flat=True).first()
    return latest or case.requested_at


def _same_again(case: Case, key_id: int, text: str, update: Update) -> CaseEvent | None:
    """The last thing this partner said, when it says it again and nothing would change."""
    event = CaseEvent.objects.filter(case=case, api_key_id=key_id).order_by("-seq").first()
    if event is None or not text or update.photos or _change(case, update) is not None:
        return None
    said = EventText.objects.filter(event=event).values_list("text", flat=True).first()
    return event if said == text else None


def is_known_word(word: str) -> bool:
    """Return whether a partner's word of status means something without the city's saying so."""
    plain = _plain(word)
    return plain in _CLOSING or plain in _OPENING or plain in {"", "unchanged"}


def _plain(word: str) -> str:
    return word.strip().lower().replace("_", " ").replace("-", " ")


def _change(case: Case, update: Update) -> StatusEntry | OutcomeEntry | None:
    """What the partner's word would change: a status to take, an outcome to end with."""
    if update.meaning is not None:
        return _meant(case, update.meaning)
    word = _plain(update.status)
    if word in _CLOSING:
        kind = _CLOSING[word]
        current = book().outcomes.get(case.outcome_id) if case.outcome_id else None
        if current is not None and current.kind in {kind, OutcomeKind.DUPLICATE}:
            return None
        return book().outcome_of_kind(kind)
    if word not in _OPENING:
        return None
    return _open_status(case, word)


def _meant(case: Case, meaning: StatusEntry | OutcomeEntry) -> StatusEntry | OutcomeEntry | None:
    if isinstance(meaning, StatusEntry):
        return None if meaning.id == case.status_id else meaning
    current = book().outcomes.get(case.outcome_id) if case.outcome_id else None
    is_settled = current is not None and (
        current.id == meaning.id or current.kind is OutcomeKind.DUPLICATE
    )
    return None if is_settled else meaning


def _open_status(case: Case, word: str) -> StatusEntry | None:
    named = book().status(word.replace(" ", "-"))
    if named is not None and named.state is State.OPEN:
        return None if named.id == case.status_id else named
    # "Open" is no news of a case that waits for its first look.
    is_news = case.state in {State.CLOSED, State.WAITING} or (
        case.state == State.RECEIVED and word not in {"open", "reopen"}
    )
    return book().default_status(State.OPEN) if is_news else None


def _apply(case: Case, update: Update, text: str, *, actor: Actor, at: datetime) -> None:
    change = _change(case, update)
    if change is None:
        _note(case, text, actor, at)
    elif isinstance(change, OutcomeEntry):
        _end(case, change, text, actor=actor, at=at)
    elif case.state == State.CLOSED:
        reopen_locked(case, text, actor=actor, at=at)
    else:
        _move(case, change, text, actor=actor, at=at)


def _end(case: Case, outcome: OutcomeEntry, text: str, *, actor: Actor, at: datetime) -> None:
    language = get_language() or "en"
    text = text or in_language(outcome.sentence, language) or in_language(outcome.name, language)
    if case.state != State.CLOSED and (is_disputed(case) or is_held_open(case, outcome)):
        # The partner's part is done; others have not finished theirs, or the 311 center looks
        # at the last closing: its word is kept, the case stays open. Refusing it would lose
        # what it said.
        _note(case, text, actor, at)
        return
    if case.state != State.CLOSED:
        is_repeat = outcome.kind is OutcomeKind.DUPLICATE
        close_locked(case, outcome, text, actor=actor, at=at, keep_clocks=not is_repeat)
        return
    previous, case.outcome_id = case.outcome_id, outcome.id
    word_status(case, text)
    case.save()
    _record(case, EventKind.PARTNER_UPDATE, text, actor, at, {"from_outcome": previous})


def _move(case: Case, status: StatusEntry, text: str, *, actor: Actor, at: datetime) -> None:
    # Not bound by the city's moves: the partner reports what happened on its side.
    previous, case.status_id, case.state = case.status_id, status.id, status.state
    pausing = promises().pause_reasons.get(status.id)
    if pausing is None and case.is_paused:
        clocks.resume_clocks(case, at=at, actor=actor)
    elif pausing is not None and not case.is_paused:
        clocks.pause_clocks(case, at=at, reason_id=pausing, actor=actor)
    if text:
        word_status(case, text)
    case.updated_at = at
    case.save()
    clocks.meet(case, TargetKind.ACKNOWLEDGE, at=at, actor=actor)
    _record(case, EventKind.MOVED, text, actor, at, {"from": previous, "to": status.id})


def _note(case: Case, text: str, actor: Actor, at: datetime) -> None:
    """A word that changes nothing; without any text it is for staff only."""
    audience = EventAudience.PUBLIC if text else EventAudience.STAFF
    _record(case, EventKind.PARTNER_UPDATE, text, actor, at, {}, audience)


def _record(
    case: Case,
    kind: EventKind,
    text: str,
    actor: Actor,
    at: datetime,
    data: dict[str, int | None],
    audience: EventAudience = EventAudience.PUBLIC,
) -> None:
    record(
        case,
        kind,
        actor=actor,
        audience=audience,
        at=at,
        text=text,
        language=get_language() or "",
        data=data,
    )
