"""People at the desk, with a browser that is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lamppost.cities.models import City
from lamppost.people.choices import Role
from lamppost.people.models import User

Desk = Callable[..., Client]


@pytest.fixture
def visitor(city: City, _plain_static: None) -> Client:
    """Somebody who has not signed in."""
    return Client(HTTP_HOST=f"{city.slug}.example")


@pytest.fixture
def signed_in(city: City, person: Callable[..., User], _plain_static: None) -> Desk:
    """Sign somebody in: ``signed_in(Role.WORKER, "streets")`` gives their browser."""

    def make(role: Role, department: str | None = None, name: str = "") -> Client:
        client = Client(HTTP_HOST=f"{city.slug}.example")
        user = person(role, department, name)
        client.force_login(user)
        client.user = user
        return client

    return make


@pytest.fixture
def worker_client(signed_in: Desk) -> Client:
    """A worker of the streets department."""
    return signed_in(Role.WORKER, "streets", "Wanda")


@pytest.fixture
def _plain_static(settings: object) -> None:
    """Pages name their files without a digest: nothing need be collected for these tests."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
