"""From an address as written to the places it may mean, best first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    STREET,
    Parsed,
    Reading,
    Words,
    parse,
)
from lamppost.places.geocoding.placing import Placed, place_number
from lamppost.places.geocoding.streets import Candidate, find_streets
from lamppost.places.geocoding.stretches import (
    Stretch,
    middle_between,
    middle_of_block,
    middle_of_street,
)

# Streets looked at for one reading; a name rarely has more.
_MOST_STREETS = 12
_MISSED, _MISSED_MORE, _GAP = 0.06, 0.25, 40
_WRONG_SIDE, _WRONG_ZIP, _ZIP_AGREES = 0.06, 0.08, 0.02
_STREET_ONLY = 0.45
_CORNER_M = 10
_LANDMARK_M = 60
_WORTH = 0.3
# Below this a misspelled name may be the better answer.
_GOOD = 0.88
# Two answers nearer than this are one place to whoever goes there.
_SAME_M = 30.0


def find_places(index: StreetIndex, text: str, *, limit: int = 5) -> tuple[Match, ...]:
    """Return up to ``limit`` places ``text`` may mean, best first; () when it means none."""
    parsed = parse(text, index.grammar)
    if not parsed.words:
        return ()
    found = _all_readings(index, parsed, spelling=False)
    if not found or found[0].score < _GOOD:
        found = _all_readings(index, parsed, spelling=True)
    kept: list[Match] = []
    for match in found:
        if match.score >= _WORTH and not any(_same(match, one) for one in kept):
            kept.append(match)
        if len(kept) == limit:
            break
    return tuple(kept)


def _all_readings(index: StreetIndex, parsed: Parsed, *, spelling: bool) -> list[Match]:
    found = [
        landmark_match(index, number, score)
        for score, number in index.landmarks.named(parsed.words, spelling=spelling)[:_MOST_STREETS]
    ]
    search = _Search(index, parsed.zipcode, spelling)
    for reading in parsed.readings:
        found += search.read(reading)
    found.sort(key=lambda match: -match.score)
    return found


def _same(one: Match, other: Match) -> bool:
    return one.label == other.label or (
        one.street == other.street and distance_m(one.point, other.point) < _SAME_M
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """One pass over the readings of a text."""

    index: StreetIndex
    zipcode: str
    spelling: bool

    def read(self, reading: Reading) -> Iterator[Match]:
        """Yield the places a reading may mean."""
        found = {
            ADDRESS: self._addresses,
            BLOCK: self._blocks,
            CROSSING: self._corners,
            BETWEEN: self._stretches,
            STREET: self._streets,
        }[reading.kind](reading)
        for match in found:
            yield replace(match, score=round(max(0.0, match.score - reading.doubt), 3))

    def _named(self, words: Words, numbers: tuple[int, int] | None = None) -> list[Candidate]:
        """Return the streets the words may name, each once, the likeliest first.

        A name that only some numbers of a street have counts where one of ``numbers`` is among
        them, and where no number is asked for.
        """
        found: dict[int, Candidate] = {}
        for one in find_streets(self.index, words, spelling=self.spelling):
            if numbers and one.high and not (one.low <= numbers[1] and numbers[0] <= one.high):
                continue
            found.setdefault(one.street, one)
        return list(found.values())[:_MOST_STREETS]

    def _scores(self, words: Words) -> dict[int, float]:
        return {one.street: one.score for one in self._named(words)}

    def _addresses(self, reading: Reading) -> Iterator[Match]:
        for one in self._named(reading.street, (reading.number, reading.number)):
            placed = place_number(self.index, one.street, reading.number, reading.suffix)
            if placed is None:
                yield from _whole_street(self.index, one)
                continue
            score = one.score - _placing_doubt(placed) - _zip_doubt(self.zipcode, placed.zipcode)
            yield address_match(self.index, one.street, placed, min(score, 1.0))

    def _blocks(self, reading: Reading) -> Iterator[Match]:
        for one in self._named(reading.street, (reading.number, reading.number + 99)):
            block = middle_of_block(self.index, one.street, reading.number)
            if block is None:
                continue
            name = self.index.shown[one.street]
            words = {"number": reading.number, "street": name}
            yield Match(
                point=self.index.point(block.middle),
                label=_("%(number)s block of %(street)s") % words,
                kind=MatchKind.BLOCK,
                score=one.score - (_MISSED_MORE if block.is_another else 0.0),
                precision_m=block.half_m,
                zipcode=block.zipcode,
                street=name,
                number=str(reading.number),
            )

    def _corners(self, reading: Reading) -> Iterator[Match]:
        others = self._scores(reading.other)
        for one in self._named(reading.street):
            for far, place in self.index.crossings_of(one.street):
                if far in others:
                    score = (one.score + others[far]) / 2
                    yield corner_match(self.index, one.street, far, place, score)

    def _stretches(self, reading: Reading) -> Iterator[Match]:
        ends = self._scores(reading.other), self._scores(reading.other_end)
        for one in self._named(reading.street):
            stretch = middle_between(self.index, one.street, *ends)
            if stretch is not None:
                yield _stretch_match(self.index, one, stretch)

    def _streets(self, reading: Reading) -> Iterator[Match]:
        for one in self._named(reading.street):
            yield from _whole_street(self.index, one)


def _whole_street(index: StreetIndex, one: Candidate) -> Iterator[Match]:
    whole = street_match(index, one.street, one.score * _STREET_ONLY)
    if whole is not None:
        yield whole


def street_match(index: StreetIndex, street: int, score: float) -> Match | None:
    """Return the match for a whole street; None for one that is nowhere."""
    whole = middle_of_street(index, street)
    if whole is None:
        return None
    name = index.shown[street]
    return Match(
        point=index.point(whole[0]),
        label=name,
        kind=MatchKind.STREET,
        score=round(score, 3),
        precision_m=whole[1],
        street=name,
    )


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


def _stretch_match(index: StreetIndex, one: Candidate, stretch: Stretch) -> Match:
    name = index.shown[one.street]
    ends = [index.shown[street] for street in stretch.ends]
    words = {"street": name, "one": ends[0], "other": ends[1]}
    return Match(
        point=index.point(stretch.middle),
        label=_("%(street)s between %(one)s and %(other)s") % words,
        kind=MatchKind.BLOCK,
        score=min(stretch.score, one.score),
        precision_m=stretch.half_m,
        street=name,
    )


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
