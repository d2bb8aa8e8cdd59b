"""Where the ground of a city's maps stands: one file a city, put in place whole or not at all."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from lamppost.kernel.refusals import Invalid

# A file name is made of it; the database would take any text.
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,63}")
_TILES, _STREETS = ".pmtiles", ".streets.geojson.gz"


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file that is there: its size in bytes, and a stamp that changes whenever it does."""

    path: Path
    size: int
    stamp: str


def maps_folder() -> Path:
    """Return the folder of every city's ground, which need not exist yet."""
    return Path(settings.HOME) / "maps"


def tiles_path(slug: str) -> Path:
    """Return where the tiles of the city ``slug`` stand. Raises ``Invalid`` for no slug."""
    return _path(slug, _TILES)


def streets_path(slug: str) -> Path:
    """Return where its streets stand when there are no tiles. Raises ``Invalid`` for no slug."""
    return _path(slug, _STREETS)


def tiles_file(slug: str) -> MapFile | None:
    """Return the city's PMTiles, or None while there are none."""
    return _there(slug, _TILES)


def streets_file(slug: str) -> MapFile | None:
    """Return the city's streets (gzipped GeoJSON), or None: there are none, or tiles instead."""
    return _there(slug, _STREETS)


def opened(found: MapFile) -> tuple[BinaryIO, MapFile] | None:
    """Return the file open for reading and what it is *now*; None when it has gone since.

    It may have been replaced after ``found`` was looked at; size and stamp returned are those
    of the bytes that will be read.
    """
    try:
        file = found.path.open("rb")
    except OSError:
        return None
    return file, _map_file(found.path, os.fstat(file.fileno()))


def put_in_place(draft: Path, place: Path) -> None:
    """Make ``draft`` (same file system) the file at ``place``; readers see the old or the new."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.chmod(0o644)
    draft.replace(place)


def _path(slug: str, ending: str) -> Path:
    if not _SLUG.fullmatch(slug):
        raise Invalid(f"{slug!r} cannot be the name of a map: letters, digits, - and _ only")
    return maps_folder() / f"{slug}{ending}"


def _there(slug: str, ending: str) -> MapFile | None:
    try:
        path = _path(slug, ending)
        return _map_file(path, path.stat())
    except (Invalid, OSError):
        return None


def _map_file(path: Path, state: os.stat_result) -> MapFile:
    return MapFile(path, state.st_size, f"{state.st_mtime_ns:x}-{state.st_size:x}")
