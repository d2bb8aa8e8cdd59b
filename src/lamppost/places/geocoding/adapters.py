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
    """Return the installation's outside geocoder, or None; raises ``ImportError`` for a typo."""
    path = str(getattr(settings, "OUTSIDE_GEOCODER", "") or "")
    return _made(path) if path else None


@lru_cache(maxsize=4)
def _made(path: str) -> OutsideGeocoder:
    return cast("OutsideGeocoder", import_string(path)())


def ask_outside(text: str, *, country: str, within: Box | None, limit: int) -> tuple[Match, ...]:
    """Return what the outside geocoder answers; () without one and when it fails.

    A failure is logged by its kind alone: its words may hold the text, somebody's home.
    """
    geocoder = outside_geocoder()
    if geocoder is None:
        return ()
    try:
        return tuple(geocoder.geocode(text, country=country, within=within, limit=limit))
    except Exception as error:
        logger.error("the outside geocoder failed: %s", type(error).__name__)
        return ()


def ask_outside_reverse(point: Point) -> Match | None:
    """Return what the outside geocoder says is at ``point``; None without one or an answer."""
    geocoder = outside_geocoder()
    if geocoder is None:
        return None
    try:
        return geocoder.reverse(point)
    except Exception as error:
        logger.error("the outside geocoder failed: %s", type(error).__name__)
        return None
