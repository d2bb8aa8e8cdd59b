"""What an address may mean: a table of texts, each with what its likeliest reading says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamppost.places.geocoding.grammar import grammar_of, parse_grammar
from lamppost.places.geocoding.parser import (
    ADDRESS,
    BETWEEN,
    BLOCK,
    CROSSING,
    STREET,
    Reading,
    house_number,
    parse,
)
from lamppost.places.geocoding.words import (
    MAX_CHARACTERS,
    MAX_WORDS,
    shown_name,
    split_words,
    street_name,
)

# (why it matters, country, text, kind, number, letter, street as it is known)
ADDRESSES = (
    ("plain", "US", "1234 Market St", 1234, "", "market st"),
    ("small letters, kind in full", "US", "1234 market street", 1234, "", "market st"),
    ("a dot after an abbreviation", "US", "1234 Market St.", 1234, "", "market st"),
    ("blanks everywhere", "US", "  1234   Market \t St ", 1234, "", "market st"),
    ("a direction before", "US", "12 N Broad St", 12, "", "n broad st"),
    ("a direction in full", "US", "12 North Broad Street", 12, "", "n broad st"),
    ("a direction with a dot", "US", "12 N. Broad St", 12, "", "n broad st"),
    ("a direction after", "US", "12 Independence Mall East", 12, "", "independence mall e"),
    ("an ordinal as a word", "US", "240 South Fourth St", 240, "", "s 4th st"),
    ("two words of an ordinal", "US", "240 S Forty-Eighth St", 240, "", "s 48th st"),
    ("an ordinal's ending forgotten", "US", "240 S 48 St", 240, "", "s 48th st"),
    ("an ordinal's ending wrong", "US", "240 S 42th St", 240, "", "s 42nd st"),
    ("an ordinal's ending apart", "US", "240 S 5 th St", 240, "", "s 5th st"),
    ("a saint", "US", "5 St Albans St", 5, "", "saint albans st"),
    ("a saint in full", "US", "5 Saint Albans Street", 5, "", "saint albans st"),
    ("a letter of the alphabet is a street", "US", "2854 D St", 2854, "", "d st"),
    ("a street called E", "US", "2854 E St", 2854, "", "e st"),
    ("a street called South", "US", "901 South St", 901, "", "south st"),
    ("a letter after the number", "US", "117B S 46th St", 117, "b", "s 46th st"),
    ("a rear house", "US", "2026R S 70th St", 2026, "r", "s 70th st"),
    ("a range of numbers", "US", "1200-02 Market St", 1200, "", "market st"),
    ("a range with a letter", "US", "1726R-28 Harrison St", 1726, "r", "harrison st"),
    ("a range whose dash was lost", "US", "735?799  S 18th St", 735, "", "s 18th st"),
    ("a range with a long dash", "US", "735–99 S 18th St", 735, "", "s 18th st"),
    ("half a number", "US", "1118 1/2 N 40th St", 1118, "", "n 40th st"),
    ("an apartment", "US", "1234 Market St Apt 3", 1234, "", "market st"),
    ("an apartment with a hash", "US", "1234 Market St # 3B", 1234, "", "market st"),
    ("a hash that sticks", "US", "1234 Market St #3B", 1234, "", "market st"),
    ("an apartment after a comma", "US", "1234 Market St, Apt 3", 1234, "", "market st"),
    ("a floor", "US", "1234 Market St, 2nd Floor", 1234, "", "market st"),
    ("the rear of a house", "US", "1234 Market St Rear", 1234, "", "market st"),
    ("Front Street is no unit", "US", "1234 N Front St", 1234, "", "n front st"),
    ("a unit first", "US", "Apt 3, 1234 Market St", 1234, "", "market st"),
    ("near a house", "US", "in front of 1234 Market St", 1234, "", "market st"),
    ("an apostrophe", "US", "12 O'Neil St", 12, "", "oneil st"),
    ("a curly apostrophe", "US", "12 O’Neil St", 12, "", "oneil st"),
    ("an accent", "US", "12 Muñoz Marín St", 12, "", "munoz marin st"),
    ("an abbreviated person", "US", "12 MLK Dr", 12, "", "martin luther king dr"),
    ("digits of another script", "US", "١٢ Market St", 12, "", "market st"),
    ("digits of full width", "US", "１２ Market St", 12, "", "market st"),
    ("number after the street", "DE", "Musterstraße 5a", 5, "a", "musterstrasse"),
    ("the same, abbreviated", "DE", "Musterstr. 5 a", 5, "a", "musterstrasse"),
    ("two words and an abbreviation", "DE", "Karl-Marx-Str. 12", 12, "", "karl marx strasse"),
    ("postcode and town", "DE", "Musterstr. 5, 12345 Musterstadt", 5, "", "musterstrasse"),
    ("an apartment at the end", "DE", "Musterstr. 5 Whg 3", 5, "", "musterstrasse"),
    ("a street that is a number", "UY", "Calle 12 34", 34, "", "12 calle"),
    ("a street that is a date", "UY", "Av. 18 de Julio 1360", 1360, "", "18 julio avenida"),
    ("an abbreviated title", "UY", "Gral. Flores 2500", 2500, "", "general flores"),
    ("a floor and an apartment", "UY", "Calle 12 34 apto 5", 34, "", "12 calle"),
    ("flat and number", "NZ", "5/12 High St", 12, "", "high st"),
    ("flat in words", "NZ", "Flat 2, 14 Beach Road", 14, "", "beach rd"),
    ("either order: before", "FR", "12 rue de la Paix", 12, "", "paix rue"),
    ("either order: after", "FR", "rue de la Paix 12", 12, "", "paix rue"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("country", "text", "number", "letter", "street"),
    [row[1:] for row in ADDRESSES],
    ids=[row[0] for row in ADDRESSES],
)
def test_an_address(country: str, text: str, number: int, letter: str, street: str) -> None:
    grammar = grammar_of(country)
    found = [
        (reading.number, reading.suffix, street_name(reading.street, grammar).full)
        for reading in parse(text, grammar).readings
        if reading.kind == ADDRESS
    ]
    assert found[0] == (number, letter, street), found


# (why it matters, text, kind, street, other street, other end)
CORNERS = (
    ("an ampersand", "Broad & Market", CROSSING, "broad", "market", ""),
    ("without blanks", "Broad&Market", CROSSING, "broad", "market", ""),
    ("the word and", "N Broad St and Market St", CROSSING, "n broad st", "market st", ""),
    ("the word at", "5th at Market", CROSSING, "5th", "market", ""),
    ("a slash", "5th St / Market St", CROSSING, "5th st", "market st", ""),
    ("a commercial at", "5th @ Market", CROSSING, "5th", "market", ""),
    ("which corner", "NW corner of 5th and Market", CROSSING, "5th", "market", ""),
    ("which corner, in full", "southeast corner 5th & Market", CROSSING, "5th", "market", ""),
    ("an intersection", "Intersection of 5th & Market", CROSSING, "5th", "market", ""),
    ("a stretch", "Market St between 5th and 6th", BETWEEN, "market st", "5th", "6th"),
    ("a stretch in short", "Market btw 5th & 6th", BETWEEN, "market", "5th", "6th"),
    ("from and to", "Market St from 5th to 6th", BETWEEN, "market st", "5th", "6th"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "street", "other", "end"),
    [row[1:] for row in CORNERS],
    ids=[row[0] for row in CORNERS],
)
def test_a_corner(text: str, kind: str, street: str, other: str, end: str) -> None:
    grammar = grammar_of("US")
    reading = next(one for one in parse(text, grammar).readings if one.kind == kind)
    assert street_name(reading.street, grammar).full == street
    assert street_name(reading.other, grammar).full == other
    assert " ".join(reading.other_end) == end


BLOCKS = (
    ("the usual way", "1200 block of Market St", 1200, "market st"),
    ("without of", "1200 BLOCK MARKET ST", 1200, "market st"),
    ("abbreviated", "1200 blk. of N 5th St", 1200, "n 5th st"),
    ("after the street", "Market St 1200 block", 1200, "market st"),
    ("a number within the block", "1234 block of Market St", 1200, "market st"),
    ("the first block", "0 block of Market St", 0, "market st"),
)


@pytest.mark.parametrize(
    ("text", "number", "street"), [row[1:] for row in BLOCKS], ids=[row[0] for row in BLOCKS]
)
def test_a_hundred_block(text: str, number: int, street: str) -> None:
    grammar = grammar_of("US")
    reading = next(one for one in parse(text, grammar).readings if one.kind == BLOCK)
    assert (reading.number, street_name(reading.street, grammar).full) == (number, street)


def test_a_country_without_blocks_reads_none() -> None:
    kinds = {one.kind for one in parse("1200 block of Market St", grammar_of("DE")).readings}
    assert BLOCK not in kinds


@pytest.mark.parametrize(
    ("country", "text", "zipcode", "unit"),
    [
        ("US", "1234 Market St, Springfield, PA 19103", "19103", ""),
        ("US", "1234 Market St Springfield PA 19103-1234", "19103-1234", ""),
        ("US", "1234 Market St Apt 3 19103", "19103", "3"),
        ("US", "19103 Market St", "", ""),
        ("US", "1234 Market St Rear", "", "rear"),
        ("DE", "Musterstr. 5, 12345 Musterstadt", "12345", ""),
        ("DE", "Musterstr. 12345", "", ""),
        ("NZ", "5/12 High St", "", "5"),
    ],
)
def test_postcode_and_unit(country: str, text: str, zipcode: str, unit: str) -> None:
    parsed = parse(text, grammar_of(country))
    assert (parsed.zipcode, parsed.unit) == (zipcode, unit)


def test_a_name_with_and_in_it_stays_one_street_too() -> None:
    readings = parse("Rock and Roll Blvd", grammar_of("US")).readings
    assert Reading(STREET, ("rock", "and", "roll", "blvd")) in readings
    assert {one.kind for one in readings} == {STREET, CROSSING}


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "&", "&&&", "@ / &", "#", "-", "block", "1200 block", "corner of", "of the",
        "0", "99999999999999999999 Market St", "1/0 Market", "'; DROP TABLE places;--",
        "<script>alert(1)</script>", "\x00\x01\x02", "𝟙𝟚𝟛 𝕄𝕒𝕣𝕜𝕖𝕥", "市場通り1丁目",
        "\u202e1234 Market",
        "between & and", "5th & ", " & Market", "a" * 10_000, "1 " * 5_000, "& " * 5_000, "ﷺ" * 500,
    ],
)  # fmt: skip
def test_hostile_text_is_read_quickly_and_harms_nothing(text: str) -> None:
    for country in ("US", "DE", "UY", "NZ", "XX"):
        parsed = parse(text, grammar_of(country))
        assert len(parsed.words) <= MAX_WORDS
        assert len(parsed.readings) < 200


@settings(deadline=None)  # the machine is shared
@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    for country in ("US", "XX"):
        for reading in parse(text, grammar_of(country)).readings:
            assert reading.street
            assert 0 <= reading.doubt < 1


@settings(deadline=None)  # the machine is shared
@given(st.text(max_size=2 * MAX_CHARACTERS))
def test_words_are_folded_and_few(text: str) -> None:
    words = split_words(text)
    assert len(words) <= MAX_WORDS
    assert split_words(" ".join(words)) is not None


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("12", (12, "")),
        ("12b", (12, "b")),
        ("1200-02", (1200, "")),
        ("5th", None),
        ("42nd", None),
        ("b12", None),
        ("1234567", None),
        ("", None),
    ],
)
def test_a_house_number(word: str, number: tuple[int, str] | None) -> None:
    assert house_number(word, grammar_of("US")) == number


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("N 5TH ST", "N 5th St"),
        ("MCKINLEY DR", "McKinley Dr"),
        ("O'NEIL AVE", "O'Neil Ave"),
        ("NB DELAWARE EXPY", "NB Delaware Expy"),
        ("Rue de la Paix", "Rue de la Paix"),
        ("", ""),
    ],
)
def test_a_published_name_is_shown_as_people_write_it(published: str, shown: str) -> None:
    assert shown_name(published, grammar_of("US")) == shown


def test_every_shipped_grammar_can_be_read() -> None:
    from lamppost.kernel.shipped import shipped

    files = sorted((shipped("formats") / "addresses").glob("*.yaml"))
    assert len(files) > 5
    for file in files:
        grammar = grammar_of(file.stem)
        assert grammar.types
        assert True not in grammar.units, "a word was taken for a truth value"


def test_a_country_without_a_file_is_read_the_international_way() -> None:
    assert grammar_of("../../etc/passwd") == grammar_of("QQ")
    assert grammar_of("QQ").order == "either"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"order": "sideways"}, "order"),
        ({"type_position": "middle"}, "type_position"),
        ({"usual_places": [["0", "0.5"], ["1", "0.2"]]}, "grow"),
        ({"usual_places": [["0", "0"], ["0.5", "1"]]}, "begin at 0"),
    ],
)
def test_a_grammar_that_contradicts_itself_is_refused(
    words: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_grammar(words)
