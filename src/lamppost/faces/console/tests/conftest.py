"""Agents at the console, with a browser that is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lamppost.cities.models import City
from lamppost.contacts.tests.scene import make_dispositions
from lamppost.people.choices import Role
from lamppost.people.models import User

Console = Callable[..., Client]


@pytest.fixture
def signed_in(city: City, person: Callable[..., User], settings: object) -> Console:
    """Sign somebody in: ``signed_in(Role.AGENT, "center")`` gives their browser."""
    # Pages name their files without a digest: nothing need be collected for these tests.
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }

    def make(role: Role, department: str | None = None, name: str = "") -> Client:
        client = Client(HTTP_HOST=f"{city.slug}.example")
        user = person(role, department, name)
        client.force_login(user)
        client.user = user
        return client

    return make


@pytest.fixture
def agent_client(signed_in: Console) -> Client:
    """A call-taker, in a center that codes its contacts."""
    make_dispositions()
    return signed_in(Role.AGENT, "center", "Ada")
