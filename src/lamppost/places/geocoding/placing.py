"""From a number of a street to a point, and from a point to a number. Pure.

A block's published range (100-198) is what its numbers may be; which there are, the city's
address file says, with or without coordinates. Both are used: numbers known with a place pin
the scale of the block, numbers known without one say where it ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lamppost.places.geocoding.index import Known, StreetIndex
from lamppost.places.geocoding.interpolation import (
    XY,
    between,
    length,
    nearest_on,
    point_at,
    share_in_range,
    within_corners,
)
from lamppost.places.geocoding.matches import MatchKind

LEFT, RIGHT = 0, 1
# An address farther from its block than this stands on another street, or is a mistake.
_FARTHEST_FROM_BLOCK_M = 80.0
_PINNED_M, _COUNTED_M, _GUESSED_M, _KNOWN_M = 12, 20, 35, 5
_ENOUGH_KNOWN = 2
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a number is: a place in meters on the index's map, and how surely."""

    place: XY
    kind: MatchKind
    precision_m: int
    zipcode: str = ""
    number: int = 0
    suffix: str = ""
    missed_by: int = 0
    is_wrong_side: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    segment: int
    side: int
    first: int
    last: int

    @property
    def low(self) -> int:
        return min(self.first, self.last)

    @property
    def high(self) -> int:
        return max(self.first, self.last)

    def misses(self, number: int) -> tuple[int, bool, int]:
        """Return how badly the side fits a number: by how far, by parity, by its own width."""
        outside = max(self.low - number, number - self.high, 0)
        odd_and_even = self.low % 2 != self.high % 2
        return outside, not odd_and_even and self.low % 2 != number % 2, self.high - self.low


def place_number(index: StreetIndex, street: int, number: int, suffix: str = "") -> Placed | None:
    """Return where ``number`` is on a street, or its nearest number; None without numbers."""
    exact = _exact(list(index.known(street, number, number)), suffix)
    if exact is not None and exact.place is not None:
        return Placed(
            exact.place, MatchKind.ADDRESS, _KNOWN_M, exact.zipcode, number, exact.suffix or suffix
        )
    sides = list(_sides(index, street))
    if not sides:
        return _nearest_known(index, street, number)
    side = min(sides, key=lambda one: one.misses(number))
    outside, wrong_side, _width = side.misses(number)
    # A number in a gap of the ranges lies between two blocks, not at the end of either.
    asked = min(max(number, side.low), side.high)
    place, precision = _interpolated(index, street, side, asked)
    zipcode = (exact.zipcode if exact else "") or index.zips(side.segment)[side.side]
    if not outside:
        return Placed(
            place, MatchKind.RANGE, precision, zipcode, number, suffix, is_wrong_side=wrong_side
        )
    return Placed(
        place, MatchKind.NEARBY, precision + 2 * outside, zipcode, asked, missed_by=outside
    )


def _exact(found: list[Known], suffix: str) -> Known | None:
    for wanted in (suffix, ""):
        for one in found:
            if one.suffix == wanted:
                return one
    return found[0] if found else None


def _sides(index: StreetIndex, street: int) -> Iterator[_Side]:
    for segment in index.segments_of(street):
        for side, (first, last) in enumerate(index.ranges(segment)):
            if first or last:
                yield _Side(segment, side, first, last)


def _nearest_known(index: StreetIndex, street: int, number: int) -> Placed | None:
    """Return the nearest located address of a street that only an address file names."""
    located = [one for one in index.known(street, 0, 10**7) if one.place is not None]
    if not located:
        return None
    nearest = min(located, key=lambda one: abs(one.number - number))
    if nearest.place is None:
        return None
    missed = abs(nearest.number - number)
    return Placed(
        nearest.place,
        MatchKind.NEARBY,
        _GUESSED_M + 4 * missed,
        nearest.zipcode,
        nearest.number,
        nearest.suffix,
        missed_by=missed,
    )


def _interpolated(index: StreetIndex, street: int, side: _Side, number: int) -> tuple[XY, int]:
    line = index.line(side.segment)
    scale = block_scale(index, street, side.segment, line)
    share = scale.share(number, side.first, side.last)
    setback = index.grammar.setback_m
    aside = setback if side.side == LEFT else -setback
    return point_at(line, within_corners(share, length(line)), aside), scale.precision_m


