"""Outlines for the map: what is never in them, how light they are, what they cost."""

from __future__ import annotations

import gzip
import json
import math
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope, forget_cities
from lamppost.database.scope import UnscopedQuery, city_scope, no_city
from lamppost.places.models import AreaKind
from lamppost.places.outlines import MAX_CORNERS, outlines_document, simplified
from lamppost.places.services import replace_areas
from lamppost.places.shapes import AreaShape
from lamppost.places.tests.files import STEP, square

WEST, SOUTH = -75.2, 39.9


def wavy(west: float, corners: int) -> dict[str, Any]:
    """A disk of a hundredth of a degree whose rim waves by some ten meters."""
    ring = []
    for at in range(corners):
        angle = 2 * math.pi * at / corners
        reach = STEP * (1 + 0.01 * math.sin(angle * 200))
        ring.append([west + reach * math.cos(angle), SOUTH + reach * math.sin(angle)])
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def put(kind: str, boundary: dict[str, Any] | None = None, **more: Any) -> None:
    shape = AreaShape(
        code=f"{kind}-1",
        name={"en": f"First {kind}", "es": f"Primer {kind}"},
        boundary=boundary or square(WEST, SOUTH),
    )
    replace_areas(
        kind_code=kind,
        kind_name={"en": kind.title(), "es": f"{kind.title()} (es)"},
        features=[shape],
        source="the city",
        **more,
    )
    forget_cities()


def told(city: City | None = None, language: str = "en") -> list[dict[str, Any]]:
    document = json.loads(
        gzip.decompress(outlines_document(city or city_in_scope(), language=language))
    )
    assert document["type"] == "FeatureCollection"
    return list(document["features"])


def test_without_a_city_in_scope_nothing_is_told(city: City) -> None:
    with no_city(), pytest.raises(UnscopedQuery):
        told(city)


def test_an_internal_kind_is_never_told(city: City) -> None:
    put("beat")
    AreaKind.objects.update(is_public=False)
    put("district")
    assert [one["properties"]["kind"] for one in told()] == ["district"]


def test_another_citys_areas_are_never_told(city: City, other_city: City) -> None:
    put("district")
    with city_scope(other_city.pk):
        assert told() == []


def test_an_area_off_the_map_is_left_out(city: City) -> None:
    put("district")
    AreaKind.objects.get().areas.update(boundary=None)
    assert told() == []


def test_limits_come_first_then_the_kinds_in_their_order(city: City) -> None:
    put("ward")
    put("district")
    put("limits", is_limits=True)
    AreaKind.objects.filter(code="ward").update(order=2)
    AreaKind.objects.filter(code="district").update(order=1)
    ranks = [(one["properties"]["kind"], one["properties"]["rank"]) for one in told()]
    assert ranks == [("limits", 0), ("district", 1), ("ward", 2)]


@pytest.mark.parametrize(
    ("language", "name", "kind"),
    [
        ("en", "First ward", "Ward"),
        ("es", "Primer ward", "Ward (es)"),
        ("ar", "First ward", "Ward"),  # not translated: the default stands in
    ],
)
def test_names_are_in_the_language_asked_for(
    city: City, language: str, name: str, kind: str
) -> None:
    put("ward")
    (one,) = told(language=language)
    assert (one["properties"]["name"], one["properties"]["kind_name"]) == (name, kind)


def test_the_document_costs_two_queries_once_and_none_again(city: City) -> None:
    put("ward")
    put("district")
    asked = city_in_scope()
    with CaptureQueriesContext(
        connection,
    ) as first:
        told(asked)
    with CaptureQueriesContext(connection) as again:
        told(asked)
        told(asked, language="es")
    statements = [one["sql"] for one in first.captured_queries if "places_area" in one["sql"]]
    assert len(statements) == 2
    assert not again.captured_queries


def test_a_changed_area_is_told_at_once_where_the_citys_row_is_fresh(city: City) -> None:
    put("ward", square(WEST, SOUTH))
    before = told()[0]["geometry"]
    put("ward", square(WEST + 1, SOUTH))
    assert told()[0]["geometry"] != before


def test_many_corners_become_few(city: City) -> None:
    put("ward", wavy(WEST, 30_000))
    (one,) = told()
    (ring,) = one["geometry"]["coordinates"]
    assert 4 <= len(ring) <= MAX_CORNERS
    reaches = [math.hypot(long - WEST, lat - SOUTH) for long, lat in ring]
    # Within about thirty meters of the rim that was drawn.
    assert max(abs(reach - STEP) for reach in reaches) < 0.0003


def test_neighbors_keep_one_border() -> None:
    left, right = square(WEST, SOUTH), square(WEST + STEP, SOUTH)
    border = [[WEST + STEP, SOUTH + STEP * at / 50] for at in range(51)]
    for at, place in enumerate(border):
        place[0] += STEP / 20 * math.sin(at)
    west, east = WEST, WEST + 2 * STEP
    left["coordinates"] = [[[west, SOUTH], *border, [west, SOUTH + STEP], [west, SOUTH]]]
    right["coordinates"] = [[*border[::-1], [east, SOUTH], [east, SOUTH + STEP], border[-1]]]
    lighter = simplified([left, right], max_corners=40)
    assert lighter is not None
    corners = [{tuple(place) for place in one["coordinates"][0]} for one in lighter]
    assert sum(map(len, corners)) <= 40
    shared = corners[0] & corners[1]
    assert corners[0] - shared == {(west, SOUTH), (west, round(SOUTH + STEP, 5))}


def test_a_kind_that_cannot_be_light_is_left_out() -> None:
    squares = [square(WEST + at * 2 * STEP, SOUTH) for at in range(10)]
    assert simplified(squares, max_corners=20) is None
