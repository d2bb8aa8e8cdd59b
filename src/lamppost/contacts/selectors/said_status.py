"""How a case stands, in words short enough for an SMS and fit to be read out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
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
    zone = timezone.get_current_timezone()
    if case.state == State.CLOSED:
        outcome = pages.outcomes.get(case.outcome_id or 0)
        if outcome is not None:
            sentences.append(in_language(outcome.name, language) + ".")
        if case.closed_at is not None:
            day = date_format(case.closed_at.astimezone(zone), "DATE_FORMAT")
            sentences.append(_("Closed on %(day)s.") % {"day": day})
    elif case.due_at is not None and not case.is_paused:
        day = date_format(case.due_at.astimezone(zone), "DATE_FORMAT")
        if case.due_at < timezone.now():
            sentences.append(_("It was promised for %(day)s and is late.") % {"day": day})
        else:
            sentences.append(_("It is promised by %(day)s.") % {"day": day})
    is_own = bool(phone) and case.contact is not None and case.contact.phone == phone
    if case.status_note and (case.visibility == Visibility.PUBLIC or is_own):
        note = case.status_note if is_own else case.note_for_all
        sentences.append(clean_line(note)[:_LONGEST_NOTE])
    return SaidStatus(case.pk, case.number, tuple(sentences))


def spelled(number: str) -> str:
    """Return a number as it is read out, sign by sign: ``2 0 0, 1 2 3, 4``."""
    groups = [number[at : at + 3] for at in range(0, len(number), 3)]
    return ", ".join(" ".join(group) for group in groups)
