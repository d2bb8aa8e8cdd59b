"""How a case stands, in sentences an agent can read out in any language of the city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from lamppost.cases.models import Case
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind, State, Visibility
from lamppost.kernel.text import in_language


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences in one language, with its BCP 47 tag."""

    language: str
    sentences: list[str]


def status_words(case: Case, language: str, *, now: datetime | None = None) -> list[str]:
    """Return what to say of ``case`` to somebody who asks, one thought a sentence.

    Of a case that is not public only what everybody with its number may know.
    """
    pages = book()
    with override(language):
        service = in_language(pages.services_by_id[case.service_id].name, language)
        words = [_opening(case, service)]
        words.append(_standing(case, language))
        if case.status_note and case.visibility == Visibility.PUBLIC:
            words.append(case.note_for_all)
        promised = _promised(case, now or timezone.now())
        return [*words, promised] if promised else words


def filed_words(case: Case, language: str) -> list[str]:
    """Return what to say when a case has just been filed: its number and what was promised."""
    pages = book()
    with override(language):
        department = in_language(pages.departments[case.department_id].name, language)
        words = [
            _("Your request has the number %(number)s.") % {"number": spelled(case.number)},
            _("%(department)s takes care of it.") % {"department": department},
        ]
        if case.due_at:
            words.append(_("We promise an end to it by %(day)s.") % {"day": _day(case.due_at)})
        return words


def spelled(number: str) -> str:
    """Return a number in groups of three, the way it is read out: 260 001 234."""
    if not number.isdigit() or len(number) < 5:
        return number
    head = len(number) % 3
    groups = [number[:head]] if head else []
    groups += [number[at : at + 3] for at in range(head, len(number), 3)]
    return " ".join(groups)


def _opening(case: Case, service: str) -> str:
    facts = {"service": service, "place": case.address, "day": _day(case.requested_at)}
    if case.address and case.visibility == Visibility.PUBLIC:
        return _("%(service)s at %(place)s, reported on %(day)s.") % facts
    return _("%(service)s, reported on %(day)s.") % facts


def _standing(case: Case, language: str) -> str:
    pages = book()
    status = in_language(pages.statuses[case.status_id].name, language)
    department = in_language(pages.departments[case.department_id].name, language)
    if case.state == State.CLOSED:
        outcome = pages.outcomes.get(case.outcome_id or 0)
        how = in_language(outcome.name, language) if outcome else status
        return _("It was closed on %(day)s: %(how)s.") % {
            "day": _day(case.closed_at or case.updated_at),
            "how": how,
        }
    if case.state == State.WAITING:
        return _("It is with %(department)s and waits: %(status)s.") % {
            "department": department,
            "status": status,
        }
    if case.state == State.RECEIVED:
        return _("It is with %(department)s, who have not started yet.") % {
            "department": department
        }
    return _("%(department)s is working on it: %(status)s.") % {
        "department": department,
        "status": status,
    }


def _promised(case: Case, now: datetime) -> str:
    if case.due_at is None or case.state == State.CLOSED or case.kind == CaseKind.INQUIRY:
        return ""
    if now > case.due_at:
        return _("It was promised by %(day)s, so it is late. We are sorry.") % {
            "day": _day(case.due_at)
        }
    return _("It is promised by %(day)s.") % {"day": _day(case.due_at)}


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