@dataclass(frozen=True, slots=True)
class BlockScale:
    """Which number stands where along a block.

    ``knots`` are pairs (number, share of the line) in the order of the numbers; without any,
    the usual places of the country hold.
    """

    knots: tuple[tuple[float, float], ...]
    usual: tuple[tuple[float, float], ...]
    precision_m: int

    def share(self, number: int, first: int, last: int) -> float:
        """Return how far along its line a number of the range ``first`` to ``last`` stands."""
        if self.knots:
            return between(number, self.knots)
        low, high = min(first, last), max(first, last)
        share = share_in_range(number, low, high)
        if self.usual and _is_potential(low, high):
            share = between(share, self.usual)
        return share if first <= last else 1 - share


def _is_potential(low: int, high: int) -> bool:
    """Whether a range is the hundred a block was given rather than the numbers it has."""
    return low % _HUNDRED <= 1 and high % _HUNDRED >= _HUNDRED - 2


def block_scale(index: StreetIndex, street: int, segment: int, line: list[XY]) -> BlockScale:
    """Return the scale of a block from the addresses known on it."""
    low, high = index.hull(segment)
    known = list(index.known(street, low, high))
    usual = index.grammar.usual_places
    if len(known) < _ENOUGH_KNOWN and not any(one.place for one in known):
        return BlockScale((), usual, _GUESSED_M)
    rising = is_rising(index, segment)
    pins = _pins(known, line, rising)
    end = _last_number(known, low, high)
    knots = _knots(pins, low - 1, end + 1)
    if not rising:
        knots = tuple((number, 1 - share) for number, share in knots)
    return BlockScale(knots, usual, _PINNED_M if pins else _COUNTED_M)


def is_rising(index: StreetIndex, segment: int) -> bool:
    """Return whether the numbers of a segment grow the way its line is drawn."""
    (left_from, left_to), (right_from, right_to) = index.ranges(segment)
    return left_to - left_from + right_to - right_from >= 0


def _last_number(known: list[Known], low: int, high: int) -> float:
    """Return the highest number a block is likely to have.

    With k of its numbers known, the highest known one falls short by one part in k on
    average (the estimate of a range's end from a sample: Goodman 1952).
    """
    highest = max(one.number for one in known)
    if not _is_potential(low, high):
        return high
    distinct = len({one.number for one in known})
    return min(float(high), highest + (highest - low + 1) / distinct)


def _pins(known: list[Known], line: list[XY], rising: bool) -> list[tuple[float, float]]:
    """Return (number, share) of the located addresses, counted from the low numbers' end."""
    inset = within_corners(0, length(line))
    pins: list[tuple[float, float]] = []
    for one in known:
        if one.place is None:
            continue
        distance, share, _left = nearest_on(line, one.place)
        if distance > _FARTHEST_FROM_BLOCK_M:
            continue
        # Undo what within_corners will do.
        share = min(max((share - inset) / (1 - 2 * inset), 0.0), 1.0)
        pins.append((float(one.number), share if rising else 1 - share))
    return pins


def _knots(
    pins: list[tuple[float, float]], before: float, after: float
) -> tuple[tuple[float, float], ...]:
    """Return a rising broken line through the pins from the block's one end to its other."""
    knots = [(before, 0.0)]
    for number, share in pins:
        if number > knots[-1][0] and share >= knots[-1][1]:
            knots.append((number, share))
    after = max(after, knots[-1][0] + 1)
    knots.append((after, 1.0))
    return tuple(knots)


def number_at(
    index: StreetIndex, segment: int, line: list[XY], share: float, side: int
) -> tuple[int, str] | None:
    """Return the number nearest to ``share`` of a segment on one side, and its letter.

    A number the address file knows is preferred; None where the side has no numbers.
    """
    first, last = index.ranges(segment)[side]
    if not (first or last):
        return None
    street = index.street_of(segment)
    scale = block_scale(index, street, segment, line)
    low, high = min(first, last), max(first, last)
    step = 1 if low % 2 != high % 2 else 2
    known = {
        one.number: one.suffix
        for one in index.known(street, low, high)
        if step == 1 or one.number % 2 == low % 2
    }
    numbers = sorted(known) or range(low, high + 1, step)
    total = length(line)
    best = min(
        numbers,
        key=lambda number: math.fabs(
            within_corners(scale.share(number, first, last), total) - share
        ),
    )
    return best, known.get(best, "")
