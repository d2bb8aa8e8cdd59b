"""From the catalogue and the public selectors to the published shapes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.public import CaseRow, Cursor
from lamppost.cases.selectors.public_case import PublicCase
from lamppost.catalog.book import (
    DepartmentEntry,
    OutcomeEntry,
    ServiceEntry,
    StatusEntry,
    book,
)
from lamppost.catalog.choices import ServiceType, State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.api.schemas import (
    AnswerOut,
    CaseDetail,
    CaseOut,
    Choice,
    Condition,
    EntryOut,
    FormOut,
    Named,
    QuestionOut,
    ServiceOut,
)
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import in_language


class _Names(TypedDict):
    service: Named
    department: Named
    status: Named
    outcome: Named | None


_Entry = ServiceEntry | DepartmentEntry | StatusEntry | OutcomeEntry


def service_out(entry: ServiceEntry) -> ServiceOut:
    """Return one service in the active language."""
    hidden = entry.visibility is Visibility.PRIVATE
    return ServiceOut(
        code=entry.code,
        name=_name(entry.name) or entry.code,
        description=_name(entry.description),
        group=_name(entry.group_name),
        kind=entry.kind,
        type=ServiceType.BLACKBOX if hidden else entry.type,
        location=entry.location,
        photos=entry.photos,
        has_form=entry.has_form,
    )


def form_out(entry: ServiceEntry) -> FormOut:
    """Return the form of one service in the active language."""
    questions = entry.form(get_language() or "en")
    keys = {
        value.id: Condition(question=question.code, key=value.key)
        for question in questions
        for value in question.values
    }
    return FormOut(
        service_code=entry.code,
        questions=[
            QuestionOut(
                code=question.code,
                order=order,
                text=question.text,
                help=question.help,
                datatype=question.datatype,
                is_required=question.is_required,
                is_information=not question.is_variable,
                choices=[Choice(key=value.key, name=value.name) for value in question.values],
                only_if=[keys[value] for value in sorted(question.only_if) if value in keys],
            )
            for order, question in enumerate(questions, start=1)
        ],
    )


def case_out(row: CaseRow, base: str) -> CaseOut:
    """Return one case of a list; ``base`` is the address of the site."""
    return CaseOut(
        number=row.number,
        **_names(row.service_id, row.department_id, row.status_id, row.outcome_id),
        state=State(row.state),
        is_limited=row.is_limited,
        description=row.description,
        address=row.address,
        long=row.location.long if row.location else None,
        lat=row.location.lat if row.location else None,
        requested_at=row.requested_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
        is_paused=row.is_paused,
        followers=row.follower_count,
        photo_url=f"{base}/photos/{row.photo_token}.jpg" if row.photo_token else "",
    )


def detail_out(page: PublicCase, base: str) -> CaseDetail:
    """Return one case with its history; ``base`` is the address of the site."""
    case, shown = page.case, not page.is_limited
    place = case.location if shown else None
    photos = [f"{base}{photo.url}" for photo in page.photos]
    return CaseDetail(
        number=case.number,
        **_names(case.service_id, case.department_id, case.status_id, case.outcome_id),
        state=State(case.state),
        is_limited=page.is_limited,
        description=page.words if shown else "",
        address=case.address if shown else "",
        long=place.long if place else None,
        lat=place.lat if place else None,
        requested_at=case.requested_at,
        updated_at=case.updated_at,
        closed_at=case.closed_at,
        due_at=case.due_at,
        is_paused=case.is_paused,
        followers=page.duplicate_count,
        photo_url=photos[0] if photos else "",
        photos=photos,
        answers=[AnswerOut(question=asked, answer=said) for asked, said in page.answers],
        history=[
            EntryOut(
                at=entry.at,
                title=entry.title,
                text=entry.text,
                by=entry.by,
                state=entry.state,
                photo_url=f"{base}{entry.photo_url}" if entry.photo_url else "",
            )
            for entry in page.entries
        ],
        due_explanation=page.due_steps,
        duplicate_of=page.canonical_number or None,
    )


def spell(cursor: Cursor | None) -> str | None:
    """Return a place in the list as text nobody needs to understand."""
    if cursor is None:
        return None
    plain = f"{cursor.requested_at.isoformat()} {cursor.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """Return the place ``spell`` wrote. Raises ``Invalid`` for anything else."""
    if not text:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        moment, _space, row = (
            base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
        )
        at, number = datetime.fromisoformat(moment), int(row)
        if at.tzinfo is None or not 1900 <= at.year < 2200 or not 0 < number < 2**63:
            raise ValueError
    except (ValueError, binascii.Error):
        message = _("This is not a cursor we gave. Leave it out to begin.")
        raise Invalid(message, field="cursor") from None
    return Cursor(at, number)


def _names(service_id: int, department_id: int, status_id: int, outcome_id: int | None) -> _Names:
    pages = book()
    outcome = pages.outcomes.get(outcome_id or 0)
    return {
        "service": _named(pages.services_by_id[service_id]),
        "department": _named(pages.departments[department_id]),
        "status": _named(pages.statuses[status_id]),
        "outcome": _named(outcome) if outcome else None,
    }


def _named(entry: _Entry) -> Named:
    return Named(code=entry.code, name=_name(entry.name) or entry.code)


def _name(texts: Mapping[str, str]) -> str:
    return in_language(texts, get_language() or "en", city_in_scope().default_language)
