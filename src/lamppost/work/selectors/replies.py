"""Reply templates offered for a case, and their words with the placeholders filled in."""

from __future__ import annotations

from django.utils import timezone, translation
from django.utils.formats import date_format

from lamppost.cases.models import Case
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.work.playbook import MacroEntry, ReplyEntry, playbook
from lamppost.work.wording import fill


def replies_for(case: Case) -> list[ReplyEntry]:
    """Return the replies for the case's service and owner, in the city's order; no query.

    One that names the due date is left out for a case without one.
    """
    return [
        entry
        for entry in playbook().replies.values()
        if entry.fits(service_id=case.service_id, department_id=case.department_id)
        and (case.due_at is not None or "{due}" not in text_in(entry, case))
    ]


def macros_for(case: Case) -> list[MacroEntry]:
    """Return the macros for the case's service and owner, in the city's order; no query."""
    return [
        entry
        for entry in playbook().macros.values()
        if entry.fits(service_id=case.service_id, department_id=case.department_id)
    ]


def text_in(entry: ReplyEntry, case: Case) -> str:
    """Return the reply's own words in the reporter's language, else in the city's."""
    return in_language(entry.text, case.language, city_in_scope().default_language)


def words_for(entry: ReplyEntry, case: Case) -> str:
    """Return the reply for ``case``: in the reporter's language, placeholders filled in.

    The due date is the local day in the city's zone, written as that language writes it.
    """
    city = city_in_scope()
    language = case.language or city.default_language
    names = book()
    due = ""
    if case.due_at is not None:
        with translation.override(language):
            due = date_format(timezone.localtime(case.due_at, city.zone), "DATE_FORMAT")
    service = names.services_by_id[case.service_id]
    department = names.departments[case.department_id]
    values = {
        "number": case.number,
        "service": in_language(service.name, language, city.default_language),
        "department": in_language(department.name, language, city.default_language),
        "due": due,
    }
    return fill(text_in(entry, case), values)
