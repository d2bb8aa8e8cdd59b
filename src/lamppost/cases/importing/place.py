"""Places of a file, in degrees or in a projected system, as points in WGS 84."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from lamppost.database.fields import Point
from lamppost.kernel.geo import Box, check_place, parse_number, parse_place
from lamppost.kernel.refusals import Invalid

_DEGREES = frozenset({"", "EPSG:4326", "OGC:CRS84"})
_EARTH = Box(-180.0, -90.0, 180.0, 90.0)
_SYSTEM = re.compile(r"EPSG:\d{4,6}")
ReadPlace = Callable[[str, str], Point]


def place_reader(coordinates: str) -> ReadPlace:
    """Return a function from the texts of easting and northing to a point.

    ``coordinates`` is an EPSG code; empty and EPSG:4326 mean degrees of longitude and
    latitude. Other systems are computed by PROJ, an optional part of Lamppost. Raises
    ``Invalid`` for an unknown system or where PROJ is not installed; the function raises it
    for what is no place.
    """
    if coordinates in _DEGREES:
        return lambda long, lat: Point(*parse_place(long, lat))
    if not _SYSTEM.fullmatch(coordinates):
        raise Invalid(f"coordinates: {coordinates!r} is not an EPSG code such as EPSG:2056")
    transform, box = _transform(coordinates)

    def read(easting: str, northing: str) -> Point:
        east = parse_number(easting, field="long")
        north = parse_number(northing, field="lat")
        long, lat = transform(east, north)
        # Any two numbers give some place on earth: one elsewhere was not of this system.
        if not (box.west <= long <= box.east and box.south <= lat <= box.north):
            raise Invalid(f"not a place in {coordinates}")
        return Point(*check_place(long, lat))

    return read


def _transform(coordinates: str) -> tuple[Callable[[float, float], tuple[float, float]], Box]:
    try:
        pyproj: Any = importlib.import_module("pyproj")
    except ImportError as error:
        raise Invalid(
            f"coordinates: {coordinates} needs PROJ; install it with `pip install pyproj`"
        ) from error
    try:
        system = pyproj.CRS.from_user_input(coordinates)
        # Longitude or easting first, whatever the authority's own order of axes.
        made = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise Invalid(f"coordinates: PROJ knows no {coordinates}") from error
    area = system.area_of_use
    transform: Callable[[float, float], tuple[float, float]] = made.transform
    return transform, Box(area.west, area.south, area.east, area.north) if area else _EARTH
