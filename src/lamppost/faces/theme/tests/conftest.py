"""The theme is tested without a database and without collected static files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from lamppost.faces.theme import drawn


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> Iterator[None]:
    """Addresses of static files as they are named, not as they are hashed."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    drawn.forget_drawn()
    yield
    drawn.forget_drawn()
