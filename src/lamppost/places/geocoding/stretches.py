"""The middle of a block and of a whole street. Pure."""

from __future__ import annotations

import math

from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.interpolation import XY, length, point_at

_HUNDRED = 100


def middle_of_block(
    index: StreetIndex, street: int, hundred: int
) -> tuple[XY, int, str, bool] | None:
    """Return the middle of a hundred of a street, half its length in meters, its postcode,
    and whether the street has no such hundred, so that its nearest is given.

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
    lines = [(index.line(segment), segment) for segment in chosen]
    total = sum(length(line) for line, _segment in lines)
    left = total / 2
    for line, segment in lines:
        reach = length(line)
        if left <= reach or (line, segment) == lines[-1]:
            low, high = index.hull(segment)
            share = left / reach if reach > 0 else 0.5
            (left_from, left_to), (right_from, right_to) = index.ranges(segment)
            if left_to - left_from + right_to - right_from < 0:
                share = 1 - share
            zipcode = next((code for code in index.zips(segment) if code), "")
            return point_at(line, share), round(total / 2), zipcode, missed > 0
        left -= reach
    return None


def middle_of_street(index: StreetIndex, street: int) -> tuple[XY, int] | None:
    """Return the place of a street nearest to the middle of all its blocks, and half its reach.

    A street only an address file names has the middle one of its addresses.
    """
    places = [point_at(index.line(segment), 0.5) for segment in index.segments_of(street)]
    places = places or [
        one.place for one in index.known(street, 0, 10**7) if one.place is not None
    ]
    if not places:
        return None
    middle = (
        sum(place[0] for place in places) / len(places),
        sum(place[1] for place in places) / len(places),
    )
    nearest = min(places, key=lambda place: math.dist(place, middle))
    reach = max(math.dist(nearest, place) for place in places)
    return nearest, max(round(reach), 30)
