"""Demo cities made from the shipped packs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.shipped import shipped
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack


@pytest.fixture
def demo_city(db: None) -> Iterator[Callable[[str], City]]:
    """Make the demo city of a shipped pack and bring it into scope: ``demo_city("riverbend")``."""
    with ExitStack() as scopes:

        def make(slug: str) -> City:
            reading = check_pack(shipped("cities") / slug)
            assert reading.pack is not None, reading.findings.errors
            city = apply_pack(pack=reading.pack).city
            City.objects.filter(pk=city.pk).update(is_demo=True)
            forget_cities()
            scopes.enter_context(city_scope(city.pk))
            return City.objects.get(pk=city.pk)

        yield make
