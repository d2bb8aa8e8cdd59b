"""What is filled into the words of a notice about a case, in one language."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case, CaseEvent, EventText
from lamppost.catalog.book import book
from lamppost.catalog.choices import Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.notify.naming import city_name, service_name
from lamppost.sla.promises import promises

# A text of the staff in an SMS is cut: the page has all of it.
_LONGEST_NOTE = 2000


def values_of(case: Case, event: CaseEvent, language: str) -> dict[str, str]:
    """Return what every notice about ``case`` may name, as it stood after ``event``.

    The reporter's own words are never among them. Of a case that is not public the place is
    left out: a mailbox is read by more than one.
    """
    city, pages = city_in_scope(), book()
    fallback = city.default_language
    department = pages.departments.get(event.department_id)
    status = pages.statuses.get(event.status_id)
    outcome = pages.outcomes.get(event.outcome_id or 0)
    with translation.override(language or fallback):
        return {
            "city": city_name(language),
            "number": case.number,
            "service": service_name(case.service_id, language),
            "place": case.address if case.visibility == Visibility.PUBLIC else "",
            "department": in_language(department.name, language, fallback) if department else "",
            "status": in_language(status.name, language, fallback) if status else "",
            "outcome": in_language(outcome.name, language, fallback) if outcome else "",
            "note": _note(event),
            "reason": _reason(event, language),
            "promise": _promise(case),
            "due": _moment(case.due_at),
        }


def _note(event: CaseEvent) -> str:
    if not event.text_digest or event.audience != EventAudience.PUBLIC:
        return ""
    words: EventText | None = getattr(event, "words", None)
    return words.for_all[:_LONGEST_NOTE] if words and words.redacted_at is None else ""


def _reason(event: CaseEvent, language: str) -> str:
    name = promises().reason_names.get(event.data.get("pause") or 0)
    if name:
        return in_language(name, language, city_in_scope().default_language)
    return _("it waits for somebody else")


def _promise(case: Case) -> str:
    if case.due_at is None:
        return ""
    return _("We expect it to be done by {moment}.").format(moment=_moment(case.due_at))


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return date_format(timezone.localtime(moment, city_in_scope().zone), "DATETIME_FORMAT")
