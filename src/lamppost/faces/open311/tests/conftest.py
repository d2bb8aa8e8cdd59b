"""A real server for strangers' clients, and short ways to call the face in process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from tests.support.fixtures import API_KEY
from tests.support.installation import Installation

from lamppost.cities.models import City
from lamppost.faces.open311.tests.seeding import add_services
from lamppost.people.models import ApiKey

BASE = "/open311/v2"
HERE = {"service_code": "LIGHT", "lat": "39.9526", "long": "-75.1636", "api_key": API_KEY}


@pytest.fixture(scope="session")
def server(make_installation: Callable[..., Installation]) -> Installation:
    """A running installation whose first city has services of every type."""
    return make_installation(
        "open311",
        two_cities=True,
        setup="from lamppost.faces.open311.tests.seeding import seed_for_strangers\n"
        "seed_for_strangers()",
    )


@pytest.fixture
def client() -> Client:
    """A client at the first city's own host name: there may be two cities."""
    return Client(headers={"host": "springfield.example"})


@pytest.fixture
def key(api_key: ApiKey) -> ApiKey:
    """The key of a program, which may also update, in a city with every kind of service."""
    ApiKey.objects.filter(pk=api_key.pk).update(may_update=True)
    add_services()
    return api_key


@pytest.fixture
def get(client: Client, city: City) -> Callable[..., Any]:
    """Read JSON below ``/open311/v2``: ``get("requests.json", status="open")``."""

    def read(path: str, *, expect: int = 200, **params: Any) -> Any:
        response = client.get(f"{BASE}/{path}", params)
        assert response.status_code == expect, response.content.decode()
        return response.json()

    return read


@pytest.fixture
def post(client: Client, key: ApiKey) -> Callable[..., Any]:
    """Post a form below ``/open311/v2``; a good request but for what the keywords change."""

    def send(path: str = "requests.json", *, headers: Any = None, **changes: Any) -> Any:
        fields = {name: value for name, value in (HERE | changes).items() if value is not None}
        return client.post(f"{BASE}/{path}", fields, headers=headers or {})

    return send


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    """The ids of a list, in its order."""
    return [row["service_request_id"] for row in rows]


def errors_of(response: Any, fmt: str) -> list[tuple[int, str]]:
    """Codes and descriptions of an error answer; fails when it has not the standard's form."""
    kind = response.headers["Content-Type"]
    assert kind == {"json": "application/json", "xml": "text/xml"}[fmt] + "; charset=utf-8"
    if fmt == "json":
        rows = response.json()
        assert rows
        return [(row["code"], row["description"]) for row in rows]
    root = ElementTree.fromstring(response.content)
    assert root.tag == "errors"
    assert [child.tag for child in root] == ["error"] * len(root)
    return [(int(row.findtext("code") or 0), row.findtext("description") or "") for row in root]
