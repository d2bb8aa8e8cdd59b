"""Distances as people say them."""

from __future__ import annotations

import pytest
from django.utils import translation

from lamppost.faces.portal.distances import away


@pytest.mark.parametrize(
    ("meters", "units", "said"),
    [
        (0, "metric", "at the same place"),
        (4.9, "imperial", "at the same place"),
        (11.1, "metric", "11 meters away"),
        (123.4, "metric", "120 meters away"),
        (1234, "metric", "1.2 km away"),
        (11.1, "imperial", "36 feet away"),
        (100, "imperial", "330 feet away"),
        (800, "imperial", "0.5 mi away"),
    ],
)
def test_a_distance_in_the_citys_units(meters: float, units: str, said: str) -> None:
    with translation.override("en"):
        assert away(meters, units) == said
