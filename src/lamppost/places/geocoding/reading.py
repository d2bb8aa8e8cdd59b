"""From the rows of a file to streets, corners, addresses, landmarks and aliases. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from lamppost.places.geocoding.files import FileRow
from lamppost.places.geocoding.grammar import Grammar
from lamppost.places.geocoding.parser import ADDRESS, house_number, parse
from lamppost.places.geocoding.rows import (
    MICRO,
    AliasRow,
    CrossingRow,
    KnownRow,
    LandmarkRow,
    SegmentRow,
)
from lamppost.places.geocoding.words import split_words

_LONGEST_NAME = 120
_LONGEST_LANDMARK = 200


class BadRow(Exception):
    """One row cannot be taken; the text says why. The rest can."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold what; empty where there is none."""

    name: str = ""
    written: str = ""
    address: str = ""
    number: str = ""
    street: str = ""
    zipcode: str = ""
    ranges: tuple[str, ...] = ()
    zips: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()

    def named(self) -> list[str]:
        """Return every column named, once."""
        single = (self.name, self.written, self.address, self.number, self.street, self.zipcode)
        joined = "+".join((*single, *self.ranges, *self.zips, *self.streets))
        return [name for name in dict.fromkeys(joined.split("+")) if name]


def segment(row: FileRow, columns: Columns) -> SegmentRow:
    """Return a row as a block of a street; raises ``BadRow``."""
    name = _name(row, columns.name)
    line = _line(row.geometry)
    left_from, left_to, right_from, right_to = [row.whole(column) for column in columns.ranges] or [
        0,
        0,
        0,
        0,
    ]
    left, right = [row.text(column)[:12] for column in columns.zips] or ["", ""]
    return SegmentRow(name, left_from, left_to, right_from, right_to, line, left, right)


def crossing(row: FileRow, columns: Columns) -> CrossingRow:
    """Return a row as the corner of two streets; raises ``BadRow``."""
    one, other = (_name(row, column) for column in columns.streets)
    return CrossingRow(one, other, *_place(row))


def landmark(row: FileRow, columns: Columns) -> tuple[LandmarkRow, bool]:
    """Return a row as a landmark, and whether it says where it is; raises ``BadRow``."""
    name = _name(row, columns.name, _LONGEST_LANDMARK)
    address = row.text(columns.address)[:_LONGEST_LANDMARK] if columns.address else ""
    if row.geometry is None:
        if not address:
            raise BadRow(_("has neither a place nor an address"))
        return LandmarkRow(name, address, 0, 0), False
    return LandmarkRow(name, address, *_place(row)), True


def alias(row: FileRow, columns: Columns) -> AliasRow:
    """Return a row as another way to write a street's name; raises ``BadRow``."""
    numbers = [number for column in columns.ranges if (number := row.whole(column))]
    low, high = (min(numbers), max(numbers)) if numbers else (None, None)
    return AliasRow(_name(row, columns.written), _name(row, columns.name), low, high)


def known(row: FileRow, columns: Columns, grammar: Grammar) -> KnownRow:
    """Return a row as an address that exists; raises ``BadRow``.

    The street is as written, without number, unit and postcode.
    """
    place = _place(row) if row.geometry is not None else None
    zipcode = row.text(columns.zipcode)[:12] if columns.zipcode else ""
    if columns.number:
        words = split_words(row.text(columns.number))
        number = house_number("".join(words), grammar) if words else None
        street = _name(row, columns.street)
    else:
        number, street = _number_and_street(row.text(columns.address), grammar)
    if number is None or not number[0]:
        raise BadRow(_("has no house number"))
    return KnownRow(street[:_LONGEST_NAME], number[0], number[1], zipcode, place)


def _number_and_street(text: str, grammar: Grammar) -> tuple[tuple[int, str] | None, str]:
    for reading in parse(text, grammar).readings:
        if reading.kind == ADDRESS:
            return (reading.number, reading.suffix), " ".join(reading.street).upper()
    return None, ""


def _name(row: FileRow, column: str, longest: int = _LONGEST_NAME) -> str:
    name = row.text(column)
    if not name:
        raise BadRow(_("has no “%(column)s”") % {"column": column})
    if len(name) > longest:
        raise BadRow(_("has a name of more than %(limit)s characters") % {"limit": longest})
    return name


def _place(row: FileRow) -> tuple[int, int]:
    geometry = row.geometry or {}
    if geometry.get("type") == "Point":
        return _corner(geometry.get("coordinates"))
    corners = _flattened(geometry.get("coordinates"))
    if not corners:
        raise BadRow(_("has no place"))
    xs, ys = zip(*(_corner(corner) for corner in corners), strict=True)
    return (min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2


def _line(geometry: Mapping[str, Any] | None) -> list[int]:
    kind = (geometry or {}).get("type")
    coordinates = (geometry or {}).get("coordinates")
    if kind == "MultiLineString" and isinstance(coordinates, list) and coordinates:
        # A block drawn in pieces: its longest piece is where its houses are.
        coordinates = max(coordinates, key=_reach)
    elif kind != "LineString":
        raise BadRow(_("has no line"))
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise BadRow(_("has a line of fewer than two points"))
    return [number for corner in coordinates for number in _corner(corner)]


def _reach(line: Any) -> float:
    corners = [_corner(corner) for corner in line] if isinstance(line, list) else []
    return sum(math.dist(*pair) for pair in pairwise(corners))


def _corner(value: Any) -> tuple[int, int]:
    try:
        long, lat = float(value[0]), float(value[1])
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise BadRow(_("has a place that is no pair of numbers")) from error
    if not (-180 <= long <= 180 and -90 <= lat <= 90) or (long == 0 and lat == 0):
        raise BadRow(_("has a place that is not on earth; coordinates are WGS 84 degrees"))
    return round(long * MICRO), round(lat * MICRO)


def _flattened(value: Any) -> list[Sequence[float]]:
    """Return the corners of a geometry of any depth."""
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], int | float):
        return [value]
    return [corner for part in value for corner in _flattened(part)]
