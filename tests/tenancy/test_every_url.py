"""Every address, asked in one city with the ids and numbers of another."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lamppost.cases.models import Attachment, Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.models import User
from tests.support.seeding import seed_two_cities

SECRET = "only in Shelbyville"


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


ROUTES = sorted(set(_patterns(get_resolver())))


@pytest.fixture
def foreign_case(db: None) -> Case:
    """A case only Shelbyville has, with a number Springfield has not."""
    seed_two_cities()
    there = City.objects.get(slug="shelbyville")
    with city_scope(there.pk):
        case = Case.objects.order_by("-id")[0]
        Case.objects.filter(pk=case.pk).update(
            number="98765432", description=SECRET, status_note=SECRET, address=SECRET
        )
        case.refresh_from_db()
        return case


def _filled(route: str, case: Case) -> str:
    """The route with the other city's number, id or code in every placeholder."""
    import re

    def value(match: re.Match[str]) -> str:
        text = match[0]
        return str(case.pk) if "int:" in text else case.number

    plain = route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\.", ".")
    plain = re.sub(r"\(\?P<[^>]+>[^)]*\)", value, plain)
    plain = re.sub(r"<[^>]+>", value, plain)
    return "/" + re.sub(r"[()?\\]", "", plain)


@pytest.mark.parametrize("who", ["anonymous", "admin@staff.example"])
def test_no_address_shows_anything_of_another_city(foreign_case: Case, who: str) -> None:
    client = Client(headers={"host": "springfield.example"}, raise_request_exception=False)
    if who != "anonymous":
        client.force_login(User.objects.get(email=who))
    assert len(ROUTES) > 30
    leaks, errors = [], []
    for route in ROUTES:
        address = _filled(route, foreign_case)
        for query in ("", f"?q={foreign_case.number}", "?q=Shelbyville"):
            response = client.get(address + query)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            if SECRET.encode() in body:
                leaks.append(address + query)
            if response.status_code >= 500 and response.status_code != 503:
                errors.append(f"{response.status_code} {address}{query}")
    assert leaks == []
    assert errors == []


def test_the_other_city_s_own_people_are_strangers_here(foreign_case: Case) -> None:
    client = Client(headers={"host": "shelbyville.example"})
    client.force_login(User.objects.get(email="admin@staff.example"))
    response = client.get("/desk/")
    assert response.status_code in {302, 403}
    assert foreign_case.number not in response.content.decode()


def test_a_photo_of_another_city_is_not_served(foreign_case: Case) -> None:
    from django.utils import timezone

    with city_scope(foreign_case.city_id):
        Attachment.objects.create(
            case=foreign_case, token="foreign", path="x.jpg", sha256="0" * 64, width=1, height=1,
            size=1, created_at=timezone.now(),
        )  # fmt: skip
    client = Client(headers={"host": "springfield.example"})
    assert client.get("/photos/foreign.jpg").status_code == 404


def test_an_unknown_host_is_told_plainly(foreign_case: Case) -> None:
    response = Client(headers={"host": "nowhere.example"}).get("/")
    assert response.status_code == 404
    assert b"No city is served" in response.content


def test_a_program_at_an_unknown_host_is_told_in_its_own_form(foreign_case: Case) -> None:
    client = Client(headers={"host": "nowhere.example"})
    listed = client.get("/open311/v2/requests.json")
    assert (listed.status_code, listed.json()[0]["code"]) == (404, 404)
    assert listed.json()[0]["description"].startswith("No city is served at this host name. Op")
    marked = client.get("/open311/v2/requests.xml")
    assert (marked.status_code, marked["Content-Type"]) == (404, "text/xml; charset=utf-8")
    assert ElementTree.fromstring(marked.content).findtext("error/code") == "404"
    told = client.get("/api/v1/services")
    assert (told.status_code, told["Content-Type"]) == (404, "application/problem+json")
    assert told.json()["status"] == 404
