"""From the features of a file to the areas of a city: which property is the code. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.utils.translation import gettext as _

from lamppost.kernel.text import clean_line
from lamppost.places.boundaries import BadBoundaries, Boundaries, Feature, Finding

_MAX_CODE = 100
_MAX_NAME = 200
# What geographic programs add on their own; unique, but another number in the next file.
_MACHINE_FIELDS = ("objectid", "fid", "globalid", "gid", "ogc_fid", "cartodb_id", "shape_", "id")


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One area to be: its code, its name by language, its boundary (None: not drawn yet).

    ``source`` and ``is_approximate`` are None where the whole file's hold.
    """

    code: str
    name: Mapping[str, str] = field(default_factory=dict)
    boundary: Mapping[str, Any] | None = None
    source: str | None = None
    is_approximate: bool | None = None


def area_shapes(
    boundaries: Boundaries,
    *,
    code_field: str,
    name_field: str = "",
    language: str = "en",
    join: bool = False,
) -> tuple[AreaShape, ...]:
    """Return the features as areas, coded by one property and named by another.

    Without ``name_field`` the code is the name. With ``join`` features of the same code
    become one area of several parts; otherwise a repeated code is an error. Raises
    ``BadBoundaries`` with every feature whose code is missing, too long or repeated.
    """
    errors: list[Finding] = []
    found: dict[str, AreaShape] = {}
    first: dict[str, Feature] = {}
    for feature in boundaries.features:
        code = _plain(feature.properties.get(code_field))
        problem = _code_problem(code, code_field)
        if not problem and code in found and not join:
            problem = _(
                "has the code %(code)s, which feature %(first)s has too; choose another code "
                "field, or join them if they are parts of one area"
            ) % {"code": code, "first": first[code].number}
        if problem:
            errors.append(Finding(problem, feature.number, feature.line))
            continue
        name = _plain(feature.properties.get(name_field))[:_MAX_NAME] if name_field else ""
        boundary = feature.boundary
        if code in found:
            boundary = _joined(found[code].boundary, boundary)
            name = found[code].name[language]
        found[code] = AreaShape(code=code, name={language: name or code}, boundary=boundary)
        first.setdefault(code, feature)
    if errors:
        raise BadBoundaries(errors)
    return tuple(found.values())


def fields_of(boundaries: Boundaries) -> tuple[str, ...]:
    """Return the names of every property, in the order the file has them."""
    return tuple(dict.fromkeys(key for one in boundaries.features for key in one.properties))


def suggested_code_field(boundaries: Boundaries) -> str | None:
    """Return the property that looks most like a code: in every feature, unique and short."""
    best: tuple[tuple[bool, int, int], str] | None = None
    for place, name in enumerate(fields_of(boundaries)):
        codes = [_plain(one.properties.get(name)) for one in boundaries.features]
        if len(set(codes)) < len(codes) or any(_code_problem(code, name) for code in codes):
            continue
        if any(isinstance(one.properties[name], float) for one in boundaries.features):
            continue  # an area, a length or a score
        rank = (name.lower().startswith(_MACHINE_FIELDS), max(map(len, codes)), place)
        if best is None or (rank, name) < best:
            best = (rank, name)
    return best[1] if best else None


def _plain(value: Any) -> str:
    """Return a property as one clean line; what is no text or number is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # "12.0" is how a spreadsheet spells district 12
    return clean_line(str(value))


def _code_problem(code: str, code_field: str) -> str:
    if not code:
        return _("has no “%(field)s” to be its code") % {"field": code_field}
    if len(code) > _MAX_CODE:
        return _("has a code of more than %(limit)s characters") % {"limit": _MAX_CODE}
    return ""


def _joined(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> Mapping[str, Any]:
    shapes = shapely.from_geojson([json.dumps(part) for part in (one, other) if part])
    union = shapely.orient_polygons(shapely.union_all(shapes))
    result: dict[str, Any] = json.loads(shapely.to_geojson(union))
    return result
