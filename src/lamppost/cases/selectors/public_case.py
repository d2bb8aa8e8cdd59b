"""Everything one request's page shows, to the public and to who holds its secret link."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from lamppost.cases.choices import ClockState, EventKind, LinkKind
from lamppost.cases.models import (
    Attachment,
    Case,
    CaseAnswer,
    CaseLink,
    Clock,
    EventText,
    Follower,
)
from lamppost.cases.selectors.audience import public_events
from lamppost.cases.selectors.clock_history import due_of
from lamppost.cases.selectors.public import visible
from lamppost.cases.selectors.replies import Replies, replies_to
from lamppost.cases.selectors.timeline import Entry, Happening, Words, timeline
from lamppost.cases.services.photos import photo_url
from lamppost.catalog.book import Book, book
from lamppost.catalog.choices import State, Visibility
from lamppost.kernel.ids import digest
from lamppost.kernel.text import in_language
from lamppost.sla.choices import TargetKind
from lamppost.sla.explain import steps
from lamppost.sla.promises import promises


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the public, somebody who follows, or who reported it."""

    is_reporter: bool = False
    is_follower: bool = False


PUBLIC = Reader()


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo as shown; ``url`` and ``small_url`` are paths."""

    url: str
    small_url: str
    width: int
    height: int
    alt: str
    by_staff: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class PublicCase:
    """One case as its page shows it; what this reader may not see is empty."""

    case: Case
    reader: Reader
    is_limited: bool
    service: str
    service_code: str
    department: str
    status: str
    outcome: str
    entries: list[Entry]
    photos: list[PhotoView]
    answers: list[tuple[str, str]]
    canonical_number: str
    duplicate_count: int
    due_steps: list[str]
    replies: Replies

    @property
    def words(self) -> str:
        """What was reported: as it was written to who wrote it, without personal data to others."""
        return self.case.description if self.reader.is_reporter else self.case.words_for_all

    @property
    def note(self) -> str:
        """The sentence on how it stands, as this reader reads it."""
        return self.case.status_note if self.reader.is_reporter else self.case.note_for_all

    @property
    def is_closed(self) -> bool:
        """Whether the case has ended."""
        return self.case.state == State.CLOSED


def case_for_public(number: str) -> Case | None:
    """Return the case with this number if it exists for the public at all."""
    return visible().filter(number=number).first()


def case_for_token(number: str, token: str) -> tuple[Case, Reader] | None:
    """Return the case and what the holder of ``token`` is to it, or None for a wrong one."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        return None
    wanted = digest(token)
    if case.tracking_digest and hmac.compare_digest(case.tracking_digest, wanted):
        return case, Reader(is_reporter=True)
    if Follower.objects.filter(case=case, token_digest=wanted).exists():
        # Following began while the case was public; what has been hidden since stays hidden.
        return (case, Reader(is_follower=True)) if case.visibility != Visibility.PRIVATE else None
    return None


def page_of(case: Case, reader: Reader = PUBLIC) -> PublicCase:
    """Return everything ``reader`` sees of ``case``, worded in the active language."""
    language = get_language() or "en"
    pages = book()
    limited = case.visibility != Visibility.PUBLIC and not reader.is_reporter
    # The address of a photo opens it for anybody: of cases not public none is given out.
    photos = _photos(case) if case.visibility == Visibility.PUBLIC else {}
    entry = pages.services_by_id[case.service_id]
    outcome = pages.outcomes.get(case.outcome_id or 0)
    return PublicCase(
        case=case,
        reader=reader,
        is_limited=limited,
        service=in_language(entry.name, language) or entry.code,
        service_code=entry.code,
        department=in_language(pages.departments[case.department_id].name, language),
        status=in_language(pages.statuses[case.status_id].name, language),
        outcome=in_language(outcome.name, language) if outcome else "",
        entries=timeline(
            _happenings(case, reader, photos), words_of(pages, language), with_text=not limited
        ),
        photos=list(photos.values()),
        answers=[] if limited else _answers(case, reader, language),
        canonical_number=_canonical_number(case),
        duplicate_count=case.follower_count if not limited else 0,
        due_steps=due_steps(case),
        replies=replies_to(case),
    )


def words_of(pages: Book, language: str) -> Words:
    """Return the city's names in ``language``."""
    reasons = promises().reason_names
    return Words(
        statuses={key: in_language(row.name, language) for key, row in pages.statuses.items()},
        services={
            key: in_language(row.name, language) for key, row in pages.services_by_id.items()
        },
        departments={
            key: in_language(row.name, language) for key, row in pages.departments.items()
        },
        outcomes={key: in_language(row.name, language) for key, row in pages.outcomes.items()},
        pause_reasons={key: in_language(name, language) for key, name in reasons.items()},
    )


def due_steps(case: Case) -> list[str]:
    """Return how the case's due date came about, step by step in words; empty without one."""
    clock = (
        Clock.objects.filter(case=case, kind=TargetKind.RESOLVE)
        .exclude(state__in=[ClockState.SUPERSEDED, ClockState.CANCELLED])
        .order_by("-id")
        .first()
    )
    due = due_of(clock) if clock else None
    return steps(due.explanation) if due else []


def _happenings(case: Case, reader: Reader, photos: Mapping[int, PhotoView]) -> list[Happening]:
    events = public_events(case, is_reporter=reader.is_reporter)
    shown = []
    for row in events.select_related("words").order_by("seq"):
        words: EventText | None = getattr(row, "words", None)
        # Photos of the report itself stand beside the description.
        photo = photos.get(row.data.get("attachment", 0))
        if photo and photo.at <= case.created_at:
            photo = None
        shown.append(
            Happening(
                kind=EventKind(row.kind),
                at=row.at,
                state=row.state,
                status_id=row.status_id,
                service_id=row.service_id,
                department_id=row.department_id,
                outcome_id=row.outcome_id,
                text=(words.text if reader.is_reporter else words.for_all) if words else "",
                is_redacted=bool(words and words.redacted_at),
                photo_url=photo.small_url if photo else "",
                photo_alt=photo.alt if photo else "",
                data=row.data,
            )
        )
    return shown


def _photos(case: Case) -> dict[int, PhotoView]:
    if not case.photo_count:
        return {}
    return {
        row.pk: PhotoView(
            photo_url(row),
            photo_url(row, small=True),
            row.width,
            row.height,
            row.alt,
            row.by_staff,
            row.created_at,
        )
        for row in Attachment.objects.filter(case=case, is_hidden=False)
    }


def _answers(case: Case, reader: Reader, language: str) -> list[tuple[str, str]]:
    rows = case.answers.select_related("question", "value").order_by("question__order", "id")
    shown: dict[str, list[str]] = {}
    for row in rows:
        if not (row.question.is_public or reader.is_reporter):
            continue
        question = in_language(row.question.text, language)
        answer = (
            in_language(row.value.name, language) or row.value.key
            if row.value
            else _said(row, reader)
        )
        shown.setdefault(question, []).append(answer)
    return [(question, ", ".join(answers)) for question, answers in shown.items()]


def _said(row: CaseAnswer, reader: Reader) -> str:
    return row.text if reader.is_reporter or row.public_text is None else row.public_text


def _canonical_number(case: Case) -> str:
    link = (
        CaseLink.objects.filter(kind=LinkKind.DUPLICATE_OF, from_case=case)
        .exclude(to_case__visibility=Visibility.PRIVATE)
        .values_list("to_case__number", flat=True)
        .first()
    )
    return link or ""
