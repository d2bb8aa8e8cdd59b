"""What every command needs of the installation it runs in."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connections

from lamppost.cities.models import City
from lamppost.database.embedded import ensure_running, running, status
from lamppost.database.errors import DatabaseUnavailable
from lamppost.kernel.refusals import Invalid, NotFound

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0


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


class DatabaseKeeper:
    """Starts the embedded server again when it is gone; what it had committed is there."""

    def __init__(self) -> None:
        self._is_ours = not os.environ.get("DATABASE_URL", "").strip()
        self._failures = 0
        self._again_at = 0.0

    def keep(self) -> None:
        """Start it unless it runs, or could not be started a moment ago."""
        if not self._is_ours or time.monotonic() < self._again_at:
            return
        if status(settings.HOME).pid is not None:
            self._failures = 0
            return
        logger.error("the database server is gone; starting it again")
        try:
            ensure_running(settings.HOME)
        except (DatabaseUnavailable, OSError, psycopg.Error, subprocess.SubprocessError) as error:
            # A full disk, for example: it may have room again in a minute.
            pause = min(_LONGEST_PAUSE_S, 2.0**self._failures)
            self._failures += 1
            self._again_at = time.monotonic() + pause
            logger.error("%s Trying again in %.0f s.", error, pause)


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
