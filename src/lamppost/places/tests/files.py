"""Small GeoJSON files for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Side of the squares below, in degrees: about 850 m of longitude and 1.1 km of latitude at 40 N.
STEP = 0.01


def square(
    west: float, south: float, width: float = STEP, height: float | None = None
) -> dict[str, Any]:
    """A square polygon with its south-west corner at a place."""
    north = south + (width if height is None else height)
    east = west + width
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def as_file(document: Any) -> bytes:
    """The document with one feature a line, as most programs write it."""
    if not isinstance(document, dict) or "features" not in document:
        return json.dumps(document).encode()
    head = {key: value for key, value in document.items() if key != "features"}
    rows = ",\n".join(json.dumps(row) for row in document["features"])
    return (json.dumps(head)[:-1] + ',\n"features": [\n' + rows + "\n]\n}\n").encode()


def two_districts(west: float = -75.2, south: float = 39.9) -> bytes:
    """District 1, and district 2 east of it."""
    return as_file(
        collection(
            feature(square(west, south), DISTRICT="1", NAME="First"),
            feature(square(west + STEP, south), DISTRICT="2", NAME="Second"),
        )
    )


# A small file of our own; then, where they lie beside the checkout, those of a real city.
PUBLISHED = [
    two_districts(),
    *(
        file.read_bytes()
        for parent in Path(__file__).resolve().parents
        for file in sorted(parent.glob("shared/data/*_boundaries/*.geojson"))
    ),
]
