"""One search over everything an agent may need: services, answers, offices, cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import readable
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import CaseKind
from lamppost.catalog.service_search import Findable, search_services
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Interaction
from lamppost.database.plane import in_box
from lamppost.faces.console.frame import localized
from lamppost.kernel.geo import box_around, distance_m
from lamppost.kernel.text import clean_line
from lamppost.knowledge.selectors.directory import Entry, find
from lamppost.knowledge.selectors.search import Hit, search
from lamppost.people.actors import Actor
from lamppost.places.geocoding.lookup import place_from_text

MAX_QUERY = 120
_SERVICES, _ANSWERS, _OFFICES, _CASES = 6, 5, 4, 5
_NEAR_M = 150.0
_NEAR_ROWS = 100


@dataclass(frozen=True)
class Found:
    """What a search brought, ready to draw; ``place`` is the address it was understood as."""

    query: str = ""
    services: list[dict[str, str]] = field(default_factory=list)
    answers: list[Hit] = field(default_factory=list)
    offices: list[Entry] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    place: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.services or self.answers or self.offices or self.cases)


def look(query: str, *, call: Interaction | None, actor: Actor, language: str) -> Found:
    """Return what fits ``query``; nothing for an empty one.

    ``language`` is the agent's; words in the caller's language count too. Cases: one by its
    number, else those around an address, else the caller's own whose service fits.
    """
    query = clean_line(query)[:MAX_QUERY]
    if not query:
        return Found()
    services = find_services(query, language, call.language if call else "")
    answers = search(query, language=language, staff=True, limit=_ANSWERS)
    if not answers and call is not None and call.language and call.language != language:
        answers = search(query, language=call.language, staff=True, limit=_ANSWERS)
    cases = _by_number(query, actor)
    place = ""
    if not cases and any(char.isdigit() for char in query):
        cases, place = _around(query, actor)
    if not cases and call is not None and call.contact_id is not None:
        cases = _own(call.contact_id, services, actor)
    return Found(
        query=query,
        services=[_service(one) for one in services[:_SERVICES]],
        answers=answers,
        offices=find(query, language=language, limit=_OFFICES),
        cases=cases,
        place=place,
    )


def find_services(query: str, *languages: str) -> list[ServiceEntry]:
    """Return the services staff may file that fit, best first; words of each language count."""
    entries = [
        one
        for one in book().services.values()
        if one.is_active and one.kind is not CaseKind.INQUIRY
    ]
    findable = [Findable(one.code, one.name, one.description, one.keywords) for one in entries]
    codes: dict[str, None] = {}
    for language in dict.fromkeys(filter(None, languages)):
        codes |= dict.fromkeys(search_services(query, findable, language))
    return [book().services[code] for code in codes]


def _service(entry: ServiceEntry) -> dict[str, str]:
    return {
        "code": entry.code,
        "name": localized(entry.name) or entry.code,
        "about": localized(entry.description),
        "department": localized(book().departments[entry.department_id].name),
    }


def case_row(case: Case, **more: Any) -> dict[str, Any]:
    """Return a case as a line of results."""
    pages = book()
    return {
        "number": case.number,
        "service": localized(pages.services_by_id[case.service_id].name),
        "status": localized(pages.statuses[case.status_id].name),
        "state": case.state,
        "address": case.address,
        "at": case.requested_at,
        **more,
    }


def _by_number(query: str, actor: Actor) -> list[dict[str, Any]]:
    rows = readable(Case.objects.all(), actor).filter(number__in={query, query.upper()})
    return [case_row(case) for case in rows[:_CASES]]


def _around(query: str, actor: Actor) -> tuple[list[dict[str, Any]], str]:
    point = place_from_text(city_in_scope(), query)
    if point is None:
        return [], ""
    rows = readable(Case.objects.all(), actor).filter(
        in_box("location", box_around(point, _NEAR_M))
    )
    near = [
        (distance_m(point, case.location), case)
        for case in rows.order_by("-requested_at")[:_NEAR_ROWS]
        if case.location is not None
    ]
    near = sorted(
        (pair for pair in near if pair[0] <= _NEAR_M),
        key=lambda pair: (pair[1].closed_at is not None, pair[0]),
    )
    return [case_row(case, distance=round(far)) for far, case in near[:_CASES]], query


def _own(contact_id: int, services: list[ServiceEntry], actor: Actor) -> list[dict[str, Any]]:
    rows = readable(Case.objects.all(), actor).filter(
        contact_id=contact_id, service_id__in=[one.id for one in services]
    )
    return [case_row(case) for case in rows.order_by("-requested_at")[:_CASES]]
