"""Boundaries as cities publish them: GeoJSON read, checked and repaired. Pure over shapely.

Every finding names the feature and, in a file laid out over lines, its line. What can be
mended without guessing (an open ring, a loop) is mended and reported; the rest is refused,
all errors at once.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import shapely
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Invalid, Problem
from lamppost.places.lines import feature_lines

MAX_BYTES = 100_000_000
MAX_FEATURES = 20_000
MAX_VERTICES = 3_000_000
_MAX_FINDINGS = 50
# About one centimeter: closer than anybody surveys, and half the bytes of 15 digits.
_DECIMALS = 7

# Names of longitude and latitude in degrees, as files spell them. NAD 83 and ETRS 89 differ
# from WGS 84 by a meter or two, less than any boundary is worth.
_DEGREES = ("CRS84", "4326", "4269", "4258", "4979")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about a file: of which feature (from 1) and line, where known."""

    message: str
    feature: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = "" if self.feature is None else _("feature %(n)s: ") % {"n": self.feature}
        return f"{where}{self.message}"


class BadBoundaries(Invalid):
    """The file cannot be used; ``findings`` says why, feature by feature."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(
            [
                Problem(
                    field="" if finding.feature is None else f"features[{finding.feature}]",
                    message=str(finding)
                    if finding.line is None
                    else _("line %(line)s: %(what)s") % {"line": finding.line, "what": finding},
                )
                for finding in findings
            ]
        )


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its number in the file (from 1), what is said of it, and its boundary.

    ``boundary`` is a valid GeoJSON Polygon or MultiPolygon in WGS 84 degrees, outer rings
    counterclockwise (RFC 7946, section 3.1.6).
    """

    number: int
    properties: Mapping[str, Any]
    boundary: Mapping[str, Any]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What a file holds, and what was mended to read it."""

    features: tuple[Feature, ...]
    mended: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Work:
    """What is found while a file is read."""

    errors: list[Finding] = field(default_factory=list)
    mended: list[Finding] = field(default_factory=list)
    vertices: int = 0


class _Flaw(Exception):
    """This feature cannot be used, and why."""


def parse_boundaries(data: bytes, *, max_bytes: int = MAX_BYTES) -> Boundaries:
    """Return the polygons of a GeoJSON file (FeatureCollection, Feature or bare geometry).

    ``data`` may be compressed with gzip; unpacked it has at most ``max_bytes``. Raises
    ``BadBoundaries`` with every error: not JSON, no features, another kind of geometry,
    coordinates that are no degrees, shapes that cannot be mended, too large.
    """
    text = _text(_unpacked(data, max_bytes))
    features = _features(_document(text))
    work = _Work()
    read: list[Feature] = []
    for number, feature in enumerate(features, start=1):
        try:
            properties, boundary = _feature(feature, number, work)
            read.append(Feature(number=number, properties=properties, boundary=boundary))
        except _Flaw as flaw:
            work.errors.append(Finding(str(flaw), feature=number))
        if len(work.errors) >= _MAX_FINDINGS:
            break
    lines = feature_lines(text)
    if work.errors:
        raise BadBoundaries(list(_on_lines(work.errors, lines)))
    return Boundaries(
        features=tuple(
            Feature(one.number, one.properties, one.boundary, lines.get(one.number)) for one in read
        ),
        mended=tuple(_on_lines(work.mended, lines)),
    )


def _on_lines(findings: list[Finding], lines: Mapping[int, int]) -> Iterator[Finding]:
    for finding in findings:
        line = None if finding.feature is None else lines.get(finding.feature)
        yield Finding(finding.message, finding.feature, line)


def _refuse(message: str, *, line: int | None = None) -> BadBoundaries:
    return BadBoundaries([Finding(message, line=line)])


def _unpacked(data: bytes, max_bytes: int) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=BytesIO(data)) as file:
                data = file.read(max_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise _refuse(_("The file is not sound gzip: %(why)s") % {"why": error}) from error
    if len(data) > max_bytes:
        raise _refuse(
            _("The file has more than %(limit)s MB. Split it, or simplify its shapes.")
            % {"limit": max_bytes // 1_000_000}
        )
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refuse(_("The file is not UTF-8 text. Save it as UTF-8."), line=line) from error


def _no_constant(name: str) -> float:
    raise ValueError(_("%(name)s is not a number in JSON") % {"name": name})


def _document(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _refuse(
            _("Not JSON at column %(column)s: %(why)s") % {"column": error.colno, "why": error.msg},
            line=error.lineno,
        ) from error
    except (ValueError, RecursionError) as error:
        raise _refuse(_("Not usable JSON: %(why)s") % {"why": error}) from error


def _features(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if not isinstance(kind, str):
        raise _refuse(_("Not GeoJSON: an object with a “type” is expected."))
    _check_crs(document.get("crs"))
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise _refuse(_("The file has no features."))
        if len(features) > MAX_FEATURES:
            raise _refuse(_("The file has more than %(limit)s features.") % {"limit": MAX_FEATURES})
        return features
    if kind == "Feature":
        return [document]
    return [{"type": "Feature", "properties": {}, "geometry": document}]


def _check_crs(crs: Any) -> None:
    """Refuse a file that names a projection; GeoJSON of 2008 could, RFC 7946 cannot."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and not name.upper().endswith(_DEGREES):
        raise _refuse(
            _(
                "The file says its coordinates are %(name)s. "
                "Export it again in WGS 84 degrees (EPSG:4326)."
            )
            % {"name": name[:100]}
        )


