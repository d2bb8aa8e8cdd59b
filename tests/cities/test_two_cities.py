"""Two cities on one installation: each at its own host name, neither in the other's pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City, CityHost
from lamppost.cities.selectors import forget_cities
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.people.actors import ANONYMOUS

VILLAGE_HOST, COMMUNE_HOST = "riverbend.example", "puertoarrayan.example"


def file(city: City, service: str, words: str, **answers: str) -> str:
    assert city.center is not None
    with city_scope(city.pk):
        return submit(
            Report(
                service_code=service,
                channel=Channel.WEB,
                description=words,
                answers={key: (value,) for key, value in answers.items()},
                point=Point(*city.center),
            ),
            actor=ANONYMOUS,
        ).number


@pytest.fixture
def cities(db: None, apply: Callable[[str], Any]) -> tuple[City, City]:
    village, commune = apply("riverbend")[1], apply("puerto-arrayan")[1]
    CityHost.objects.create(city=village, host=VILLAGE_HOST)
    forget_cities()
    return village, commune


@pytest.mark.usefixtures("cities")
def test_a_host_name_nobody_claims_is_no_city() -> None:
    assert Client(HTTP_HOST="elsewhere.example").get("/").status_code == 404


@pytest.mark.usefixtures("cities")
def test_each_host_name_is_its_city_in_its_language() -> None:
    village = Client(HTTP_HOST=VILLAGE_HOST).get("/")
    commune = Client(HTTP_HOST=COMMUNE_HOST).get("/")
    assert "Village of Riverbend" in village.content.decode()
    assert village.headers["Content-Language"] == "en"
    assert "Puerto Arrayán" in commune.content.decode()
    assert commune.headers["Content-Language"] == "es"
    assert "Riverbend" not in commune.content.decode()
    assert "Arrayán" not in village.content.decode()


def test_neither_shows_the_others_requests(cities: tuple[City, City]) -> None:
    village, commune = cities
    here = file(village, "snow", "Only in the village")
    there = file(commune, "vereda", "Solo en la comuna", paso="si")
    at_home = Client(HTTP_HOST=VILLAGE_HOST)
    assert at_home.get(f"/requests/{here}/").status_code == 200
    assert at_home.get(f"/requests/{there}/").status_code == 404
    assert "Solo en la comuna" not in at_home.get("/requests/").content.decode()
    away = Client(HTTP_HOST=COMMUNE_HOST)
    assert away.get(f"/requests/{there}/").status_code == 200
    assert away.get(f"/requests/{here}/").status_code == 404


def test_open311_tells_them_apart_by_jurisdiction(cities: tuple[City, City]) -> None:
    web = Client(HTTP_HOST=VILLAGE_HOST)
    codes = {
        jurisdiction: {
            service["service_code"]
            for service in web.get(
                "/open311/v2/services.json", {"jurisdiction_id": jurisdiction}
            ).json()
        }
        for jurisdiction in ("riverbend.example", "puertoarrayan.example")
    }
    assert "snow" in codes["riverbend.example"]
    assert "bache" in codes["puertoarrayan.example"]
    assert not codes["riverbend.example"] & codes["puertoarrayan.example"]


SANTIAGO = ZoneInfo("America/Santiago")
DUE = [
    # Five working days of crews that also work on Saturdays.
    ("over the national holidays of 2026", "2026-09-16T10:00", "2026-09-24T16:00"),
    ("over the Friday that is a holiday in 2027", "2027-09-15T10:00", "2027-09-23T16:00"),
    ("over the end of summer time", "2026-04-01T10:00", "2026-04-09T16:00"),
    ("over the beginning of summer time", "2026-09-03T22:30", "2026-09-09T16:00"),
    ("filed late at night, when it is tomorrow in UTC", "2026-07-06T23:30", "2026-07-11T13:00"),
]


@pytest.mark.parametrize(("filed", "due"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
@pytest.mark.django_db
def test_a_promise_is_kept_by_the_commune_s_own_calendar(
    filed: str, due: str, apply: Callable[[str], Any]
) -> None:
    _pack, city = apply("puerto-arrayan")
    assert city.center is not None
    with city_scope(city.pk):
        number = submit(
            Report(
                service_code="luminaria",
                channel=Channel.PHONE,
                answers={"falla": ("apagada",)},
                point=Point(*city.center),
                requested_at=datetime.fromisoformat(filed).replace(tzinfo=SANTIAGO),
            ),
            actor=ANONYMOUS,
        ).number
        case = Case.objects.get(number=number)
    assert case.due_at == datetime.fromisoformat(due).replace(tzinfo=SANTIAGO)
