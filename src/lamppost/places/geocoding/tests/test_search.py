"""From texts to places in an invented town: which street, which corner, how surely."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamppost.kernel.geo import distance_m
from lamppost.places.geocoding.grammar import grammar_of
from lamppost.places.geocoding.lookup import SURE
from lamppost.places.geocoding.matches import Match, MatchKind
from lamppost.places.geocoding.nearest import Nearest
from lamppost.places.geocoding.rows import KnownRow, SegmentRow
from lamppost.places.geocoding.search import find_places
from lamppost.places.geocoding.tests.town import (
    CENTER,
    EAST_M,
    NAMED,
    NORTH_M,
    NUMBERED,
    corner,
    micro,
    place,
    town,
)

TOWN = town()
NEAREST = Nearest(TOWN)


def first(text: str) -> Match:
    found = find_places(TOWN, text)
    assert found, f"{text!r} was not found"
    return found[0]


BETWEEN = "Aspen St between N 3rd St and N 4th St"
# (why it matters, text, label of the answer, kind, at least this sure)
FOUND = (
    ("an address", "312 Aspen St", "312 Aspen St", "range", SURE),
    ("a misspelled street", "312 Apsen St", "312 Aspen St", "range", SURE),
    ("a letter missing", "312 Wistera Ln", "312 Wisteria Ln", "range", SURE),
    ("a letter too many", "312 Wissteria Ln", "312 Wisteria Ln", "range", SURE),
    ("a spelling the city's list knows", "312 Wysteria Ln", "312 Wisteria Ln", "range", SURE),
    ("words run together", "312 Vanhorn St", "312 Van Horn St", "range", SURE),
    ("an abbreviated saint", "312 St Albans", "312 Saint Albans St", "range", SURE),
    ("no kind of street", "312 Aspen", "312 Aspen St", "range", SURE),
    ("the wrong kind of street", "312 Aspen Ave", "312 Aspen St", "range", SURE),
    ("an abbreviated person", "312 MLK Dr", "312 Martin Luther King Jr Dr", "range", SURE),
    ("a note behind", "312 Aspen St - bring a ladder", "312 Aspen St", "range", SURE),
    ("city, state, postcode", "312 Aspen St, Gridville PA 19103", "312 Aspen St", "range", SURE),
    ("a direction", "212 S 3rd St", "212 S 3rd St", "range", SURE),
    ("a direction behind", "212 3rd St S", "212 S 3rd St", "range", SURE),
    ("an ordinal in words", "212 South Third Street", "212 S 3rd St", "range", SURE),
    ("a crossing", "3rd and Aspen", "N 3rd St & Aspen St", "intersection", SURE),
    ("the other way round", "Aspen and 3rd", "Aspen St & N 3rd St", "intersection", SURE),
    ("a corner", "NW corner of Aspen & 3rd", "Aspen St & N 3rd St", "intersection", SURE),
    ("a misspelled crossing", "Apsen & 3rd", "Aspen St & N 3rd St", "intersection", SURE),
    ("a house on a corner", "312 Aspen & 3rd", "312 Aspen St", "range", SURE),
    ("a street with and in it", "312 Rock and Roll Blvd", "312 Rock And Roll Blvd", "range", SURE),
    ("a block", "300 block of Aspen", "300 block of Aspen St", "block", SURE),
    ("a stretch", "Aspen St between 3rd and 4th", BETWEEN, "block", SURE),
    ("a landmark", "City Hall", "City Hall", "landmark", SURE),
    ("a landmark misspelled", "Starlnig Library", "Starling Library", "landmark", SURE),
    ("a name without small words", "friends library", "Library of the Friends", "landmark", SURE),
    ("a name and an address", "City Hall, 100 Center Ave", "100 Center Ave", "range", SURE),
    ("a street by an old name", "612 River Dr", "612 Center Ave", "range", SURE),
    ("an old name without its kind", "612 river", "612 Center Ave", "range", SURE),
    ("a corner by old names without kinds", "river & N 3rd",
     "Center Ave & N 3rd St", "intersection", SURE),
    ("a number beyond the street", "5000 Aspen St", "999 Aspen St", "nearby", 0.5),
    ("a whole street", "Aspen St", "Aspen St", "street", 0.3),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "label", "kind", "score"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND]
)
def test_what_is_found(text: str, label: str, kind: str, score: float) -> None:
    match = first(text)
    assert (match.label, match.kind) == (label, kind)
    assert score <= match.score <= 1


@pytest.mark.parametrize(
    "text",
    ["", "   ", "?", "zzzzzz", "312 Zzyzx Rd", "hello I have a question about my bill", "& 3rd"],
)
def test_what_is_no_place_is_not_found(text: str) -> None:
    assert all(match.score < SURE for match in find_places(TOWN, text))


def test_the_old_name_of_a_stretch_means_no_other_stretch() -> None:
    labels = [match.label for match in find_places(TOWN, "212 River Dr")]
    assert "212 Center Ave" not in labels


def test_two_streets_of_a_name_are_both_given() -> None:
    """Without its direction "212 3rd St" is a house in the north and one in the south."""
    labels = {match.label for match in find_places(TOWN, "212 3rd St")[:2]}
    assert labels == {"212 N 3rd St", "212 S 3rd St"}


def test_a_number_only_one_of_them_has_decides() -> None:
    labels = [match.label for match in find_places(TOWN, "512 3rd St")]
    assert labels[0] == "512 N 3rd St"


def test_a_crossing_is_where_the_streets_meet() -> None:
    for column in range(len(NUMBERED)):
        match = first(f"{NUMBERED[column]} St and Wisteria Ln")
        assert distance_m(match.point, corner(column, NAMED.index("WISTERIA LN"))) < 1


def test_streets_that_do_not_meet_have_no_corner() -> None:
    kinds = {match.kind for match in find_places(TOWN, "Aspen St & Wisteria Ln")}
    assert MatchKind.INTERSECTION not in kinds


def test_odd_and_even_are_across_the_street() -> None:
    odd, even = first("351 Aspen St"), first("350 Aspen St")
    setback = grammar_of("US").setback_m
    assert distance_m(odd.point, even.point) == pytest.approx(2 * setback, abs=3)
    assert odd.point.lat > even.point.lat  # odd is to the left of a line drawn eastward


def test_a_bend_is_followed() -> None:
    """Number 40 is the last of a court that turns north: not on the straight line to it."""
    last, middle = first("40 Fern Ct"), first("20 Fern Ct")
    assert distance_m(last.point, place(1600, 300)) < 30
    assert distance_m(middle.point, place(1600, 80)) < 40


def test_the_middle_of_a_block_cut_by_an_alley() -> None:
    halves = [
        SegmentRow("ELM ST", 101, 139, 100, 138, [*micro(0, 0), *micro(40, 0)]),
        SegmentRow("ELM ST", 141, 199, 140, 198, [*micro(40, 0), *micro(200, 0)]),
    ]
    from lamppost.places.geocoding.index import StreetIndex

    index = StreetIndex(grammar_of("US"), segments=halves)
    match = find_places(index, "100 block of Elm")[0]
    assert distance_m(match.point, place(100, 0)) < 1
    assert match.precision_m == pytest.approx(100, abs=2)


def test_a_known_address_is_given_as_it_is_and_pins_its_neighbors() -> None:
    there = micro(EAST_M * 2 + 90, NORTH_M * 5 - 20)
    known = [
        KnownRow("ASPEN ST", 310, "", "19103", there),
        KnownRow("ASPEN ST", 310, "B", "", None),
    ]
    index = town(known=known)
    exact = find_places(index, "310 Aspen St")[0]
    assert (exact.kind, exact.zipcode) == (MatchKind.ADDRESS, "19103")
    assert distance_m(exact.point, place(EAST_M * 2 + 90, NORTH_M * 5 - 20)) < 1
    neighbor = find_places(index, "312 Aspen St")[0]
    assert distance_m(neighbor.point, exact.point) < distance_m(
        first("312 Aspen St").point, exact.point
    )


def test_numbers_known_to_exist_say_where_a_block_ends() -> None:
    """Houses 301 to 341 fill a block whose range goes to 399: 341 stands at its end."""
    known = [KnownRow("ASPEN ST", number, "", "", None) for number in range(301, 343, 4)]
    end = place(EAST_M * 3, NORTH_M * 5)
    told = find_places(town(known=known), "341 Aspen St")[0]
    assert distance_m(told.point, end) < 35
    assert distance_m(told.point, end) < distance_m(first("341 Aspen St").point, end)


def test_a_postcode_tells_two_streets_apart() -> None:
    known = [
        KnownRow("N 3RD ST", 212, "", "19001", micro(240, 610)),
        KnownRow("S 3RD ST", 212, "", "19002", micro(240, 210)),
    ]
    index = town(known=known)
    assert find_places(index, "212 3rd St, 19002")[0].label == "212 S 3rd St"
    assert find_places(index, "212 3rd St, 19001")[0].label == "212 N 3rd St"


def test_an_address_file_alone_is_enough() -> None:
    from lamppost.places.geocoding.index import StreetIndex

    known = [
        KnownRow("Musterstraße", number, "", "", micro(number * 10, 0)) for number in (1, 3, 5)
    ]
    index = StreetIndex(grammar_of("DE"), segments=[], known=known)
    match = find_places(index, "Musterstr. 3")[0]
    assert (match.label, match.kind) == ("Musterstraße 3", MatchKind.ADDRESS)
    assert find_places(index, "Musterstr. 4")[0].kind == MatchKind.NEARBY


def test_addresses_out_of_order_are_refused() -> None:
    known = [KnownRow("ASPEN ST", 5, "", "", None), KnownRow("ASPEN ST", 3, "", "", None)]
    with pytest.raises(ValueError, match="not sorted"):
        town(known=known)
    apart = [KnownRow(name, 1, "", "", None) for name in ("ASPEN ST", "BIRCH ST", "ASPEN ST")]
    with pytest.raises(ValueError, match="not together"):
        town(known=apart)


# Properties

rows_of_town = st.integers(min_value=0, max_value=len(NAMED) - 1)
columns_of_town = st.integers(min_value=0, max_value=len(NUMBERED) - 2)
numbers_in_block = st.integers(min_value=0, max_value=99)


@settings(deadline=None)  # the machine is shared
@given(row=rows_of_town, column=columns_of_town, number=numbers_in_block)
def test_a_number_lies_within_its_block(row: int, column: int, number: int) -> None:
    match = first(f"{(column + 1) * 100 + number} {NAMED[row]}")
    start, end = corner(column, row), corner(column + 1, row)
    assert start[0] <= match.point.long <= end[0]
    assert distance_m(match.point, (match.point.long, start[1])) <= grammar_of("US").setback_m + 1


@settings(deadline=None)  # the machine is shared
@given(row=rows_of_town, column=columns_of_town, number=numbers_in_block)
def test_what_is_at_a_found_place_names_the_same_street(row: int, column: int, number: int) -> None:
    match = first(f"{(column + 1) * 100 + number} {NAMED[row]}")
    back = NEAREST.at(match.point)
    assert back is not None
    assert match.street in back.label


@settings(deadline=None)  # the machine is shared
@given(column=columns_of_town, one=numbers_in_block, other=numbers_in_block)
def test_higher_numbers_are_farther_along(column: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    before = first(f"{(column + 1) * 100 + low} Aspen St")
    after = first(f"{(column + 1) * 100 + high} Aspen St")
    # Two sides of the street are numbered on their own: half a lot may lie between them.
    assert after.point.long >= before.point.long - 0.00002


@settings(deadline=None)  # the machine is shared
@given(text=st.text(max_size=250))
def test_any_text_gives_places_in_town_or_none(text: str) -> None:
    for match in find_places(TOWN, text):
        assert 0 <= match.score <= 1
        assert distance_m(match.point, corner(5, CENTER)) < 3000


# Back from places


def test_at_a_crossing_the_crossing_is_named() -> None:
    match = NEAREST.at(corner(2, CENTER + 1))
    assert match is not None
    assert (match.kind, match.label) == (MatchKind.INTERSECTION, "Aspen St & N 3rd St")
    assert match.distance_m is not None
    assert match.distance_m < 1


def test_a_place_beside_a_street_gets_a_number_of_that_side() -> None:
    match = NEAREST.at(place(EAST_M * 2.5, NORTH_M * 5 + 15))
    assert match is not None
    assert match.street == "Aspen St"
    assert 300 < int(match.number) < 400
    assert int(match.number) % 2 == 1


def test_farther_off_it_is_near() -> None:
    match = NEAREST.at(place(EAST_M * 2.5, -100))
    assert match is not None
    assert match.label.startswith("near ")
    assert match.distance_m == pytest.approx(100, abs=16)


def test_nothing_is_named_where_no_street_is() -> None:
    assert NEAREST.at((-70.0, 41.0)) is None
    assert NEAREST.at(place(0, -500)) is None
