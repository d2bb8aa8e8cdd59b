"""What is at a point: the nearest address, corner or street. Pure.

Segments are filed by the squares of a grid they pass through, in two flat arrays.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from django.utils.translation import gettext as _

from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.interpolation import XY, length, nearest_on, point_at
from lamppost.places.geocoding.matches import Match, MatchKind
from lamppost.places.geocoding.placing import LEFT, RIGHT, number_at, place_number
from lamppost.places.geocoding.search import address_match, corner_match

_CELL_M = 120.0
_AT_CORNER_M = 14.0
# Beyond this an address is only "near"; beyond the farthest nothing is.
_AT_M, _FARTHEST_M = 45.0, 400.0
# So near to the middle of a street one stands on it.
_ON_STREET_M = 6.0
_KEY = 1 << 20
_OUTER_RINGS = math.ceil(_FARTHEST_M / _CELL_M)


class Nearest:
    """Looks up what is near a point of an index."""

    def __init__(self, index: StreetIndex) -> None:
        """File the segments; about 100,000 entries for a city of 40,000 segments."""
        self._index = index
        filed = sorted(
            (key, segment)
            for segment in range(index.segment_count)
            for key in _cells(index.line(segment))
        )
        self._keys = array("q", (key for key, _segment in filed))
        self._segments = array("I", (segment for _key, segment in filed))

    def at(self, place: tuple[float, float]) -> Match | None:
        """Return what is at WGS 84 ``(long, lat)``, or None when nothing is within 400 m."""
        if not self._keys:
            return None
        flat = self._index.flat_point(place)
        found = self._nearest_segment(flat)
        if found is None:
            return None
        distance, segment, share, is_left = found
        corner = self._corner(segment, flat)
        if corner is not None:
            return corner
        side = LEFT if is_left else RIGHT
        match = self._address(segment, share, side) or self._street(segment, share)
        away = math.dist(self._index.flat_point(match.point), flat)
        # The setback of a house is no distance: whoever stands before it is there.
        away = min(away, distance) if match.kind != MatchKind.ADDRESS else away
        if away > _AT_M:
            match = replace(match, label=_("near %(place)s") % {"place": match.label})
        score = round(max(0.0, 1 - away / _FARTHEST_M), 3)
        return replace(match, distance_m=round(away, 1), score=score)

    def _nearest_segment(self, flat: XY) -> tuple[float, int, float, bool] | None:
        """Return (distance, segment, share, whether to its left) of the likeliest segment.

        Houses stand back from their street, and an alley may pass behind them: off the
        roadway the street is meant from which the point is as far as houses are.
        """
        best: tuple[float, float, int, float, bool] | None = None
        for ring in range(_OUTER_RINGS + 1):
            if best is not None and best[0] <= (ring - 1) * _CELL_M:
                break
            for segment in self._ring(flat, ring):
                distance, share, is_left = nearest_on(self._index.line(segment), flat)
                one = (self._unlikely(distance), distance, segment, share, is_left)
                if distance <= _FARTHEST_M and (best is None or one < best):
                    best = one
        return best[1:] if best is not None else None

    def _unlikely(self, distance: float) -> float:
        if distance < _ON_STREET_M:
            return distance
        return _ON_STREET_M + abs(distance - self._index.grammar.setback_m)

    def _ring(self, flat: XY, ring: int) -> Iterator[int]:
        column, row = int(flat[0] // _CELL_M), int(flat[1] // _CELL_M)
        for dx in range(-ring, ring + 1):
            for dy in range(-ring, ring + 1):
                if max(abs(dx), abs(dy)) == ring:
                    yield from self._filed((column + dx) * _KEY + row + dy)

    def _filed(self, key: int) -> Iterator[int]:
        at = bisect_left(self._keys, key)
        while at < len(self._keys) and self._keys[at] == key:
            yield self._segments[at]
            at += 1

    def _corner(self, segment: int, flat: XY) -> Match | None:
        street = self._index.street_of(segment)
        corners = [
            (math.dist(place, flat), far, place) for far, place in self._index.crossings_of(street)
        ]
        if not corners:
            return None
        away, far, place = min(corners)
        if away > _AT_CORNER_M:
            return None
        match = corner_match(self._index, street, far, place, 1.0)
        return replace(match, distance_m=round(away, 1))

    def _address(self, segment: int, share: float, side: int) -> Match | None:
        street = self._index.street_of(segment)
        line = self._index.line(segment)
        for wanted in (side, RIGHT if side == LEFT else LEFT):
            number = number_at(self._index, segment, line, share, wanted)
            if number is None:
                continue
            placed = place_number(self._index, street, *number)
            if placed is not None:
                return address_match(self._index, street, placed, 1.0)
        return None

    def _street(self, segment: int, share: float) -> Match:
        line = self._index.line(segment)
        name = self._index.shown[self._index.street_of(segment)]
        return Match(
            point=self._index.point(point_at(line, share)),
            label=name,
            kind=MatchKind.STREET,
            score=1.0,
            precision_m=round(length(line)),
            street=name,
        )


def _cells(line: list[XY]) -> set[int]:
    found: set[int] = set()
    for start, end in pairwise(line):
        steps = max(1, math.ceil(math.dist(start, end) / (_CELL_M / 2)))
        for step in range(steps + 1):
            x = start[0] + (end[0] - start[0]) * step / steps
            y = start[1] + (end[1] - start[1]) * step / steps
            found.add(int(x // _CELL_M) * _KEY + int(y // _CELL_M))
    return found
