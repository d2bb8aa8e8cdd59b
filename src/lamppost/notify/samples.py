"""A made-up case, to see what a notice looks like before anybody gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.segments import plain_for_sms, size_of
from lamppost.kernel.text import in_language
from lamppost.notify.naming import city_name, service_name
from lamppost.notify.words import NOTICES, Said, said

# As long as a real link is, for the count of parts.
_LINK = "https://311.city.example/c/1234567-0123456789abcdef0123/"


@dataclass(frozen=True, slots=True)
class Sample:
    """A notice in one language. ``sms_parts`` counts the link that is added."""

    language: str
    said: Said
    sms_parts: int


def sample(code: str, language: str) -> Sample:
    """Return the notice ``code`` about a made-up case in ``language``."""
    words = said(code, language, sample_values(language))
    parts = size_of(plain_for_sms(f"{words.sms} {_LINK}")).segments if NOTICES[code].sms else 0
    return Sample(language, words, parts)


def sample_values(language: str) -> dict[str, str]:
    """Return values for every name a notice may use, from the city's own catalogue."""
    city, pages = city_in_scope(), book()
    service = next(iter(pages.public_services()), None)
    outcome = next(iter(pages.outcomes.values()), None)
    status = pages.default_status(State.OPEN)
    department = pages.departments[service.department_id] if service else pages.catch_all()
    due = timezone.localtime(timezone.now() + timedelta(days=3), city.zone)
    with translation.override(language or city.default_language):
        moment = date_format(due, "DATETIME_FORMAT")
        return {
            "city": city_name(language),
            "number": str(city.first_number + 4711),
            "service": service_name(service.id, language) if service else "",
            "place": _("1 Main Street"),
            "department": in_language(department.name, language, city.default_language),
            "status": in_language(status.name, language, city.default_language),
            "outcome": in_language(outcome.name, language) if outcome else "",
            "note": _("The crew was here on Tuesday."),
            "reason": _("it waits for somebody else"),
            "promise": _("We expect it to be done by {moment}.").format(moment=moment),
            "due": moment,
            "question": _("When is the trash collected?"),
            "what": service_name(service.id, language) if service else "",
            "day": date_format(due, "DATE_FORMAT"),
            "items": "* …",
        }
