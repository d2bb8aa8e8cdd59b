"""Checking a report against its service before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.reports import Report, Reporter
from lamppost.cases.services.photos import MAX_PHOTOS_PER_REPORT
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import LocationRule
from lamppost.catalog.forms import Answer, check_answers
from lamppost.cities.selectors import city_in_scope
from lamppost.database.fields import Point
from lamppost.kernel.geo import check_place, is_place
from lamppost.kernel.phone import as_kept
from lamppost.kernel.refusals import Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line, clean_text
from lamppost.people.actors import Actor
from lamppost.places.geocoding.lookup import place_from_text, reverse
from lamppost.places.locate import Located, where_is

# Open311 GeoReport v2: "up to 4000 characters", refused beyond it, never cut in silence.
MAX_DESCRIPTION = 4000
_MAX = {
    "address": 300,
    "address_id": 100,
    "unit": 60,
    "zipcode": 20,
    "first_name": 200,
    "email": 254,
    "phone": 40,
    "device_id": 200,
    "account_id": 200,
}
_LINK = re.compile(r"https?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checked:
    """A report whose every field has been cleaned and found good."""

    report: Report
    service: ServiceEntry
    answers: tuple[Answer, ...]
    areas: tuple[Located, ...]

    @property
    def area_ids(self) -> frozenset[int]:
        """Ids of the areas the place lies in; a neighbor across a near boundary is not one."""
        return frozenset(located.area_id for located in self.areas if located.is_inside)

    @property
    def chosen(self) -> frozenset[int]:
        """Ids of all values chosen in list questions."""
        return frozenset(value.id for answer in self.answers for value in answer.values)


def check(report: Report, *, actor: Actor) -> Checked:
    """Return ``report`` cleaned, with answers and areas found.

    Raises ``NotFound`` for a service this actor cannot ask for, ``Invalid`` with a problem
    per wrong field otherwise.
    """
    service = service_for(report.service_code, actor=actor)
    clean = _placed(_cleaned(report), service)
    problems = [*_text_problems(clean), *_reporter_problems(clean.reporter)]
    areas, astray = _areas_of(clean, service)
    problems += astray
    answers, wrong = check_answers(service.form(get_language() or "en"), clean.answers)
    problems += wrong
    if problems:
        raise Invalid(problems)
    return Checked(clean, service, tuple(answers), areas)


def service_for(code: str, *, actor: Actor) -> ServiceEntry:
    """Return the service with this code if the actor may ask for it.

    Raises ``Invalid`` without a code, ``NotFound`` for an unknown or retired one, or one
    only staff may file.
    """
    if not code.strip():
        raise Invalid(_("Say which service you need."), field="service_code")
    service = book().services.get(code.strip())
    if service is None or not service.is_active or not (service.is_public or actor.is_staff):
        raise NotFound(_("This service does not exist here."), field="service_code")
    return service


def _cleaned(report: Report) -> Report:
    reporter = report.reporter
    return replace(
        report,
        description=clean_text(report.description),
        address=clean_line(report.address),
        address_id=clean_line(report.address_id),
        unit=clean_line(report.unit),
        zipcode=clean_line(report.zipcode),
        media_url=clean_line(report.media_url),
        reporter=replace(
            reporter,
            name=clean_line(reporter.name),
            email=clean_line(reporter.email),
            phone=as_kept(clean_line(reporter.phone), city_in_scope().country),
            device_id=clean_line(reporter.device_id),
            account_id=clean_line(reporter.account_id),
        ),
    )


def _placed(report: Report, service: ServiceEntry) -> Report:
    """The place completed: a point for an address that is surely one, an address for a point.

    What the reporter said is never changed. A service without a place keeps none.
    """
    if service.location is LocationRule.NONE:
        return replace(report, point=None, address="", address_id="", unit="", zipcode="")
    city = city_in_scope()
    if report.point is None:
        return replace(
            report, point=place_from_text(city, report.address) if report.address else None
        )
    if report.address or not is_place(report.point):
        return report
    match = reverse(city, report.point)
    if match is None:
        return report
    return replace(report, address=match.label[: _MAX["address"]])


def _text_problems(report: Report) -> list[Problem]:
    problems = []
    if len(report.description) > MAX_DESCRIPTION:
        problems.append(_too_long("description", MAX_DESCRIPTION))
    for field in ("address", "address_id", "unit", "zipcode"):
        if len(getattr(report, field)) > _MAX[field]:
            problems.append(_too_long(field, _MAX[field]))
    if report.media_url and not _is_link(report.media_url):
        problems.append(
            Problem("media_url", _("A photo link must be a web address (http or https)."))
        )
    if len(report.photos) > MAX_PHOTOS_PER_REPORT:
        message = _("Send at most %(count)d photos.") % {"count": MAX_PHOTOS_PER_REPORT}
        problems.append(Problem("photos", message))
    return problems


def _reporter_problems(reporter: Reporter) -> list[Problem]:
    problems = []
    sent = {
        "first_name": reporter.name,
        "email": reporter.email,
        "phone": reporter.phone,
        "device_id": reporter.device_id,
        "account_id": reporter.account_id,
    }
    for field, value in sent.items():
        if len(value) > _MAX[field]:
            problems.append(_too_long(field, _MAX[field]))
    if reporter.email and len(reporter.email) <= _MAX["email"]:
        try:
            validate_email(reporter.email)
        except ValidationError:
            problems.append(
                Problem(
                    "email", _("Write an e-mail address like name@example.org, or leave it out.")
                )
            )
    if reporter.phone and sum(char.isdigit() for char in reporter.phone) < 3:
        problems.append(Problem("phone", _("Write a phone number, or leave it out.")))
    return problems


def _areas_of(
    report: Report, service: ServiceEntry
) -> tuple[tuple[Located, ...], Sequence[Problem]]:
    """The areas the report's place lies in, and what is wrong with the place."""
    if service.location is LocationRule.NONE:
        return (), ()
    if report.point is not None:
        return _areas_at(report.point)
    named = report.address or report.address_id
    if service.location is LocationRule.REQUIRED and not named:
        message = _("Say where it is: a point on the map or an address.")
        return (), [Problem("location", message, "required")]
    return (), ()


def _areas_at(point: Point) -> tuple[tuple[Located, ...], Sequence[Problem]]:
    try:
        check_place(point.long, point.lat)
    except Invalid as refusal:
        return (), refusal.problems
    found = where_is(city_in_scope(), point)
    if found.is_outside:
        return (), [Problem("location", _("This place is outside the city."), "outside")]
    return found.areas, ()


def _too_long(field: str, limit: int) -> Problem:
    return Problem(field, _("Use at most %(limit)d characters.") % {"limit": limit}, "too_long")


def _is_link(text: str) -> bool:
    if len(text) > 2000:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(_LINK.fullmatch(parts.scheme) and parts.netloc and " " not in text)
