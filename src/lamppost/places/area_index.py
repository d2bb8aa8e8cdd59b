"""The boundaries of one city, laid out flat, asked for what lies where. Pure over shapely."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from lamppost.kernel.geo import Place, meters_per_degree


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area as the index needs it; ``boundary`` is GeoJSON text, WGS 84 degrees."""

    area_id: int
    kind_id: int
    is_limits: bool
    boundary: str


class AreaIndex:
    """The boundaries of one city, ready to be asked. Pure: rows in, answers out."""

    def __init__(self, rows: Sequence[AreaRow], *, lat: float | None = None) -> None:
        """Take the city's areas in the order answers are given, and its latitude in degrees.

        Without ``lat`` the middle of the areas is taken. Distances are exact there and off
        by about 1.5 % per degree of latitude away from it at 40 degrees.
        """
        shapes = shapely.from_geojson([row.boundary for row in rows], on_invalid="ignore")
        kept = [
            (row, shape)
            for row, shape in zip(rows, shapes, strict=True)
            if shape is not None and shapely.area(shape) > 0
        ]
        self.rows = [row for row, _shape in kept]
        degrees = shapely.GeometryCollection([shape for _row, shape in kept])
        if lat is None:
            lat = (degrees.bounds[1] + degrees.bounds[3]) / 2 if kept else 0.0
        # Degrees scaled to meters: straight edges stay straight, so nothing changes sides.
        self._scale = meters_per_degree(lat)
        flat = [shapely.transform(shape, self._flattened) for _row, shape in kept]
        self._shapes = _array(flat)
        self._edges = shapely.boundary(self._shapes)
        self._tree = shapely.STRtree(flat)
        self.corners = int(shapely.get_num_coordinates(degrees))
        self.has_limits = any(row.is_limits for row in self.rows)
        # Prepared shapes finish themselves on first use, which two threads must not do at once.
        self._lock = threading.Lock()
        shapely.prepare(self._shapes)
        shapely.prepare(self._edges)

    def _flattened(self, degrees: Any) -> Any:
        return degrees * self._scale

    def at(self, place: Place, doubt_m: float) -> list[tuple[AreaRow, bool, bool]]:
        """Return (row, is inside, is doubtful) of each area at or within ``doubt_m`` meters."""
        return self.at_each([place], doubt_m)[0]

    def at_each(
        self, places: Sequence[Place], doubt_m: float
    ) -> list[list[tuple[AreaRow, bool, bool]]]:
        """Return the same for each of ``places``; many at once cost a fraction of one by one."""
        found: list[list[tuple[AreaRow, bool, bool]]] = [[] for _ in places]
        if not self.rows or not places:
            return found
        xs = [place[0] * self._scale[0] for place in places]
        ys = [place[1] * self._scale[1] for place in places]
        points = shapely.points(xs, ys)
        around = shapely.box(
            [x - doubt_m for x in xs],
            [y - doubt_m for y in ys],
            [x + doubt_m for x in xs],
            [y + doubt_m for y in ys],
        )
        with self._lock:
            which, near = self._tree.query(around)
            inside = shapely.intersects(self._shapes[near], points[which])
            doubtful = (
                shapely.dwithin(self._edges[near], points[which], doubt_m)
                if doubt_m > 0
                else inside & False
            )
        meant = inside | doubtful
        columns = (which[meant], near[meant], inside[meant], doubtful[meant])
        hits = zip(*(column.tolist() for column in columns), strict=True)
        for place, index, is_inside, is_doubtful in sorted(hits):
            found[place].append((self.rows[index], is_inside, is_doubtful))
        return found


def _array(shapes: list[Any]) -> Any:
    """Return the shapes as shapely's array, also when there are none."""
    return shapely.get_geometry(shapely.GeometryCollection(shapes), range(len(shapes)))
