"""Geocoders outside: a protocol an installation may fill, and nothing by default.

``LAMPPOST_OUTSIDE_GEOCODER`` names a class by its dotted path. It is asked only when the
city's own files give no sure answer, because what people type about where they are leaves the
house with it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from lamppost.database.fields import Point
from lamppost.kernel.geo import Box
from lamppost.kernel.refusals import Invalid
from lamppost.places.geocoding.matches import Match

logger = logging.getLogger(__name__)


class OutsideGeocoder(Protocol):
    """What an outside geocoder has to offer. It answers within about a second or gives up."""

    def geocode(
        self, text: str, *, country: str, within: Box | None, limit: int
    ) -> Sequence[Match]:
        """Return places ``text`` may mean, in ``country`` (ISO 3166) and ``within`` degrees."""

    def reverse(self, point: Point) -> Match | None:
        """Return what is at ``point``, or None."""


def outside_geocoder() -> OutsideGeocoder | None:
    """Return the installation's outside geocoder, or None where none is named.

    Raises ``Invalid`` for a name that is no such class: `lamppost serve` does not start with
    one, and `lamppost doctor` says so.
    """
    path = str(getattr(settings, "OUTSIDE_GEOCODER", "") or "")
    return _made(path) if path else None


@lru_cache(maxsize=4)
def _made(path: str) -> OutsideGeocoder:
    try:
        made = import_string(path)()
    except Exception as error:  # Whatever a stranger's module does when it is loaded.
        raise Invalid(
            f"LAMPPOST_OUTSIDE_GEOCODER: {path} cannot be used: {type(error).__name__}: {error}"
        ) from error
    lacks = [name for name in ("geocode", "reverse") if not callable(getattr(made, name, None))]
    if lacks:
        raise Invalid(f"LAMPPOST_OUTSIDE_GEOCODER: {path} has no {' and no '.join(lacks)}")
    return cast("OutsideGeocoder", made)


def ask_outside(text: str, *, country: str, within: Box | None, limit: int) -> tuple[Match, ...]:
    """Return what the outside geocoder answers; () without one and when it fails.

    A failure is logged by its kind alone: its words may hold the text, somebody's home.
    """
    try:
        geocoder = outside_geocoder()
        if geocoder is None:
            return ()
        return tuple(geocoder.geocode(text, country=country, within=within, limit=limit))
    except Exception as error:
        logger.error("the outside geocoder failed: %s", type(error).__name__)
        return ()


def ask_outside_reverse(point: Point) -> Match | None:
    """Return what the outside geocoder says is at ``point``; None without one or an answer."""
    try:
        geocoder = outside_geocoder()
        return None if geocoder is None else geocoder.reverse(point)
    except Exception as error:
        logger.error("the outside geocoder failed: %s", type(error).__name__)
        return None
