"""What a partner is told: one case as it stood after one event, without the person behind it.

Names, addresses, phone numbers and e-mail of whoever reported a case never leave with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Attachment, Case, CaseAnswer, CaseEvent, EventText
from lamppost.cases.services.photos import photo_url
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State, Visibility
from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.database.fields import Point
from lamppost.kernel.text import in_language
from lamppost.partners.choices import Purpose
from lamppost.partners.models import Delivery

# The words of the update extension (mySociety) for how a case ended.
_ENDINGS = {
    OutcomeKind.DONE: "FIXED",
    OutcomeKind.NOT_DONE: "NO_FURTHER_ACTION",
    OutcomeKind.REFERRED: "NOT_COUNCILS_RESPONSIBILITY",
    OutcomeKind.DUPLICATE: "DUPLICATE",
    OutcomeKind.WITHDRAWN: "CANCELLED",
}
# Events whose words are for colleagues elsewhere than at the partner's.
_WORDS_LEAVE = frozenset({EventAudience.PUBLIC})


@dataclass(frozen=True, slots=True)
class Message:
    """All a sender needs. ``status`` and ``text`` are those of the event, not of today.

    ``key`` is the same in every attempt; ``url`` is the case's page for staff; ``photos`` are
    addresses anybody may open, none for a case that is not public.
    """

    key: str
    purpose: Purpose
    number: str
    service_code: str
    service_name: str
    description: str
    address: str
    point: Point | None
    is_hazard: bool
    priority: str
    requested_at: datetime
    due_at: datetime | None
    at: datetime
    state: str
    status: str
    outcome: str
    word: str
    text: str
    url: str
    photos: tuple[str, ...]
    answers: tuple[tuple[str, str, str], ...]
    external_number: str
    external_token: str
    city: str

    @property
    def is_new(self) -> bool:
        """Whether the partner hears of the case for the first time."""
        return self.purpose in {Purpose.NEW, Purpose.TEST}

    def as_data(self) -> dict[str, Any]:
        """Return the case as JSON values, as it is sent to webhooks."""
        return {
            "number": self.number,
            "external_number": self.external_number or None,
            "service_code": self.service_code,
            "service_name": self.service_name,
            "description": self.description,
            "address": self.address,
            "lat": self.point.lat if self.point else None,
            "long": self.point.long if self.point else None,
            "is_hazard": self.is_hazard,
            "priority": self.priority,
            "requested_at": self.requested_at.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "at": self.at.isoformat(),
            "state": self.state,
            "status": self.status,
            "outcome": self.outcome or None,
            "word": self.word,
            "text": self.text,
            "url": self.url,
            "photos": list(self.photos),
            "answers": [
                {"code": code, "question": question, "answer": answer}
                for code, question, answer in self.answers
            ],
        }


def message_of(delivery: Delivery) -> Message:
    """Return what ``delivery`` says; three queries beyond the delivery's own rows."""
    case, event = delivery.handoff.case, delivery.event
    city, pages = city_in_scope(), book()
    language = city.default_language
    service = pages.services_by_id[case.service_id]
    status = pages.statuses[event.status_id]
    outcome = pages.outcomes.get(event.outcome_id or 0)
    site = site_of(city)
    return Message(
        key=delivery.key,
        purpose=Purpose(delivery.purpose),
        number=case.number,
        service_code=service.code,
        service_name=in_language(service.name, language) or service.code,
        description=case.description,
        address=", ".join(filter(None, (case.address, case.unit))),
        point=case.location,
        is_hazard=case.is_hazard,
        priority=case.priority,
        requested_at=case.requested_at,
        due_at=case.due_at,
        at=event.at,
        state=event.state,
        status=status.code,
        outcome=outcome.code if outcome else "",
        word=_word(delivery, outcome.kind if outcome else None),
        text=_text(event),
        url=f"{site}/desk/cases/{case.number}/",
        photos=_photos(case, site),
        answers=_answers(case, language),
        external_number=delivery.handoff.external_number,
        external_token=delivery.handoff.external_token,
        city=in_language(city.name, language),
    )


def _word(delivery: Delivery, ending: OutcomeKind | None) -> str:
    """The state at the time of the event, in the words of the update extension."""
    if delivery.purpose == Purpose.WITHDRAWN:
        return "NOT_COUNCILS_RESPONSIBILITY"
    if delivery.event.state == State.CLOSED:
        return _ENDINGS.get(ending or OutcomeKind.DONE, "CLOSED")
    if delivery.event.kind == EventKind.REOPENED:
        return "REOPEN"
    return "OPEN"


def _text(event: CaseEvent) -> str:
    if event.audience not in _WORDS_LEAVE and event.kind != EventKind.RESIDENT_COMMENT:
        return ""
    words = EventText.objects.filter(event=event, redacted_at=None)
    return words.values_list("text", flat=True).first() or ""


def _photos(case: Case, site: str) -> tuple[str, ...]:
    links = [link for link in case.media_url.split() if link.startswith("http")]
    if case.visibility == Visibility.PUBLIC and case.photo_count:
        shown = Attachment.objects.filter(case=case, is_hidden=False)
        links += [site + photo_url(photo) for photo in shown]
    return tuple(links)


def _answers(case: Case, language: str) -> tuple[tuple[str, str, str], ...]:
    rows = (
        CaseAnswer.objects.filter(case=case)
        .select_related("question", "value")
        .order_by("question__order", "value__order", "id")
    )
    return tuple(
        (
            row.question.code,
            in_language(row.question.text, language) or row.question.code,
            row.value.key if row.value else row.text,
        )
        for row in rows
    )
