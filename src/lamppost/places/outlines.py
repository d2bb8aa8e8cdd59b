"""Outlines of the public areas, light enough for a map: simplified once, told in any language."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import shapely
from django.db.models import Q

from lamppost.cities.cache import CityCache
from lamppost.cities.models import City
from lamppost.kernel.text import in_language
from lamppost.places.models import Area, AreaKind

# What a phone loads and draws at once: about 400 kB of text, 150 kB on the wire.
MAX_CORNERS = 20_000
_MAX_KINDS = 12
# In degrees: a bend of about three meters is never missed; it doubles until a kind fits.
_FINEST = 3e-5
_DOUBLINGS = 12
# A hundred-thousandth of a degree is about one meter.
_DECIMALS = 5
# Raised when the document is written differently.
_FORM = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outline:
    """One area with a simplified boundary as GeoJSON.

    ``rank`` is 0 for the city limits, 1 for the first other kind in the city's order, and so on.
    """

    area_id: int
    code: str
    name: Mapping[str, str]
    kind_code: str
    kind_name: Mapping[str, str]
    rank: int
    is_approximate: bool
    geometry: Mapping[str, Any]


@dataclass(slots=True)
class _Told:
    """The outlines of a city and what was already written of them, by language."""

    outlines: tuple[Outline, ...]
    documents: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def outlines_document(city: City, *, language: str) -> bytes:
    """Return the outlines of ``city`` (in scope) as a gzipped GeoJSON FeatureCollection.

    City limits and every public kind in its order, names in ``language``; bounded in size by
    ``MAX_CORNERS``. Two queries when the areas have changed, none otherwise.
    """
    told = _outlines.get(city)
    with told.lock:
        if language not in told.documents:
            told.documents[language] = _written(told.outlines, language)
        return told.documents[language]


def outlines_stamp(areas_changed_at: datetime) -> str:
    """Return a short text that changes when the areas, or how they are told, change."""
    return f"{_FORM}-{(areas_changed_at - _EPOCH) // timedelta(microseconds=1):x}"


def simplified(
    boundaries: Sequence[Mapping[str, Any]], *, max_corners: int
) -> list[dict[str, Any]] | None:
    """Return GeoJSON polygons of at most ``max_corners`` corners together, None if they cannot.

    Neighbors keep one common border (coverage simplification of GEOS after Visvalingam and
    Whyatt, "Line generalisation by repeated elimination of points", 1993). Pure.
    """
    shapes = shapely.from_geojson([json.dumps(one) for one in boundaries])
    tolerance = _FINEST
    for _again in range(_DOUBLINGS):
        lighter = shapely.coverage_simplify(shapes, tolerance)
        if int(shapely.get_num_coordinates(lighter).sum()) <= max_corners:
            return [_rounded(shapely.geometry.mapping(shape)) for shape in lighter]
        tolerance *= 2
    return None


def _load(city: City) -> _Told:  # noqa: ARG001 - the city is the scope
    kinds = list(
        AreaKind.objects.filter(Q(is_public=True) | Q(is_limits=True)).order_by(
            "-is_limits", "order", "code"
        )[:_MAX_KINDS]
    )
    rows = (
        Area.objects.filter(kind__in=kinds, boundary__isnull=False)
        .order_by("kind_id", "code")
        .iterator(chunk_size=500)
    )
    share = MAX_CORNERS // max(1, len(kinds))
    divisions = [kind.pk for kind in kinds if not kind.is_limits]
    ranks = {kind_id: rank for rank, kind_id in enumerate(divisions, start=1)}
    by_id = {kind.pk: kind for kind in kinds}
    found: list[Outline] = []
    for kind_id, areas in groupby(rows, key=lambda area: area.kind_id):
        found += _outlines_of(by_id[kind_id], ranks.get(kind_id, 0), list(areas), share)
    return _Told(tuple(sorted(found, key=lambda one: one.rank)))


def _outlines_of(kind: AreaKind, rank: int, areas: list[Area], share: int) -> list[Outline]:
    shapes = simplified([area.boundary or {} for area in areas], max_corners=share)
    return [
        Outline(
            area_id=area.pk,
            code=area.code,
            name=area.name,
            kind_code=kind.code,
            kind_name=kind.name,
            rank=rank,
            is_approximate=area.is_approximate,
            geometry=shape,
        )
        for area, shape in zip(areas, shapes or (), strict=False)
    ]


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"])}


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    return [_round(part) for part in value]


def _written(outlines: tuple[Outline, ...], language: str) -> bytes:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one.area_id,
                "properties": {
                    "code": one.code,
                    "name": in_language(one.name, language),
                    "kind": one.kind_code,
                    "kind_name": in_language(one.kind_name, language),
                    "rank": one.rank,
                    "approximate": one.is_approximate,
                },
                "geometry": one.geometry,
            }
            for one in outlines
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


_outlines: CityCache[_Told] = CityCache(_load, lambda city: city.areas_changed_at)
