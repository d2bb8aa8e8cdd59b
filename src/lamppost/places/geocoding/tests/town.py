"""An invented town of 21 streets on a grid, for tests.

Numbered streets run north, ten of them, 120 m apart; named streets run east, 100 m apart.
Center Avenue divides North from South. Odd numbers are on the left of a line as it is drawn.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from lamppost.kernel.geo import meters_per_degree
from lamppost.places.geocoding.grammar import Grammar, grammar_of
from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.rows import MICRO, AliasRow, KnownRow, LandmarkRow, SegmentRow
from lamppost.places.tests.files import as_file, collection, feature

ORIGIN = (-75.0, 40.0)
EAST_M, NORTH_M = 120.0, 100.0
NUMBERED = ("1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH", "10TH")
NAMED = (
    "BIRCH ST", "VAN HORN ST", "SAINT ALBANS ST", "MCKINLEY DR", "CENTER AVE", "ASPEN ST",
    "ROCK AND ROLL BLVD", "OLD MILL RD", "MARTIN LUTHER KING JR DR", "WISTERIA LN",
)  # fmt: skip
CENTER = NAMED.index("CENTER AVE")
_MX, _MY = meters_per_degree(ORIGIN[1])
COLUMNS = ("street", "lf", "lt", "rf", "rt")


def place(x: float, y: float) -> tuple[float, float]:
    """The point ``x`` meters east and ``y`` meters north of where 1st Street meets Birch."""
    return ORIGIN[0] + x / _MX, ORIGIN[1] + y / _MY


def micro(x: float, y: float) -> tuple[int, int]:
    long, lat = place(x, y)
    return round(long * MICRO), round(lat * MICRO)


def corner(column: int, row: int) -> tuple[float, float]:
    """The crossing of the numbered street ``column`` and the named street ``row``, from 0."""
    return place(column * EAST_M, row * NORTH_M)


def segments() -> list[SegmentRow]:
    """Every block of the town."""
    rows: list[SegmentRow] = []
    for row, name in enumerate(NAMED):
        for column in range(len(NUMBERED) - 1):
            hundred = (column + 1) * 100
            start, end = _at(column, row), _at(column + 1, row)
            rows.append(_segment(name, hundred, [*start, *end]))
    for column, name in enumerate(NUMBERED):
        for row in range(len(NAMED) - 1):
            if row >= CENTER:
                line, side = [*_at(column, row), *_at(column, row + 1)], "N"
                hundred = (row - CENTER + 1) * 100
            else:
                line, side = [*_at(column, row + 1), *_at(column, row)], "S"
                hundred = (CENTER - row) * 100
            rows.append(_segment(f"{side} {name} ST", hundred, line))
    return [*rows, _bent()]


def _at(column: int, row: int) -> tuple[int, int]:
    return micro(column * EAST_M, row * NORTH_M)


def _segment(name: str, hundred: int, line: list[int]) -> SegmentRow:
    return SegmentRow(name, hundred + 1, hundred + 99, hundred, hundred + 98, line)


def _bent() -> SegmentRow:
    """A court that turns a corner, outside the grid, with real numbers on one side only."""
    bends = (micro(1500, 0), micro(1600, 0), micro(1600, 300))
    return SegmentRow("FERN CT", 0, 0, 2, 40, [number for bend in bends for number in bend])


LANDMARKS = (
    LandmarkRow("City Hall", "100 Center Ave", *micro(60, 400)),
    LandmarkRow("Starling Library", "501 Aspen St", *micro(540, 510)),
    LandmarkRow("Library of the Friends", "", *micro(200, 900)),
)
ALIASES = (
    AliasRow("WYSTERIA", "WISTERIA"),
    AliasRow("RIVER DR", "CENTER AVE", 500, 998),
)


def town(
    *,
    known: Sequence[KnownRow] = (),
    grammar: Grammar | None = None,
    aliases: Sequence[AliasRow] = ALIASES,
) -> StreetIndex:
    """The index of the town, with the addresses ``known``."""
    return StreetIndex(
        grammar or grammar_of("US"),
        segments=segments(),
        known=known,
        landmarks=LANDMARKS,
        aliases=aliases,
    )


def street_file(shift: float = 0.0, rows: Sequence[SegmentRow] | None = None) -> bytes:
    """The town's streets as GeoJSON, ``shift`` degrees farther east."""
    features: list[Any] = []
    for row in segments() if rows is None else rows:
        line = [
            [long / MICRO + shift, lat / MICRO]
            for long, lat in zip(row.line[0::2], row.line[1::2], strict=True)
        ]
        numbers = dict(zip(COLUMNS, row[:5], strict=True))
        features.append(feature({"type": "LineString", "coordinates": line}, **numbers))
    return as_file(collection(*features))


def as_csv(*rows: Sequence[object]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
