"""What every command needs of the installation it runs in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from lamppost.cities.models import City
from lamppost.database.embedded import running
from lamppost.kernel.refusals import Invalid, NotFound


@contextmanager
def database() -> Iterator[None]:
    """Have a database until the block ends: yours by DATABASE_URL, else the embedded one.

    The embedded server is stopped again only if nobody else uses it.
    """
    if os.environ.get("DATABASE_URL", "").strip():
        yield
        return
    with running(settings.HOME):
        try:
            yield
        finally:
            close_connections()


def close_connections() -> None:
    """End every connection of this process, those kept in pools too."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            close_pool()


def chosen_city(slug: str) -> City:
    """Return the city named by ``--city``, or the only one there is.

    Raises ``NotFound`` for an unknown name, ``Invalid`` when there are several and none was
    named.
    """
    cities = list(City.objects.filter(is_sandbox=False).order_by("slug"))
    if slug:
        for city in City.objects.filter(slug=slug):
            return city
        known = ", ".join(city.slug for city in cities) or "none yet"
        raise NotFound(f"there is no city {slug!r}; cities here: {known}")
    if len(cities) != 1:
        known = ", ".join(city.slug for city in cities)
        raise Invalid(
            f"say which city with --city ({known})"
            if cities
            else "there is no city yet; run `lamppost pack apply FOLDER` first"
        )
    return cities[0]
