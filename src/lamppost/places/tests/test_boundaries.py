"""GeoJSON that is refused, with its place; GeoJSON that is mended; GeoJSON that is read."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import shapely

from lamppost.places import boundaries as module
from lamppost.places.boundaries import BadBoundaries, parse_boundaries
from lamppost.places.shapes import area_shapes, suggested_code_field
from lamppost.places.tests.files import (
    PUBLISHED,
    as_file,
    collection,
    feature,
    square,
    two_districts,
)

GOOD = square(-75.2, 39.9)
PROJECTED = {
    "type": "Polygon",
    "coordinates": [[[2692000.5, 236000.5], [2693000, 236000], [2693000, 237000]]],
}
SWAPPED = {
    "type": "Polygon",
    "coordinates": [[[39.9, -105.2], [39.9, -105.1], [40.0, -105.1], [39.9, -105.2]]],
}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def one_feature(geometry: Any) -> bytes:
    return as_file(collection(feature(geometry, CODE="1")))


NOT_A_FILE = [
    (b"", None, "Not JSON at column 1", "an empty file"),
    (b"hello", 1, "Not JSON", "a text"),
    (b'{"type": "FeatureCollection",\n "features": [\n {,\n', 3, "Not JSON at column 3", "a slip"),
    (b'{"type": "FeatureCollection",\n "name": "\xff"}', 2, "UTF-8", "Latin-1"),
    ("{}".encode("utf-16"), None, "UTF-8", "UTF-16"),
    (b"[" * 100_000, None, "JSON", "nested without end"),
    (b'{"type": NaN}', None, "not a number in JSON", "a number JSON has not"),
    (b"[1, 2]", None, "Not GeoJSON", "a list"),
    (b'{"a": 1}', None, "Not GeoJSON", "no type"),
    (b'{"type": 5}', None, "Not GeoJSON", "a type that is a number"),
    (b'{"type": "FeatureCollection"}', None, "no features", "a collection of nothing"),
    (b'{"type": "FeatureCollection", "features": []}', None, "no features", "an empty one"),
    (b'{"type": "FeatureCollection", "features": {"a": 1}}', None, "no features", "no list"),
    (b"\x1f\x8b\x08 not gzip", None, "gzip", "gzip by its first bytes only"),
    (gzip.compress(two_districts())[:-20], None, "gzip", "gzip cut off"),
    (b"PK\x03\x04 a shapefile in a zip", None, "JSON", "a zip"),
]


@pytest.mark.parametrize(("data", "line", "words", "why"), NOT_A_FILE)
def test_what_is_no_geojson_is_refused(data: bytes, line: int | None, words: str, why: str) -> None:
    with pytest.raises(BadBoundaries, match=words) as refusal:
        parse_boundaries(data)
    if line is not None:
        assert refusal.value.findings[0].line == line, why


BAD_GEOMETRIES = [
    (None, "no geometry", "a feature nobody drew"),
    ("POLYGON((0 0,1 1))", "of type None", "text instead of an object"),
    ({"type": "Point", "coordinates": [-75, 40]}, "of type Point", "a point"),
    ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "LineString", "a line"),
    ({"type": "Polygon"}, "no coordinates", "a polygon of nothing"),
    (polygon(), "no coordinates", "a polygon without rings"),
    ({"type": "MultiPolygon", "coordinates": []}, "no coordinates", "no polygons"),
    ({"type": "MultiPolygon", "coordinates": [5]}, "without rings", "a number for a polygon"),
    (polygon("abc"), "not a list of positions", "text for a ring"),
    (polygon([1, 2, 3, 4]), "not \\[longitude", "numbers for positions"),
    (polygon([[1], [2], [3], [4]]), "not \\[longitude", "one number a position"),
    (polygon([["a", "b"]] * 4), "not made of numbers", "texts for numbers"),
    (polygon([[True, False]] * 4), "not made of numbers", "truths for numbers"),
    (polygon([[-75, 40], [-75, 41]]), "fewer than three corners", "a line drawn back"),
    (polygon([[-75, 40]] * 4), "no area", "one place four times"),
    (polygon([[-75, 40], [-74, 40], [-73, 40], [-75, 40]]), "no area", "a flat ring"),
    (PROJECTED, "looks like a projected CRS", "feet of a state plane"),
    (SWAPPED, "swapped", "latitude first"),
    (polygon([[10**400, 1], [1, 1], [2, 2]]), "projected", "a number of 400 digits"),
]


@pytest.mark.parametrize(("geometry", "words", "why"), BAD_GEOMETRIES)
def test_a_bad_geometry_is_refused_by_its_feature_and_line(
    geometry: Any, words: str, why: str
) -> None:
    data = as_file(collection(feature(GOOD, CODE="1"), feature(geometry, CODE="2")))
    with pytest.raises(BadBoundaries, match=words) as refusal:
        parse_boundaries(data)
    (finding,) = refusal.value.findings
    assert (finding.feature, finding.line) == (2, 4), why
    assert refusal.value.problems[0].field == "features[2]"


def test_every_error_is_reported_at_once() -> None:
    data = as_file(
        collection(feature(None), feature(GOOD), "not a feature", feature(PROJECTED), [])
    )
    with pytest.raises(BadBoundaries) as refusal:
        parse_boundaries(data)
    assert [finding.feature for finding in refusal.value.findings] == [1, 3, 4, 5]


def test_a_file_of_thousands_of_errors_reports_the_first_fifty() -> None:
    with pytest.raises(BadBoundaries) as refusal:
        parse_boundaries(as_file(collection(*[feature(None)] * 1000)))
    assert len(refusal.value.findings) == 50


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:EPSG::2272", "EPSG:3857", "urn:ogc:def:crs:EPSG::26918"]
)
def test_a_file_that_names_a_projection_is_refused(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    with pytest.raises(BadBoundaries, match="WGS 84"):
        parse_boundaries(as_file(collection(feature(GOOD), crs=crs)))


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "name", "properties": {"name": "EPSG:4326"}},
        None,
        "nonsense",
        {"type": "link", "properties": {"href": "x"}},
    ],
)
def test_a_file_in_degrees_is_read_whatever_it_calls_them(crs: Any) -> None:
    assert len(parse_boundaries(as_file(collection(feature(GOOD), crs=crs))).features) == 1


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadBoundaries, match="MB"):
        parse_boundaries(two_districts(), max_bytes=100)
    with pytest.raises(BadBoundaries, match="MB"):
        parse_boundaries(gzip.compress(b" " * 10_000), max_bytes=9_999)
    monkeypatch.setattr(module, "MAX_VERTICES", 9)
    with pytest.raises(BadBoundaries, match="corners"):
        parse_boundaries(two_districts())
    monkeypatch.setattr(module, "MAX_FEATURES", 1)
    with pytest.raises(BadBoundaries, match="features"):
        parse_boundaries(two_districts())


def test_an_open_ring_is_closed_and_said_so() -> None:
    ring = GOOD["coordinates"][0][:-1]
    result = parse_boundaries(one_feature(polygon(ring)))
    assert [(one.feature, one.line) for one in result.mended] == [(1, 3)]
    assert "closed" in result.mended[0].message
    assert shapely.area(_shape(result)) == pytest.approx(0.0001)


def test_a_loop_is_mended_and_said_so() -> None:
    bow_tie = polygon([[0.0, 50], [0.02, 50.02], [0.02, 50], [0.0, 50.02], [0.0, 50]])
    result = parse_boundaries(one_feature(bow_tie))
    assert "Self-intersection" in result.mended[0].message
    assert shapely.is_valid(_shape(result))
    assert result.features[0].boundary["type"] == "MultiPolygon"
    assert shapely.area(_shape(result)) == pytest.approx(0.0002)


def test_a_hole_stays_a_hole_and_heights_are_dropped() -> None:
    outer = [[*place, 12.5] for place in square(10, 50, 1)["coordinates"][0]]
    hole = square(10.4, 50.4, 0.2)["coordinates"][0]
    result = parse_boundaries(one_feature(polygon(outer, hole)))
    assert result.mended == ()
    assert shapely.area(_shape(result)) == pytest.approx(1 - 0.04)
    assert not shapely.has_z(_shape(result))


def test_a_feature_and_a_bare_geometry_are_files_too() -> None:
    for document in (feature(GOOD, CODE="1"), GOOD):
        (one,) = parse_boundaries(json.dumps(document).encode()).features
        assert one.boundary == parse_boundaries(one_feature(GOOD)).features[0].boundary


def test_gzip_and_a_byte_order_mark_make_no_difference() -> None:
    plain = parse_boundaries(two_districts())
    assert parse_boundaries(gzip.compress(two_districts())) == plain
    assert parse_boundaries(b"\xef\xbb\xbf" + two_districts()) == plain


def test_reading_what_was_read_changes_nothing() -> None:
    once = parse_boundaries(two_districts())
    again = parse_boundaries(
        as_file(collection(*(feature(one.boundary, **one.properties) for one in once.features)))
    )
    assert [one.boundary for one in again.features] == [one.boundary for one in once.features]


def _shape(result: module.Boundaries) -> Any:
    return shapely.from_geojson(json.dumps(result.features[0].boundary))


def read(*features: Any) -> module.Boundaries:
    return parse_boundaries(as_file(collection(*features)))


BAD_CODES = [
    ({}, "no “CODE”", "no such property"),
    ({"CODE": None}, "no “CODE”", "null"),
    ({"CODE": "  "}, "no “CODE”", "blanks"),
    ({"CODE": "\x00\x01"}, "no “CODE”", "control characters"),
    ({"CODE": [1]}, "no “CODE”", "a list"),
    ({"CODE": True}, "no “CODE”", "a truth"),
    ({"CODE": "x" * 101}, "100 characters", "too long to be kept"),
    ({"CODE": 1}, "feature 1 has too", "the number of another feature's text"),
    ({"CODE": 1.0}, "feature 1 has too", "the same as a spreadsheet spells it"),
]


@pytest.mark.parametrize(("properties", "words", "why"), BAD_CODES)
def test_a_feature_without_a_code_of_its_own_is_refused(
    properties: dict[str, Any], words: str, why: str
) -> None:
    boundaries = read(feature(GOOD, CODE="1"), feature(square(-75, 40), **properties))
    with pytest.raises(BadBoundaries, match=words) as refusal:
        area_shapes(boundaries, code_field="CODE")
    assert [(one.feature, one.line) for one in refusal.value.findings] == [(2, 4)], why


def test_parts_of_one_area_are_joined_when_asked() -> None:
    boundaries = read(
        feature(square(-75.2, 39.9), CODE="1", NAME="First"),
        feature(square(-75.0, 39.9), CODE=1, NAME="Other"),
    )
    (area,) = area_shapes(boundaries, code_field="CODE", name_field="NAME", join=True)
    assert area.name == {"en": "First"}
    assert area.boundary is not None
    assert area.boundary["type"] == "MultiPolygon"


def test_names_and_codes_are_clean_lines_in_the_language_asked_for() -> None:
    boundaries = read(feature(GOOD, CODE=12.0, NAME=" Norte\u0000\n y  Sur "))
    (area,) = area_shapes(boundaries, code_field="CODE", name_field="NAME", language="es")
    assert (area.code, area.name) == ("12", {"es": "Norte y Sur"})


def test_without_a_name_the_code_is_the_name() -> None:
    (area,) = area_shapes(read(feature(GOOD, CODE="7", N="")), code_field="CODE", name_field="N")
    assert area.name == {"en": "7"}


def test_the_suggested_code_is_unique_short_and_not_a_programs_own() -> None:
    boundaries = read(
        feature(GOOD, OBJECTID=1, TYPE="a", LABEL="District 1", DIST="1", Shape_Area=1.5),
        feature(GOOD, OBJECTID=2, TYPE="a", LABEL="District 2", DIST="2", Shape_Area=2.5),
    )
    assert suggested_code_field(boundaries) == "DIST"
    assert suggested_code_field(read(feature(GOOD, OBJECTID=1))) == "OBJECTID"
    assert suggested_code_field(read(feature(GOOD, A="x"), feature(GOOD, A="x"))) is None


@pytest.mark.parametrize("data", PUBLISHED, ids=range(len(PUBLISHED)))
def test_what_a_city_publishes_is_read_whole(data: bytes) -> None:
    boundaries = parse_boundaries(data)
    assert len(boundaries.features) == len(json.loads(data)["features"])
    code_field = suggested_code_field(boundaries)
    assert code_field is not None
    areas = area_shapes(boundaries, code_field=code_field)
    assert len(areas) == len(boundaries.features)
    for area in areas:
        shape = shapely.from_geojson(json.dumps(area.boundary))
        assert shapely.is_valid(shape)
        assert not shapely.is_empty(shape)
