"""How a case stands, in words: short for an SMS and the voice line, whole for an agent to read out.

Which of it may be said to whom, and when a promise counts as late, is the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.public import visible
from lamppost.catalog.book import book
from lamppost.catalog.choices import State, Visibility
from lamppost.kernel.text import clean_line, in_language

MOST_OWN = 3
_OWN_FOR = timedelta(days=365)
_LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class SaidStatus:
    """How one case stands. ``sentences`` are in the active language; nothing private in them."""

    case_id: int
    number: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(self.sentences)


def status_of(number: str, *, phone: str = "") -> SaidStatus | None:
    """Return how the case with this number stands, or None when there is none to speak of.

    Public and limited cases are told to everybody, a private one only to the number it was
    reported from (``phone``, E.164). Of what is not public, no words are told.
    """
    number = clean_line(number)
    case = visible().filter(number=number).first()
    if case is None and phone:
        case = Case.objects.filter(number=number, contact__phone=phone).first()
    return said(case, phone=phone) if case else None


def own_cases(phone: str) -> list[Case]:
    """Return the last cases reported from this number within a year, newest first."""
    if not phone:
        return []
    rows = Case.objects.filter(
        contact__phone=phone, requested_at__gte=timezone.now() - _OWN_FOR
    ).select_related("contact")
    return list(rows.order_by("-requested_at", "-id")[:MOST_OWN])


def said(case: Case, *, phone: str = "") -> SaidStatus:
    """Return how ``case`` stands in sentences; see ``status_of`` for what is told to whom."""
    language = get_language() or "en"
    pages = book()
    service = in_language(pages.services_by_id[case.service_id].name, language)
    status = in_language(pages.statuses[case.status_id].name, language)
    sentences = [
        _("%(service)s, number %(number)s: %(status)s.")
        % {"service": service, "number": case.number, "status": status}
    ]
    if case.state == State.CLOSED:
        outcome = pages.outcomes.get(case.outcome_id or 0)
        if outcome is not None:
            sentences.append(in_language(outcome.name, language) + ".")
        if case.closed_at is not None:
            sentences.append(_("Closed on %(day)s.") % {"day": _day(case.closed_at)})
    elif case.due_at is not None and _is_promised(case):
        day = {"day": _day(case.due_at)}
        if case.due_at < timezone.now():
            sentences.append(_("It was promised for %(day)s and is late.") % day)
        else:
            sentences.append(_("It is promised by %(day)s.") % day)
    is_own = bool(phone) and case.contact is not None and case.contact.phone == phone
    if case.status_note and (case.visibility == Visibility.PUBLIC or is_own):
        note = case.status_note if is_own else case.note_for_all
        sentences.append(clean_line(note)[:_LONGEST_NOTE])
    return SaidStatus(case.pk, case.number, tuple(sentences))


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
            _("Your request has the number %(number)s.") % {"number": in_groups(case.number)},
            _("%(department)s takes care of it.") % {"department": department},
        ]
        if case.due_at:
            words.append(_("We promise an end to it by %(day)s.") % {"day": _day(case.due_at)})
        return words


def in_groups(number: str) -> str:
    """Return a number in groups of three, the way a person reads it out: 260 001 234."""
    if not number.isdigit() or len(number) < 5:
        return number
    head = len(number) % 3
    groups = [number[:head]] if head else []
    groups += [number[at : at + 3] for at in range(head, len(number), 3)]
    return " ".join(groups)


def sign_by_sign(number: str) -> str:
    """Return a number as a machine is made to read it out: ``2 0 0, 1 2 3, 4``."""
    groups = [number[at : at + 3] for at in range(0, len(number), 3)]
    return ", ".join(" ".join(group) for group in groups)


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
    if case.due_at is None or not _is_promised(case):
        return ""
    if now > case.due_at:
        return _("It was promised by %(day)s, so it is late. We are sorry.") % {
            "day": _day(case.due_at)
        }
    return _("It is promised by %(day)s.") % {"day": _day(case.due_at)}


def _is_promised(case: Case) -> bool:
    """Whether a day is promised now: a paused case is not late, and what is promised may move."""
    return case.due_at is not None and case.state != State.CLOSED and not case.is_paused


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
