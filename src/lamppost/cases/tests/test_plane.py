"""Places on the plane: PostgreSQL and Python agree on it, and nearest is nearest on the ground."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.apps import apps
from django.db import connection

from lamppost.database.plane import AddPlaceIndex, box_texts, place_index, point_text
from lamppost.kernel.geo import Box, Place

pytestmark = pytest.mark.django_db


def _asked(sql: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


@pytest.mark.parametrize("place", [(-75.1636, 39.9526), (0.0, 0.0), (179.9, -54.8), (10.75, 78.2)])
def test_both_put_a_place_at_the_same_spot(place: Place) -> None:
    away = "SELECT mercator(point(%s, %s)) <-> %s::point"
    assert cast(float, _asked(away, *place, point_text(place))) < 1e-12


@pytest.mark.parametrize(
    ("place", "is_inside"),
    [
        ((-75.17, 39.95), True),
        ((-75.16, 39.96), True),
        ((-75.17001, 39.95), False),
        ((-75.16, 39.96001), False),
    ],
)
def test_a_box_holds_its_rim_and_nothing_beyond(place: Place, is_inside: bool) -> None:
    (text,) = box_texts(Box(west=-75.17, south=39.95, east=-75.16, north=39.96))
    assert _asked("SELECT mercator(point(%s, %s)) <@ %s::box", *place, text) is is_inside


def test_a_box_across_the_180th_meridian_is_two() -> None:
    texts = box_texts(Box(west=179.5, south=-18.0, east=-179.5, north=-17.0))
    for long, found in ((179.9, [True, False]), (-179.9, [False, True]), (0.0, [False, False])):
        place = (long, -17.5)
        inside = [_asked("SELECT mercator(point(%s, %s)) <@ %s::box", *place, t) for t in texts]
        assert inside == found, long


@pytest.mark.parametrize("allowed", [True, False])
def test_a_server_without_the_extension_gets_the_index_of_places_alone(
    allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamppost.database.extensions._has", lambda *_asked: allowed)
    operation = AddPlaceIndex("case", place_index("location", "requested_at", name="tried_ground"))
    state = cast(Any, SimpleNamespace(apps=apps))
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        operation.database_forwards("cases", editor, state, state)
    (made,) = [line for line in editor.collected_sql if "tried_ground" in line]
    assert "mercator(" in made
    assert '"location" IS NOT NULL' in made
    assert ("requested_at" in made) is allowed
