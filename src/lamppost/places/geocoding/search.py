"""From an address as written to the places it may mean, best first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from lamppost.kernel.geo import distance_m
from lamppost.places.geocoding.grammar import NUMBER_LAST, Grammar
from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.interpolation import XY
from lamppost.places.geocoding.matches import Match, MatchKind
from lamppost.places.geocoding.parser import (
    ADDRESS,
    BETWEEN,
    BLOCK,
    CROSSING,
    Parsed,
    Reading,
    Words,
    parse,
)
from lamppost.places.geocoding.placing import Placed, place_number
from lamppost.places.geocoding.stretches import middle_of_block, middle_of_street
from lamppost.places.geocoding.streets import Candidate, find_streets

# Streets looked at for one reading; a name rarely has more.
_MOST_STREETS = 12
_MISSED, _MISSED_MORE, _GAP = 0.06, 0.25, 40
_WRONG_SIDE, _WRONG_ZIP, _ZIP_AGREES = 0.06, 0.08, 0.02
_STREET_ONLY = 0.45
_CORNER_M = 10
_LANDMARK_M = 60
_WORTH = 0.3
# Two answers nearer than this are one place to whoever goes there.
_SAME_M = 30.0


def find_places(index: StreetIndex, text: str, *, limit: int = 5) -> tuple[Match, ...]:
    """Return up to ``limit`` places ``text`` may mean, best first; () when it means none."""
    parsed = parse(text, index.grammar)
    if not parsed.words:
        return ()
    found = list(_landmarks(index, parsed.words))
    for reading in parsed.readings:
        found += _read(index, reading, parsed)
    found.sort(key=lambda match: -match.score)
    kept: list[Match] = []
    for match in found:
        if match.score >= _WORTH and not any(_same(match, one) for one in kept):
            kept.append(match)
        if len(kept) == limit:
            break
    return tuple(kept)


def _same(one: Match, other: Match) -> bool:
    return one.label == other.label or (
        one.street == other.street and distance_m(one.point, other.point) < _SAME_M
    )


def _read(index: StreetIndex, reading: Reading, parsed: Parsed) -> Iterator[Match]:
    if reading.kind == ADDRESS:
        found = _addresses(index, reading, parsed)
    elif reading.kind == BLOCK:
        found = _blocks(index, reading)
    elif reading.kind == CROSSING:
        found = _corners(index, reading)
    elif reading.kind == BETWEEN:
        found = _stretches(index, reading)
    else:
        found = _streets(index, reading)
    for match in found:
        yield replace(match, score=round(max(0.0, match.score - reading.doubt), 3))


def _found(index: StreetIndex, words: Words) -> list[Candidate]:
    return find_streets(index, words)[:_MOST_STREETS]


def _addresses(index: StreetIndex, reading: Reading, parsed: Parsed) -> Iterator[Match]:
    for one in _found(index, reading.street):
        if one.high and not one.low <= reading.number <= one.high:
            continue
        placed = place_number(index, one.street, reading.number, reading.suffix)
        if placed is None:
            whole = middle_of_street(index, one.street)
            if whole is not None:
                score = one.score * _STREET_ONLY
                yield _whole_street(index, one.street, whole[0], whole[1], score)
            continue
        score = one.score - _placing_doubt(placed) - _zip_doubt(parsed.zipcode, placed.zipcode)
        yield address_match(index, one.street, placed, min(score, 1.0))


def _placing_doubt(placed: Placed) -> float:
    doubt = _WRONG_SIDE if placed.is_wrong_side else 0.0
    if placed.missed_by:
        doubt += _MISSED if placed.missed_by <= _GAP else _MISSED_MORE
    return doubt


def _zip_doubt(typed: str, known: str) -> float:
    if not typed or not known:
        return 0.0
    return -_ZIP_AGREES if typed.startswith(known) else _WRONG_ZIP


def address_match(index: StreetIndex, street: int, placed: Placed, score: float) -> Match:
    """Return the match for a number placed on a street."""
    number = f"{placed.number}{placed.suffix.upper()}"
    name = index.shown[street]
    return Match(
        point=index.point(placed.place),
        label=address_label(number, name, index.grammar),
        kind=placed.kind,
        score=score,
        precision_m=placed.precision_m,
        zipcode=placed.zipcode,
        street=name,
        number=number,
    )


def address_label(number: str, street: str, grammar: Grammar) -> str:
    """Return number and street in the order of the country."""
    return f"{street} {number}" if grammar.order == NUMBER_LAST else f"{number} {street}"


def corner_label(one: str, other: str, grammar: Grammar) -> str:
    """Return two streets as the country writes their corner."""
    return f"{one} {grammar.joiner} {other}"


def _blocks(index: StreetIndex, reading: Reading) -> Iterator[Match]:
    for one in _found(index, reading.street):
        if one.high and not (one.low < reading.number + 100 and reading.number <= one.high):
            continue
        middle = middle_of_block(index, one.street, reading.number)
        if middle is None:
            continue
        place, half_m, zipcode, missed = middle
        name = index.shown[one.street]
        yield Match(
            point=index.point(place),
            label=_("%(number)s block of %(street)s") % {"number": reading.number, "street": name},
            kind=MatchKind.BLOCK,
            score=one.score - (_MISSED_MORE if missed else 0.0),
            precision_m=half_m,
            zipcode=zipcode,
            street=name,
            number=str(reading.number),
        )


def _corners(index: StreetIndex, reading: Reading) -> Iterator[Match]:
    others = {one.street: one.score for one in reversed(_found(index, reading.other))}
    for one in _found(index, reading.street):
        for far, place in index.crossings_of(one.street):
            if far in others:
                yield corner_match(index, one.street, far, place, min(one.score, others[far]))


def corner_match(index: StreetIndex, street: int, other: int, place: XY, score: float) -> Match:
    """Return the match for the corner of two streets."""
    name = index.shown[street]
    return Match(
        point=index.point(place),
        label=corner_label(name, index.shown[other], index.grammar),
        kind=MatchKind.INTERSECTION,
        score=score,
        precision_m=_CORNER_M,
        street=name,
    )


def _stretches(index: StreetIndex, reading: Reading) -> Iterator[Match]:
    ends = [
        {one.street: one.score for one in reversed(_found(index, words))}
        for words in (reading.other, reading.other_end)
    ]
    for one in _found(index, reading.street):
        corners: list[list[tuple[float, XY]]] = [[], []]
        for far, place in index.crossings_of(one.street):
            for end, scores in enumerate(ends):
                if far in scores:
                    corners[end].append((min(one.score, scores[far]), place))
        pairs = [
            (min(score, other_score), (place[0] + there[0]) / 2, (place[1] + there[1]) / 2, place)
            for score, place in corners[0]
            for other_score, there in corners[1]
            if place != there
        ]
        if pairs:
            # Streets that meet twice: the stretch meant is the shortest.
            score, x, y, end_place = min(
                pairs, key=lambda pair: (-pair[0], abs(pair[1] - pair[3][0]) + abs(pair[2] - pair[3][1]))
            )
            half_m = round(abs(x - end_place[0]) + abs(y - end_place[1]))
            yield _whole_street(
                index, one.street, (x, y), half_m, score, kind=MatchKind.BLOCK
            )


def _streets(index: StreetIndex, reading: Reading) -> Iterator[Match]:
    for one in _found(index, reading.street):
        middle = middle_of_street(index, one.street)
        if middle is not None:
            yield _whole_street(index, one.street, middle[0], middle[1], one.score * _STREET_ONLY)


def _whole_street(
    index: StreetIndex,
    street: int,
    place: XY,
    half_m: int,
    score: float,
    *,
    kind: MatchKind = MatchKind.STREET,
) -> Match:
    name = index.shown[street]
    return Match(
        point=index.point(place),
        label=name,
        kind=kind,
        score=score,
        precision_m=half_m,
        street=name,
    )


def _landmarks(index: StreetIndex, words: Words) -> Iterator[Match]:
    for score, number in index.landmarks.named(words)[:_MOST_STREETS]:
        yield landmark_match(index, number, score)


def landmark_match(index: StreetIndex, number: int, score: float) -> Match:
    """Return the match for a landmark."""
    flat = index.flat(index.landmarks.place(number))
    return Match(
        point=index.point(flat),
        label=index.landmarks.names[number],
        kind=MatchKind.LANDMARK,
        score=round(score, 3),
        precision_m=_LANDMARK_M,
        street=index.landmarks.addresses[number],
    )


