"""From a city's files to what a map draws: streets with name and class, parks, water. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.utils.translation import gettext as _

from lamppost.kernel.text import clean_line
from lamppost.places.geocoding.files import BadFile, FileRow

# Ten million corners are the streets of the largest cities several times over.
MAX_CORNERS = 10_000_000
_MAX_NAME = 120
_DECIMALS = 6
_NAME_COLUMNS = (
    "name", "street", "street_name", "st_name", "stname", "streetname", "full_name", "fullname",
    "full_street_name", "stnam_full", "label",
)  # fmt: skip
# What OpenStreetMap ("highway") and the TIGER files of the US Census ("MTFCC") call main roads.
_KNOWN_MAJOR: Mapping[str, frozenset[str]] = {
    "highway": frozenset({"motorway", "trunk", "primary", "secondary"}),
    "mtfcc": frozenset({"s1100", "s1200"}),
    "class": frozenset({"major"}),
}
# Where a file does not say, the longest streets are taken for the main ones, up to this share
# of the length of all.
_MAJOR_SHARE = 0.2

Geometry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Major:
    """Which column tells main streets, and by which of its values (case aside)."""

    column: str
    values: frozenset[str]


@dataclass
class Reading:
    """What was read of one file, and which rows could not be used."""

    corners: int = 0
    taken: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Street:
    """All pieces of one street of one class, joined where they meet; GeoJSON geometry."""

    name: str
    is_major: bool
    geometry: Geometry


class NoColumn(Exception):
    """The file has not the column that was named, or none that could be guessed."""


def name_column(columns: Iterable[str], wanted: str) -> str:
    """Return the column of the streets' names: ``wanted``, or the usual one there is.

    Raises ``NoColumn`` naming the columns found.
    """
    found = list(columns)
    if wanted in found:
        return wanted
    by_small = {name.lower(): name for name in found}
    for name in () if wanted else _NAME_COLUMNS:
        if name in by_small:
            return by_small[name]
    words = {"wanted": wanted or "name", "found": ", ".join(found) or _("none")}
    raise NoColumn(_("No column %(wanted)s. Columns found: %(found)s.") % words)


def major_rule(columns: Iterable[str], wanted: str) -> Major | None:
    """Return the rule ``COLUMN=VALUE,VALUE`` spells, or the usual one, or None: by length.

    Raises ``NoColumn`` for a column that is not there or a rule without values.
    """
    found = list(columns)
    if wanted:
        column, _equals, text = wanted.partition("=")
        values = frozenset(clean_line(part).lower() for part in text.split(",") if part.strip())
        if column not in found or not values:
            words = {"wanted": wanted, "found": ", ".join(found) or _("none")}
            raise NoColumn(
                _("“%(wanted)s” is not COLUMN=VALUE,VALUE. Columns found: %(found)s.") % words
            )
        return Major(column, values)
    by_small = {name.lower(): name for name in found}
    for small, known in _KNOWN_MAJOR.items():
        if small in by_small:
            return Major(by_small[small], known)
    return None


def streets(
    rows: Iterable[FileRow], *, name: str, major: Major | None, reading: Reading
) -> list[Street]:
    """Return the streets of the rows, pieces of one name joined; adds to ``reading``.

    ``name`` is a column (``a+b`` joins several). Raises ``BadFile`` when there are too many
    corners to hold.
    """
    pieces: dict[tuple[str, bool], list[Any]] = defaultdict(list)
    for row, lines in _shapes(rows, _lines, reading):
        street = _readable(row.text(name)[:_MAX_NAME])
        is_major = major is not None and row.text(major.column).lower() in major.values
        pieces[street, is_major].extend(shapely.linestrings(line) for line in lines)
    longest = _longest(pieces) if major is None else frozenset()
    return [
        Street(street, is_major or street in longest, _joined(lines))
        for (street, is_major), lines in pieces.items()
    ]


def surfaces(rows: Iterable[FileRow], *, reading: Reading) -> Iterator[Geometry]:
    """Yield the polygons of the rows (parks, water); adds to ``reading``."""
    for _row, polygons in _shapes(rows, _polygons, reading):
        yield {"type": "MultiPolygon", "coordinates": polygons}


def _shapes(
    rows: Iterable[FileRow], read: Callable[[Mapping[str, Any]], list[Any]], reading: Reading
) -> Iterator[tuple[FileRow, list[Any]]]:
    for row in rows:
        try:
            shape = read(row.geometry or {})
        except (TypeError, ValueError, IndexError, KeyError) as error:
            reading.rejected.append((row.number, str(error) or _("has no usable geometry")))
            continue
        reading.taken += 1
        reading.corners += _corners(shape)
        if reading.corners > MAX_CORNERS:
            raise BadFile(
                _("The file has more than %(limit)s corners. Simplify its shapes.")
                % {"limit": MAX_CORNERS}
            )
        yield row, shape


def _lines(geometry: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    kind, parts = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("LineString", "MultiLineString"):
        raise ValueError(_("is not a LineString"))
    found = [_run(part, 2) for part in ([parts] if kind == "LineString" else _list(parts))]
    if not found:
        raise ValueError(_("has no usable geometry"))
    return found


def _polygons(geometry: Mapping[str, Any]) -> list[list[list[tuple[float, float]]]]:
    kind, parts = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(_("is not a Polygon"))
    found = [
        [_run(ring, 4) for ring in _list(polygon)]
        for polygon in ([parts] if kind == "Polygon" else _list(parts))
    ]
    if not found or not all(found):
        raise ValueError(_("has no usable geometry"))
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(_("has no usable geometry"))
    return value


def _run(corners: Any, fewest: int) -> list[tuple[float, float]]:
    found = [_corner(corner) for corner in _list(corners)]
    if len(found) < fewest:
        raise ValueError(_("has too few corners"))
    return found


def _corner(corner: Any) -> tuple[float, float]:
    long, lat = float(corner[0]), float(corner[1])
    if not (math.isfinite(long) and -180 <= long <= 180 and -90 <= lat <= 90):
        raise ValueError(_("has a place that is not on earth; coordinates are WGS 84 degrees"))
    return round(long, _DECIMALS), round(lat, _DECIMALS)


def _corners(shape: Any) -> int:
    return 1 if isinstance(shape, tuple) else sum(_corners(part) for part in shape)


def _readable(name: str) -> str:
    """Return a name in capitals as people write it; any other as it is."""
    return " ".join(map(str.capitalize, name.split())) if name.isupper() else name


def _longest(pieces: Mapping[tuple[str, bool], Sequence[Any]]) -> frozenset[str]:
    lengths: Counter[str] = Counter()
    for (name, _is_major), lines in pieces.items():
        # Pieces without a name are many streets, not one.
        if name:
            lengths[name] += sum(line.length for line in lines)
    rest = sum(lengths.values()) * _MAJOR_SHARE
    found: set[str] = set()
    for name, length in lengths.most_common():
        rest -= length
        if rest < 0:
            break
        found.add(name)
    return frozenset(found)


def _joined(lines: Sequence[Any]) -> Geometry:
    shape = shapely.geometry.mapping(shapely.line_merge(shapely.multilinestrings(lines)))
    return {"type": shape["type"], "coordinates": shape["coordinates"]}
