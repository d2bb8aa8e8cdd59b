"""What an address may mean: every way to read it, the likeliest first. Pure.

Whether "Calle 12 34" is number 34 of Calle 12, and whether "Rock and Market" is a corner, only
the city's own streets can say. So the parser does not decide: it gives all readings, each
with a doubt between 0 and 1, and the search takes the one that names a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lamppost.places.geocoding.grammar import EITHER, NUMBER_FIRST, NUMBER_LAST, Grammar
from lamppost.places.geocoding.words import BREAK, split_words

Words = tuple[str, ...]
ADDRESS, BLOCK, CROSSING, BETWEEN, STREET = "address", "block", "crossing", "between", "street"

MAX_PARTS = 4
_NUMBER = re.compile(r"(\d{1,6})([^\W\d_]{0,2})(?:-\d{1,6}[^\W\d_]?)?")
_FRACTION = re.compile(r"\d{1,2}/\d{1,2}")
_UNIT_AND_NUMBER = re.compile(r"(\d{1,5})/(\d{1,6})")
_UNIT_VALUE = re.compile(r"\d{1,5}[^\W\d_]?|[^\W\d_]{1,2}\d{0,4}|-?\d+(?:-\d+)?")

_PART_DOUBT, _DROPPED_DOUBT, _OTHER_ORDER_DOUBT, _CORNER_ADDRESS_DOUBT = 0.03, 0.08, 0.08, 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address.

    ``street`` and, for crossings, ``other`` (and ``other_end`` for a stretch between two
    streets) are words as typed, with whatever follows the name still at their end.
    """

    kind: str
    street: Words
    number: int = 0
    suffix: str = ""
    other: Words = ()
    other_end: Words = ()
    doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class Parsed:
    """All readings of a text, and what belongs to each: postcode and unit as typed."""

    words: Words
    readings: tuple[Reading, ...]
    zipcode: str = ""
    unit: str = ""


def parse(text: str, grammar: Grammar) -> Parsed:
    """Return what ``text`` may mean in the country of ``grammar``; any text is accepted."""
    words = split_words(text)
    zipcode, rest = _without_postcode(words, grammar)
    readings: list[Reading] = []
    unit = ""
    for place, part in enumerate(_parts(rest)):
        part, found = _without_unit(part, grammar)
        unit = unit or found
        for reading in _readings(part, grammar):
            readings.append(replace(reading, doubt=reading.doubt + place * _PART_DOUBT))
    readings.sort(key=lambda reading: reading.doubt)
    return Parsed(words, tuple(dict.fromkeys(readings)), zipcode, unit)


def house_number(word: str, grammar: Grammar) -> tuple[int, str] | None:
    """Return the number and letter a word is as a house number, or None: "117b", "1200-02"."""
    match = _NUMBER.fullmatch(word)
    if match is None or (match[2] and match[2] in grammar.ordinal_suffixes.values()):
        return None
    return int(match[1]), match[2]


def _parts(words: Words) -> list[Words]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == BREAK:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part][:MAX_PARTS]


def _without_postcode(words: Words, grammar: Grammar) -> tuple[str, Words]:
    if grammar.postcode is None:
        return "", words
    for at in range(len(words) - 1, 0, -1):
        if not grammar.postcode.fullmatch(words[at]):
            continue
        after_break = words[at - 1] == BREAK
        closing = at == len(words) - 1 and grammar.order == NUMBER_FIRST and at > 2
        if after_break or closing:
            return words[at], words[:at] + words[at + 1 :]
    return "", words


def _without_unit(words: Words, grammar: Grammar) -> tuple[Words, str]:
    if len(words) > 2 and words[-1] in grammar.bare_units and words[-2] in grammar.types:
        return words[:-1], words[-1]
    if grammar.slash_unit:
        for at, word in enumerate(words):
            both = _UNIT_AND_NUMBER.fullmatch(word)
            if both:
                return (*words[:at], both[2], *words[at + 1 :]), both[1]
    for at, word in enumerate(words):
        if word not in grammar.units or (0 < at < 2 and word != "#"):
            continue
        following = words[at + 1 : at + 2]
        if following and _UNIT_VALUE.fullmatch(following[0]):
            if at or len(words) > 3:
                return words[:at] + words[at + 2 :], following[0]
        elif at > 2 and at == len(words) - 1 and words[at - 1][0].isdigit():
            return words[: at - 1], words[at - 1]
    return words, ""


def _readings(words: Words, grammar: Grammar) -> Iterator[Reading]:
    words, is_corner = _without_corner(words, grammar)
    bare = _without_near(words, grammar)
    if not bare:
        return
    yield from _blocks(bare, grammar)
    stretches = list(_stretches(bare, grammar))
    yield from stretches or _crossings(bare, grammar)
    if not is_corner:
        yield from _addresses(bare, grammar)
        yield Reading(STREET, bare, doubt=_DROPPED_DOUBT if bare != words else 0.0)


