"""Inspectors and partners with a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lamppost.cities.models import City
from lamppost.people.choices import Role
from lamppost.people.models import User

SignedIn = Callable[..., Client]


@pytest.fixture
def visitor(city: City, _plain_static: None) -> Client:
    """Somebody who has not signed in; forged forms are noticed as in real life."""
    return Client(HTTP_HOST=f"{city.slug}.example", enforce_csrf_checks=True)


@pytest.fixture
def signed_in(city: City, person: Callable[..., User], _plain_static: None) -> SignedIn:
    """Sign somebody in: ``signed_in(Role.WORKER, "streets")`` gives their browser."""

    def make(role: Role, department: str | None = None, name: str = "") -> Client:
        client = Client(HTTP_HOST=f"{city.slug}.example")
        client.user = person(role, department, name)
        client.force_login(client.user)
        return client

    return make


@pytest.fixture
def _plain_static(settings: object) -> None:
    """Pages name their files without a digest: nothing need be collected for these tests."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
