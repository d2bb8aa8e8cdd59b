"""Going round the cities: what background work that concerns all of them does first."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from lamppost.cities.models import City
from lamppost.database.scope import city_scope


def each_city() -> Iterator[City]:
    """Yield every city, each in its own scope; the thread's connection is given back after."""
    try:
        for city in City.objects.order_by("id"):
            with city_scope(city.pk):
                yield city
    finally:
        # A job runs in a thread of its own; its connection goes back to the pool.
        connection.close()