def _feature(feature: Any, number: int, work: _Work) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Flaw(_("is not a GeoJSON Feature"))
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise _Flaw(_("“properties” is not an object"))
    geometry = feature.get("geometry")
    if geometry is None:
        raise _Flaw(_("has no geometry; draw it, or take the feature out"))
    properties = dict(properties or {})
    if "id" in feature and "id" not in properties:
        properties["id"] = feature["id"]
    polygons = _polygons(geometry)
    rings = [[_ring(ring, number, work) for ring in polygon] for polygon in polygons]
    if work.vertices > MAX_VERTICES:
        raise _refuse(
            _("The file has more than %(limit)s corners. Simplify its shapes.")
            % {"limit": MAX_VERTICES}
        )
    return properties, _shape(rings, number, work)


def _polygons(geometry: Any) -> list[Any]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _Flaw(
            _("has a geometry of type %(kind)s; an area is a Polygon or MultiPolygon")
            % {"kind": str(kind)[:40]}
        )
    if not isinstance(coordinates, list) or not coordinates:
        raise _Flaw(_("has no coordinates"))
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if any(not isinstance(rings, list) or not rings for rings in polygons):
        raise _Flaw(_("has a polygon without rings"))
    return polygons


def _ring(ring: Any, number: int, work: _Work) -> list[tuple[float, float]]:
    if not isinstance(ring, list):
        raise _Flaw(_("has a ring that is not a list of positions"))
    work.vertices += len(ring)
    places = [_position(position) for position in ring]
    if places and places[0] != places[-1]:
        places.append(places[0])
        work.mended.append(Finding(_("a ring was not closed; closed it"), feature=number))
    if len(places) < 4:
        raise _Flaw(_("has a ring of fewer than three corners"))
    return places


def _position(position: Any) -> tuple[float, float]:
    # A third number is a height; areas have none.
    if not isinstance(position, list) or len(position) < 2:
        raise _Flaw(_("has a position that is not [longitude, latitude]"))
    long, lat = position[:2]
    if type(long) not in (int, float) or type(lat) not in (int, float):
        raise _Flaw(_("has a position that is not made of numbers"))
    if -180 <= long <= 180 and -90 <= lat <= 90:
        return round(long, _DECIMALS), round(lat, _DECIMALS)
    where = {"long": str(long)[:20], "lat": str(lat)[:20]}
    if -90 <= long <= 90 and 90 < abs(lat) <= 180:
        raise _Flaw(
            _(
                "has a position at %(long)s, %(lat)s: latitude and longitude seem to be "
                "swapped; GeoJSON has the longitude first"
            )
            % where
        )
    raise _Flaw(
        _(
            "has a position at %(long)s, %(lat)s, which looks like a projected CRS; "
            "export it again in WGS 84 degrees (EPSG:4326)"
        )
        % where
    )


def _shape(
    polygons: list[list[list[tuple[float, float]]]], number: int, work: _Work
) -> dict[str, Any]:
    drawn = shapely.MultiPolygon([(rings[0], rings[1:]) for rings in polygons])
    shape = drawn
    if not shapely.is_valid(drawn):
        why = shapely.is_valid_reason(drawn)
        shape = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
        work.mended.append(Finding(_("was mended: %(why)s") % {"why": why}, feature=number))
    if shapely.is_empty(shape) or math.isclose(shapely.area(shape), 0, abs_tol=1e-14):
        raise _Flaw(_("has no area"))
    parts = shapely.get_parts(shape)
    if len(parts) == 1:
        shape = parts[0]
    result: dict[str, Any] = json.loads(shapely.to_geojson(shapely.orient_polygons(shape)))
    return result
