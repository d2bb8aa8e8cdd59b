"""What a process remembers of a city's configuration until the city says it changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from lamppost.cities.models import City

ValueT = TypeVar("ValueT")


class CityCache(Generic[ValueT]):
    """Keeps what ``load(city)`` built, per city, until ``stamp(city)`` differs.

    Rows are read once and compiled to plain values, so that filing and reading a case needs
    no query of the catalogue. A change reaches every process within the seconds for which
    ``cities.selectors`` keeps a city's own row.
    """

    def __init__(self, load: Callable[[City], ValueT], stamp: Callable[[City], datetime]) -> None:
        self._load = load
        self._stamp = stamp
        self._kept: dict[int, tuple[datetime, ValueT]] = {}
        self._lock = threading.Lock()

    def get(self, city: City) -> ValueT:
        """Return the value for ``city``; must run in the scope of that city."""
        stamp = self._stamp(city)
        kept = self._kept.get(city.pk)
        if kept and kept[0] == stamp:
            return kept[1]
        with self._lock:
            kept = self._kept.get(city.pk)
            if kept and kept[0] == stamp:
                return kept[1]
            value = self._load(city)
            self._kept[city.pk] = (stamp, value)
            return value


def catalog_stamp(city: City) -> datetime:
    """Return when the city's catalogue (services, agreements, routing) last changed."""
    return city.catalog_changed_at
