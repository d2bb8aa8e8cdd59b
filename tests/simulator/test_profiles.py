"""Each shipped demo profile speaks of what its pack has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.catalog.book import book
from lamppost.cities.models import City
from lamppost.kernel.shipped import shipped
from lamppost.places.locate import is_outside
from lamppost.simulator.profile import demo_profile

SLUGS = sorted(path.parent.name for path in shipped("cities").glob("*/demo"))


@pytest.mark.parametrize("slug", SLUGS)
def test_profile_fits_its_pack(slug: str, demo_city: Callable[[str], City]) -> None:
    city = demo_city(slug)
    profile, pages = demo_profile(city), book()
    assert set(profile.services) <= set(pages.services)
    ends = {end for habit in profile.services.values() for end in habit.outcomes}
    assert [end for end in ends if pages.outcome(end) is None] == []
    assert ends | {"duplicate"} <= set(profile.phrases.notes), "each ending has a sentence"
    assert set(profile.phrases.descriptions) <= set(profile.services)
    assert profile.people.department in {one.code for one in pages.departments.values()}
    for district in profile.ground.districts:
        # The corners, drawn in a little: streets keep half a block from the edge.
        for east, north in ((0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0.5)):
            assert not is_outside(city, district.point(east, north)), district.along[0]
