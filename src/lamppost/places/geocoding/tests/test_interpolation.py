"""Points along lines, by what geometry says they are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamppost.places.geocoding.interpolation import (
    between,
    length,
    nearest_on,
    point_at,
    share_in_range,
    within_corners,
)
from lamppost.places.geocoding.speller import Speller, distance

CORNERED = [(0.0, 0.0), (100.0, 0.0), (100.0, 300.0)]
coordinates = st.floats(min_value=-500, max_value=500).map(lambda value: round(value, 3))
lines = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6)


def test_half_way_is_measured_around_the_corner() -> None:
    assert length(CORNERED) == 400
    assert point_at(CORNERED, 0.5) == (100, 100)


def test_aside_is_to_the_left_of_the_way_drawn() -> None:
    assert point_at(CORNERED, 0.125, 10) == (50, 10)
    assert point_at(CORNERED, 0.125, -10) == (50, -10)
    assert point_at(CORNERED, 0.75, 10) == (90, 200)


def test_shares_beyond_the_ends_stay_at_them() -> None:
    assert point_at(CORNERED, -1) == (0, 0)
    assert point_at(CORNERED, 2) == (100, 300)


def test_a_line_of_no_length_gives_its_place() -> None:
    assert point_at([(5.0, 5.0), (5.0, 5.0)], 0.5, 10) == (5, 5)
    assert nearest_on([(5.0, 5.0), (5.0, 5.0)], (8.0, 9.0))[0] == 5


@settings(deadline=None)  # the machine is shared
@given(lines, st.floats(min_value=0, max_value=1))
def test_a_point_of_a_line_is_on_it(line: list[tuple[float, float]], share: float) -> None:
    assert nearest_on(line, point_at(line, share))[0] < 1e-6


@settings(deadline=None)  # the machine is shared
@given(lines, st.tuples(coordinates, coordinates))
def test_nothing_on_a_line_is_nearer_than_the_nearest(
    line: list[tuple[float, float]], place: tuple[float, float]
) -> None:
    nearest, share, _left = nearest_on(line, place)
    assert 0 <= share <= 1
    for step in range(11):
        assert nearest <= math.dist(point_at(line, step / 10), place) + 1e-6


def test_sides() -> None:
    assert nearest_on([(0.0, 0.0), (10.0, 0.0)], (5.0, 2.0))[2] is True
    assert nearest_on([(0.0, 0.0), (10.0, 0.0)], (5.0, -2.0))[2] is False


@pytest.mark.parametrize(
    ("number", "first", "last", "share"),
    [(2, 2, 4, 0.25), (4, 2, 4, 0.75), (4, 4, 2, 0.25), (7, 7, 7, 0.5), (90, 2, 4, 0.75)],
)
def test_shares_of_ranges(number: int, first: int, last: int, share: float) -> None:
    assert share_in_range(number, first, last) == share


def test_corners_are_kept_free() -> None:
    assert within_corners(0, 100) == 0.08
    assert within_corners(1, 100) == pytest.approx(0.92)
    assert within_corners(0, 10) == 0.15
    assert within_corners(0.5, 0) == 0.5


def test_between_knots() -> None:
    knots = [(0.0, 0.0), (10.0, 1.0), (20.0, 1.0)]
    assert [between(value, knots) for value in (-5, 5, 15, 25)] == [0, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("market", "market", 0),
        ("market", "maket", 1),
        ("market", "markket", 1),
        ("market", "amrket", 1),
        ("market", "merket", 1),
        ("market", "mraekt", 2),
        ("", "abc", 3),
        ("market", "birch", 4),
    ],
)
def test_slips(one: str, other: str, slips: int) -> None:
    assert distance(one, other, 3) == slips == distance(other, one, 3)


def test_short_words_must_be_right() -> None:
    speller = Speller(["oak", "elm", "market", "markets", "parker"])
    assert speller.near("oka") == []
    assert speller.near("maket") == [(1, "market")]
    assert [word for _slips, word in speller.near("market")] == ["market", "markets", "parker"]
    assert speller.near("m" * 1000) == []
