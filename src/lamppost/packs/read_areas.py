"""Areas: kinds in ``areas.yaml``, boundaries in GeoJSON files as a city's GIS writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shapely.errors import GEOSException
from shapely.geometry import shape as shapely_shape
from shapely.validation import explain_validity

from lamppost.kernel.text import clean_line
from lamppost.packs.content import Area, AreaKind, Row, Texts
from lamppost.packs.findings import Findings, Mark, did_you_mean
from lamppost.packs.folder import PackFolder
from lamppost.packs.kinds import FLAG, Translated, code, line
from lamppost.packs.schema import Context, Key, Shape, read_row
from lamppost.packs.syntax import Node

MAX_FEATURES = 20_000


@dataclass(frozen=True, kw_only=True)
class KindRow(Row):
    """A kind of area as ``areas.yaml`` describes it."""

    code: str
    name: Texts
    is_public: bool
    is_limits: bool
    file: str
    code_from: str
    name_from: str
    source: str
    is_approximate: bool


AREA_KIND = Shape(
    "area kind",
    KindRow,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("public", FLAG, True, "is_public"),
        Key("limits", FLAG, False, "is_limits"),
        Key("file", line(), ""),
        Key("code_from", line(), "code"),
        Key("name_from", line(), "name"),
        Key("source", line(300), ""),
        Key("approximate", FLAG, False, "is_approximate"),
    ),
    is_ordered=True,
)


def read_area_kinds(
    nodes: list[Node], folder: PackFolder, context: Context
) -> tuple[AreaKind, ...]:
    """Return the area kinds with their areas; what is wrong is noted."""
    findings = context.gathered.findings
    kinds = []
    files: dict[str, Mark] = {}
    for node in nodes:
        row = read_row(AREA_KIND, node, context)
        if row is None:
            continue
        areas: tuple[Area, ...] = ()
        if row.file:
            files[row.file] = row.at
            if row.file not in folder.texts:
                findings.error(
                    row.at,
                    f'There is no file "{row.file}".',
                    did_you_mean(row.file, folder.under("areas")),
                )
            else:
                inside = context.inside(row.code, "areas", scope=(row.code,))
                areas = tuple(_areas(row, folder.texts[row.file], inside))
        kinds.append(
            AreaKind(
                code=row.code,
                name=row.name,
                is_public=row.is_public,
                is_limits=row.is_limits,
                areas=areas,
                at=row.at,
            )
        )
    for name in folder.under("areas"):
        if name not in files:
            findings.warn(Mark(name), "No area kind in areas.yaml names this file.")
    return tuple(kinds)


def _reject_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _features(file: str, text: str, findings: Findings) -> list[Any] | None:
    try:
        document = json.loads(text, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        findings.error(Mark(file, error.lineno, error.colno), f"This is not JSON: {error.msg}.")
        return None
    except (ValueError, RecursionError) as error:
        findings.error(Mark(file), f"This JSON cannot be used: {error}.")
        return None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        findings.error(Mark(file), "This is not a GeoJSON FeatureCollection.")
        return None
    if len(features) > MAX_FEATURES:
        findings.error(Mark(file), f"More than {MAX_FEATURES} features.")
        return None
    return features


def _feature_marks(file: str, text: str) -> Iterator[Mark]:
    """Yield where each feature begins; the file's first line once that is not known."""
    decoder = json.JSONDecoder()
    start = re.search(r'"features"\s*:\s*\[', text)
    position = start.end() if start else len(text)
    line, line_at = text.count("\n", 0, position) + 1, position
    gap = re.compile(r"[\s,]*")
    while True:
        found = gap.match(text, position)
        position = found.end() if found else position
        line, line_at = line + text.count("\n", line_at, position), position
        try:
            _value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        yield Mark(file, line, position - text.rfind("\n", 0, position))
        position = end
    while True:
        yield Mark(file)


def _areas(kind: KindRow, text: str, context: Context) -> Iterator[Area]:
    findings = context.gathered.findings
    features = _features(kind.file, text, findings)
    if features is None:
        context.gathered.unreadable.add("area")
        return
    marks = _feature_marks(kind.file, text)
    for number, (feature, mark) in enumerate(zip(features, marks, strict=False), start=1):
        area = _area(kind, feature, number, mark, context)
        if area is not None:
            yield area


def _property(properties: dict[str, Any], key: str) -> str:
    value = properties.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # GIS programs write district 3 as 3.0.
    return "" if value is None or isinstance(value, dict | list) else clean_line(str(value))


def _area(kind: KindRow, feature: Any, number: int, mark: Mark, context: Context) -> Area | None:
    findings = context.gathered.findings
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        findings.error(mark, f"Feature {number} has no properties.")
        return None
    area_code = _property(properties, kind.code_from)
    if not area_code or len(area_code) > 100:
        findings.error(
            mark,
            f'Feature {number} has no "{kind.code_from}" of 1 to 100 characters.',
            f"Properties here: {', '.join(sorted(properties)) or 'none'}. "
            "Name the right one with `code_from` in areas.yaml.",
        )
        return None
    context.define("area", (*context.scope, area_code), mark)
    problem = boundary_problem(feature.get("geometry"))
    if problem:
        findings.error(mark, f'Feature {number} ("{area_code}"): {problem}')
        return None
    name = _property(properties, kind.name_from) or area_code
    is_approximate = properties.get("approximate", kind.is_approximate)
    if not isinstance(is_approximate, bool):
        findings.error(mark, f'Feature {number}: "approximate" must be true or false.')
        return None
    return Area(
        code=area_code,
        # Proper names mostly stay as they are, so a missing translation is not counted.
        name=context.texts((*context.path, area_code, "name"), name, mark, counts=False),
        boundary=plain_boundary(feature["geometry"]),
        is_approximate=is_approximate,
        source=_property(properties, "source")[:300] or kind.source,
        at=mark,
    )


def plain_boundary(geometry: dict[str, Any]) -> dict[str, object]:
    """Return type and coordinates only, two numbers per position."""

    def flat(value: Any) -> Any:
        if isinstance(value[0], int | float):
            return [float(value[0]), float(value[1])]
        return [flat(each) for each in value]

    return {"type": geometry["type"], "coordinates": flat(geometry["coordinates"])}


def boundary_problem(geometry: Any) -> str:
    """Return what keeps a GeoJSON geometry from being a boundary, or the empty string.

    A Polygon or MultiPolygon in degrees WGS 84 (RFC 7946), valid in the sense of simple
    features: closed rings that do not cross themselves.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        return f"its geometry is {kind}; a Polygon or MultiPolygon is needed."
    try:
        shape = shapely_shape(geometry)
        west, south, east, north = shape.bounds
    except (GEOSException, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        return f"its coordinates cannot be read ({error})."
    if shape.is_empty:
        return "it has no coordinates."
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "its coordinates are not in degrees (WGS 84, longitude first)."
    if not shape.is_valid:
        return f"its outline is not valid: {explain_validity(shape)}."
    return ""