def _without_corner(words: Words, grammar: Grammar) -> tuple[Words, bool]:
    """Drop "NW corner of" and its like from the beginning."""
    for at, word in enumerate(words[:4]):
        if word in grammar.corner:
            rest = words[at + 1 :]
            while rest and rest[0] in grammar.filler:
                rest = rest[1:]
            return rest, True
    return words, False


def _without_near(words: Words, grammar: Grammar) -> Words:
    while len(words) > 1 and words[0] in grammar.near and words[1] not in grammar.types:
        words = words[1:]
    return words


def _blocks(words: Words, grammar: Grammar) -> Iterator[Reading]:
    for at, word in enumerate(words):
        if word not in grammar.block:
            continue
        before = house_number(words[at - 1], grammar) if at else None
        after = house_number(words[at + 1], grammar) if at + 1 < len(words) else None
        if before:
            rest = words[: at - 1] + _without_filler(words[at + 1 :], grammar)
            yield Reading(BLOCK, rest, number=before[0] // 100 * 100)
        elif after:
            rest = words[:at] + _without_filler(words[at + 2 :], grammar)
            yield Reading(BLOCK, rest, number=after[0] // 100 * 100)


def _without_filler(words: Words, grammar: Grammar) -> Words:
    while len(words) > 1 and words[0] in grammar.filler:
        words = words[1:]
    return words


def _stretches(words: Words, grammar: Grammar) -> Iterator[Reading]:
    for at in range(1, len(words) - 3):
        if words[at] not in grammar.between:
            continue
        for joint in range(at + 2, len(words) - 1):
            if words[joint] in grammar.between_joiners:
                ends = words[at + 1 : joint], words[joint + 1 :]
                street = words[:at]
                yield Reading(BETWEEN, street, other=ends[0], other_end=ends[1])
                number = house_number(street[0], grammar)
                if number and len(street) > 1:
                    yield Reading(ADDRESS, street[1:], *number)
                    yield Reading(
                        BETWEEN, street[1:], other=ends[0], other_end=ends[1], doubt=_DROPPED_DOUBT
                    )


def _crossings(words: Words, grammar: Grammar) -> Iterator[Reading]:
    for at in range(1, len(words) - 1):
        if words[at] not in grammar.joiners:
            continue
        left, right = words[:at], words[at + 1 :]
        yield Reading(CROSSING, left, other=right)
        for number, street, doubt in _numbered(left, grammar):
            yield Reading(ADDRESS, street, *number, doubt=doubt + _CORNER_ADDRESS_DOUBT)
            yield Reading(CROSSING, street, other=right, doubt=doubt + _DROPPED_DOUBT)


def _addresses(words: Words, grammar: Grammar) -> Iterator[Reading]:
    for number, street, doubt in _numbered(words, grammar):
        yield Reading(ADDRESS, street, *number, doubt=doubt)


def _numbered(words: Words, grammar: Grammar) -> Iterator[tuple[tuple[int, str], Words, float]]:
    first = list(_number_first(words, grammar))
    last = list(_number_last(words, grammar))
    if grammar.order == EITHER:
        yield from first
        yield from last
        return
    usual, other = (last, first) if grammar.order == NUMBER_LAST else (first, last)
    yield from usual
    for number, street, doubt in other:
        yield number, street, doubt + _OTHER_ORDER_DOUBT


def _number_first(words: Words, grammar: Grammar) -> Iterator[tuple[tuple[int, str], Words, float]]:
    for at, word in enumerate(words[:-1]):
        number = house_number(word, grammar)
        if number is None:
            continue
        street = words[at + 1 :]
        while len(street) > 1 and (_FRACTION.fullmatch(street[0]) or street[0] == "#"):
            street = street[1:]
        doubt = _DROPPED_DOUBT if at else 0.0
        yield number, street, doubt
        if len(street) > 2 and len(street[0]) == 1 and street[0] not in grammar.directions:
            yield (number[0], street[0]), street[1:], doubt + _CORNER_ADDRESS_DOUBT
        return


def _number_last(words: Words, grammar: Grammar) -> Iterator[tuple[tuple[int, str], Words, float]]:
    for at in range(len(words) - 1, 0, -1):
        number = house_number(words[at], grammar)
        if number is None:
            continue
        tail = words[at + 1 :]
        if not number[1] and len(tail) == 1 and len(tail[0]) == 1 and tail[0].isalpha():
            number, tail = (number[0], tail[0]), ()
        street = tuple(word for word in words[:at] if word != "#")
        if street:
            yield number, street, _CORNER_ADDRESS_DOUBT if tail else 0.0
        return
