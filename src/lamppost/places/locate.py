"""In which areas a place lies, and how sure that is.

Each process keeps the boundaries of the cities it serves in memory, laid out flat in meters
around the city, so a look-up costs no query. What is kept goes when the city's
``areas_changed_at`` moves on, and the least used city goes when too much is kept.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.geo import Place
from lamppost.places.models import Area

if TYPE_CHECKING:
    from lamppost.places.area_index import AreaIndex, AreaRow

# A corner takes about 100 bytes in its forms here: at most some 300 MB, whatever is served.
MAX_KEPT_CORNERS = 3_000_000


class Located(NamedTuple):
    """A place lies in an area, or so near outside it that it may.

    ``is_doubtful`` when the edge is nearer than the city's limit of doubt, on either side;
    ``is_inside`` tells the side. Inside is the better guess; outside is always doubtful.
    """

    area_id: int
    kind_id: int
    is_doubtful: bool
    is_inside: bool = True


_kept: OrderedDict[int, tuple[datetime, AreaIndex]] = OrderedDict()
_keeping = threading.Lock()


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What ``areas_at`` and ``is_outside`` say of one place."""

    areas: tuple[Located, ...]
    is_outside: bool | None


def where_is(city: City, point: Place) -> Whereabouts:
    """Return the areas at ``point`` and whether it is outside, looked up once for both."""
    index = _index_of(city)
    found = index.at(point, city.boundary_doubt_m)
    return Whereabouts(_located(found), _is_beyond(index, found))


def areas_at(city: City, point: Place) -> tuple[Located, ...]:
    """Return the areas of ``city`` at ``point``, WGS 84 ``(long, lat)``.

    Ordered by kind, within a kind those the place is inside first. An area whose edge is
    nearer than ``city.boundary_doubt_m`` meters is doubtful, also when the place is just
    outside. The city limits are no answer: ask ``is_outside``. A city without areas gives ().
    """
    return _located(_index_of(city).at(point, city.boundary_doubt_m))


def locator_of(city: City) -> Callable[[Sequence[Place]], list[tuple[Located, ...]]]:
    """Return what answers ``areas_at`` for many places at once, from any thread.

    It keeps the boundaries as they are now, and asks the database nothing.
    """
    index, doubt_m = _index_of(city), city.boundary_doubt_m
    return lambda places: [_located(found) for found in index.at_each(places, doubt_m)]


def _located(found: Iterable[tuple[AreaRow, bool, bool]]) -> tuple[Located, ...]:
    located = [
        Located(row.area_id, row.kind_id, is_doubtful, is_inside)
        for row, is_inside, is_doubtful in found
        if not row.is_limits
    ]
    rank: dict[int, int] = {}
    for one in located:
        rank.setdefault(one.kind_id, len(rank))
    located.sort(key=lambda one: (rank[one.kind_id], not one.is_inside))
    return tuple(located)


def is_outside(city: City, point: Place) -> bool | None:
    """Return whether ``point`` lies outside the limits of ``city``; None when it has none.

    Within ``city.boundary_doubt_m`` meters of the limits nobody is turned away.
    """
    return where_is(city, point).is_outside


def _is_beyond(index: AreaIndex, found: Iterable[tuple[AreaRow, bool, bool]]) -> bool | None:
    return not any(row.is_limits for row, *_ in found) if index.has_limits else None


def forget_areas() -> None:
    """Drop every boundary this process remembers."""
    with _keeping:
        _kept.clear()


def _index_of(city: City) -> AreaIndex:
    # Only here: shapely and what it needs are 7 MB of a worker that locates nothing.
    from lamppost.places.area_index import AreaIndex

    with _keeping:
        kept = _kept.get(city.pk)
        if kept is None or kept[0] != city.areas_changed_at:
            kept = (city.areas_changed_at, AreaIndex(_rows(city), lat=_latitude(city)))
            _kept[city.pk] = kept
        _kept.move_to_end(city.pk)
        while len(_kept) > 1 and sum(one.corners for _, one in _kept.values()) > MAX_KEPT_CORNERS:
            _kept.popitem(last=False)
        return kept[1]


def _latitude(city: City) -> float | None:
    return None if city.center is None else city.center[1]


def _rows(city: City) -> list[AreaRow]:
    from lamppost.places.area_index import AreaRow

    with city_scope(city.pk):
        areas = (
            Area.objects.filter(boundary__isnull=False)
            .order_by("kind__order", "kind__code", "code")
            .values_list("id", "kind_id", "kind__is_limits", "boundary")
        )
        return [
            AreaRow(area_id, kind_id, is_limits, json.dumps(boundary))
            for area_id, kind_id, is_limits, boundary in areas
        ]
