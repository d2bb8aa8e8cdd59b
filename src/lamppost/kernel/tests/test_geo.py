"""Numbers that are places, numbers that are not, and the meters between them."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lamppost.kernel.geo import (
    box_around,
    check_place,
    distance_m,
    meters_per_degree,
    parse_number,
    parse_place,
)
from lamppost.kernel.refusals import Invalid

NOT_NUMBERS = [
    ("", "nothing typed"),
    ("   ", "only blanks"),
    ("abc", "a word"),
    ("nan", "Python would read this one"),
    ("inf", "and this one"),
    ("-Infinity", "and this one"),
    ("1_000", "and this one"),
    ("39,95", "a comma may mean thousands or a fraction: ask"),
    ("0x1F", "hexadecimal"),
    ("1e", "an exponent without digits"),
    ("--5", "two signs"),
    ("39.95 -75.16", "two numbers"),
    ("39.95\x00", "a NUL character"),
    ("1e400", "beyond every double"),
    ("9" * 401, "longer than any number somebody means"),
    ("<script>", "markup"),
]


@pytest.mark.parametrize(("text", "why"), NOT_NUMBERS)
def test_what_is_no_number_is_refused_by_the_name_of_its_field(text: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_number(text, field="lat")
    assert [problem.field for problem in refusal.value.problems] == ["lat"], why


@pytest.mark.parametrize("value", [True, None, [39.95], {"lat": 1}, float("nan"), float("inf")])
def test_a_value_of_the_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        parse_number(value, field="lat")  # type: ignore[arg-type]


IMPOSSIBLE = [
    (-75.16, 90.0001, {"lat"}, "north of the pole"),
    (-75.16, -91.0, {"lat"}, "south of the pole"),
    (180.0001, 39.95, {"long"}, "past the date line"),
    (-75.16, math.nan, {"lat"}, "no number at all"),
    (math.inf, 39.95, {"long"}, "infinitely far"),
    (486000.0, 4420000.0, {"lat", "long"}, "meters of a projection"),
    (0.0, 0.0, {"lat"}, "what programs send when they know no place"),
    (-0.0, 0.0, {"lat"}, "the same with a sign"),
]


@pytest.mark.parametrize(("long", "lat", "fields", "why"), IMPOSSIBLE)
def test_an_impossible_place_is_refused(
    long: float, lat: float, fields: set[str], why: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_place(long, lat)
    assert {problem.field for problem in refusal.value.problems} == fields, why


def test_swapped_coordinates_are_called_so() -> None:
    with pytest.raises(Invalid, match="swapped"):
        check_place(39.95, -105.16)


def test_both_fields_are_named_when_both_are_wrong_and_by_the_callers_own_names() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_place("x", "y", long_field="lon", lat_field="latitude")
    assert [problem.field for problem in refusal.value.problems] == ["lon", "latitude"]


NUMBERS = [
    (" 39.9526 ", 39.9526, "blanks around"),
    ("+39.9526", 39.9526, "a plus sign"),
    ("3.99526e1", 39.9526, "an exponent"),
    ("-7.5165E+01", -75.165, "an exponent with a sign"),
    ("\N{MINUS SIGN}75.165", -75.165, "a minus copied from a web page"),
    (".5", 0.5, "no leading zero"),
    ("39.", 39.0, "no digits after the point"),
    ("39.952600000000000000000000000000001", 39.9526, "more digits than a double keeps"),
    ("٣٩.٩٥", 39.95, "Arabic digits"),
    (40, 40.0, "an integer of JSON"),
    (39.5, 39.5, "a float of JSON"),
]


@pytest.mark.parametrize(("text", "number", "why"), NUMBERS)
def test_numbers_are_read_as_people_and_programs_write_them(
    text: str | float, number: float, why: str
) -> None:
    assert parse_number(text, field="lat") == number, why


def test_the_rims_of_the_range_are_places() -> None:
    assert parse_place("180", "-90") == (180, -90)
    assert parse_place("0", "51.4779") == (0, 51.4779)


DISTANCES = [
    ((-75.1652, 39.9526), (-75.1652, 39.9526), 0.0, 0.001, "a place and itself"),
    ((0.0, 0.0), (0.0, 1.0), 111_195, 1, "one degree of latitude on the mean sphere"),
    ((0.0, 60.0), (1.0, 60.0), 55_597, 20, "one degree of longitude at 60 north: about half"),
    ((-0.1278, 51.5074), (2.3522, 48.8566), 343_556, 400, "London to Paris"),
    ((179.9, 0.0), (-179.9, 0.0), 22_239, 1, "across the date line, not around the world"),
    ((0.0, 90.0), (0.0, -90.0), 20_015_115, 50, "pole to pole"),
]


@pytest.mark.parametrize(("start", "end", "meters", "margin", "why"), DISTANCES)
def test_distances(
    start: tuple[float, float],
    end: tuple[float, float],
    meters: float,
    margin: float,
    why: str,
) -> None:
    assert distance_m(start, end) == pytest.approx(meters, abs=margin), why
    assert distance_m(end, start) == distance_m(start, end)


def test_a_degree_is_as_long_as_the_ellipsoid_says() -> None:
    """Published values of WGS 84 (National Geospatial-Intelligence Agency)."""
    assert meters_per_degree(0) == pytest.approx((111_319.49, 110_574.27), abs=0.5)
    assert meters_per_degree(45) == pytest.approx((78_846.81, 111_131.75), abs=0.5)
    assert meters_per_degree(90) == pytest.approx((0, 111_693.98), abs=0.5)


@pytest.mark.parametrize("radius", [-1, math.nan, math.inf])
def test_no_box_around_a_senseless_radius(radius: float) -> None:
    with pytest.raises(ValueError, match="radius"):
        box_around((0, 51), radius)


def test_a_box_over_the_date_line_has_its_west_east_of_its_east() -> None:
    box = box_around((179.999, -17), 1000)
    assert box.west > box.east
    assert box.west < 180
    assert box.east > -180


def test_a_box_around_a_pole_has_every_longitude() -> None:
    assert box_around((10, 89.999), 1000)[::2] == (-180, 180)


@given(
    long=st.floats(-180, 180),
    lat=st.floats(-89, 89),
    bearing=st.floats(0, 2 * math.pi),
    radius=st.floats(1, 50_000),
)
def test_a_box_holds_every_place_within_its_radius(
    long: float, lat: float, bearing: float, radius: float
) -> None:
    place = (long, lat)
    box = box_around(place, radius)
    assume(box.west < box.east)
    reach_lat = math.degrees(radius / 6_371_008.8)
    other_lat = lat + math.cos(bearing) * reach_lat
    other_long = long + math.sin(bearing) * reach_lat / math.cos(math.radians(lat))
    assume(-180 <= other_long <= 180)
    assume(-90 <= other_lat <= 90)
    other = (other_long, other_lat)
    assume(distance_m(place, other) <= radius)
    assert box.west <= other[0] <= box.east
    assert box.south <= other[1] <= box.north
