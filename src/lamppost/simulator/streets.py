"""The invented streets of a demo as an address index: what its cases say can be looked up.

A real city brings its own files (`lamppost import streets`); a demo has none, and none are
shipped. So the straight lines its simulated requests lie along are given as streets.
"""

from __future__ import annotations

from collections.abc import Iterator

from lamppost.database.fields import Point
from lamppost.places.geocoding.rows import MICRO, CrossingRow, SegmentRow
from lamppost.places.geocoding.services import replace_intersections, replace_streets
from lamppost.places.models import StreetSegment
from lamppost.simulator.ground import HOUSES_PER_BLOCK, District, Ground

SOURCE = "demo"


def lay_streets(ground: Ground) -> None:
    """Give the city in scope the streets and corners of ``ground``, unless it has streets."""
    if StreetSegment.objects.exists():
        return
    districts = ground.districts
    replace_streets(rows=(row for one in districts for row in _blocks(one)), source=SOURCE)
    replace_intersections(rows=(row for one in districts for row in _corners(one)), source=SOURCE)


def _blocks(district: District) -> Iterator[SegmentRow]:
    for block in range(district.blocks):
        start, end = block / district.blocks, (block + 1) / district.blocks
        first = (district.first_block + block) * HOUSES_PER_BLOCK
        for name in district.along:
            north = district.north_of(name)
            yield _block(name, first, district.point(start, north), district.point(end, north))
        for name in district.across:
            east = district.east_of(name)
            yield _block(name, first, district.point(east, start), district.point(east, end))


def _block(name: str, first: int, start: Point, end: Point) -> SegmentRow:
    last = first + HOUSES_PER_BLOCK - 1
    return SegmentRow(name, first + 1, last, first, last - 1, [*_micro(start), *_micro(end)])


def _corners(district: District) -> Iterator[CrossingRow]:
    for one in district.along:
        for other in district.across:
            place = district.point(district.east_of(other), district.north_of(one))
            yield CrossingRow(one, other, *_micro(place))


def _micro(point: Point) -> tuple[int, int]:
    return round(point.long * MICRO), round(point.lat * MICRO)
