"""The middle of a block and of a whole street. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.interpolation import XY, length, point_at
from lamppost.places.geocoding.placing import is_rising

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Block:
    """The middle of a block on the index's map, half its length in meters, its postcode.

    ``is_another`` when the street has no such hundred, and this is the nearest it has.
    """

    middle: XY
    half_m: int
    zipcode: str
    is_another: bool


def middle_of_block(index: StreetIndex, street: int, hundred: int) -> Block | None:
    """Return the middle of the hundred that begins with the number ``hundred`` of a street.

    A hundred that alleys cut into several segments is walked from its lowest number to its
    highest; a street whose two sides are drawn apart is taken one line after the other.
    None when the street has no numbers at all.
    """
    blocks = [
        (max(low - hundred - _HUNDRED + 1, hundred - high, 0), segment)
        for segment in index.segments_of(street)
        for low, high in (index.hull(segment),)
        if high
    ]
    if not blocks:
        return None
    missed = min(blocks)[0]
    chosen = [segment for miss, segment in blocks if miss == missed]
    lengths = [length(index.line(segment)) for segment in chosen]
    left = sum(lengths) / 2
    for segment, reach in zip(chosen, lengths, strict=True):
        if left <= reach:
            share = left / reach if reach > 0 else 0.5
            middle = point_at(
                index.line(segment), share if is_rising(index, segment) else 1 - share
            )
            zipcode = next((code for code in index.zips(segment) if code), "")
            return Block(middle, round(sum(lengths) / 2), zipcode, missed > 0)
        left -= reach
    return None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The middle of a street between two others, half its length in meters, and the score."""

    middle: XY
    half_m: int
    score: float
    ends: tuple[int, int]


def middle_between(
    index: StreetIndex, street: int, scores: dict[int, float], other_scores: dict[int, float]
) -> Stretch | None:
    """Return the stretch of a street between two others; None when it does not meet both.

    Takes how well each street answers to the name of one end and of the other. Streets that
    meet twice give several stretches: the shortest of the best score is meant.
    """
    corners: tuple[list[tuple[int, XY]], list[tuple[int, XY]]] = ([], [])
    for far, place in index.crossings_of(street):
        for end, known in zip(corners, (scores, other_scores), strict=True):
            if far in known:
                end.append((far, place))
    stretches = [
        (-min(scores[one], other_scores[other]), math.dist(place, there), place, there, one, other)
        for one, place in corners[0]
        for other, there in corners[1]
        if place != there
    ]
    if not stretches:
        return None
    lost, reach, place, there, one, other = min(stretches)
    middle = (place[0] + there[0]) / 2, (place[1] + there[1]) / 2
    return Stretch(middle, max(round(reach / 2), 10), -lost, (one, other))


def middle_of_street(index: StreetIndex, street: int) -> tuple[XY, int] | None:
    """Return the place of a street nearest to the middle of all its blocks, and half its reach.

    A street only an address file names has the middle one of its addresses.
    """
    places = [point_at(index.line(segment), 0.5) for segment in index.segments_of(street)]
    places = places or [one.place for one in index.known(street, 0, 10**7) if one.place is not None]
    if not places:
        return None
    middle = (
        sum(place[0] for place in places) / len(places),
        sum(place[1] for place in places) / len(places),
    )
    nearest = min(places, key=lambda place: math.dist(place, middle))
    reach = max(math.dist(nearest, place) for place in places)
    return nearest, max(round(reach), 30)
