"""The streets of the cities this process serves, read once and kept in memory.

What is kept goes when the city's address book says that something changed, and the least used
city goes when too much is kept. Nothing is read before the first question.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.places.geocoding.grammar import grammar_of
from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.nearest import Nearest
from lamppost.places.geocoding.rows import (
    MICRO,
    AliasRow,
    CrossingRow,
    KnownRow,
    LandmarkRow,
    SegmentRow,
)
from lamppost.places.geocoding.suggestions import Suggestions
from lamppost.places.models import (
    AddressBook,
    AddressPoint,
    Intersection,
    Landmark,
    StreetAlias,
    StreetSegment,
)

# A new file is used some seconds after its import; the stamp is not read for every letter.
_KEEP_SECONDS = 5.0
# A segment takes some 500 bytes with all that hangs on it: at most some 200 MB.
_MOST_SEGMENTS = 400_000
_CHUNK = 5000


class CityStreets:
    """One city's index, and what is built from it when first asked for."""

    def __init__(self, index: StreetIndex) -> None:
        """Take the index."""
        self.index = index

    @cached_property
    def suggestions(self) -> Suggestions:
        """Completes what is typed."""
        return Suggestions(self.index)

    @cached_property
    def nearest(self) -> Nearest:
        """Looks up what is near a point."""
        return Nearest(self.index)


_kept: OrderedDict[int, tuple[datetime | None, CityStreets]] = OrderedDict()
_stamps: dict[int, tuple[float, datetime | None]] = {}
_keeping = threading.Lock()


def forget_streets() -> None:
    """Look at once, not some seconds later, whether the streets of any city changed."""
    _stamps.clear()


def streets_of(city: City) -> CityStreets:
    """Return the streets of ``city``; the first call of a process reads them."""
    with _keeping:
        stamp = _stamp(city)
        kept = _kept.get(city.pk)
        if kept is None or kept[0] != stamp:
            kept = (stamp, CityStreets(_read(city)))
            _kept[city.pk] = kept
        _kept.move_to_end(city.pk)
        while len(_kept) > 1 and _segments_kept() > _MOST_SEGMENTS:
            _kept.popitem(last=False)
        return kept[1]


def _segments_kept() -> int:
    return sum(streets.index.segment_count for _stamp, streets in _kept.values())


def _stamp(city: City) -> datetime | None:
    now = time.monotonic()
    known = _stamps.get(city.pk)
    if known is None or now - known[0] >= _KEEP_SECONDS:
        with city_scope(city.pk):
            changed_at = AddressBook.objects.values_list("changed_at", flat=True).first()
        known = _stamps[city.pk] = (now, changed_at)
    return known[1]


def _read(city: City) -> StreetIndex:
    with city_scope(city.pk):
        return StreetIndex(
            grammar_of(city.country),
            segments=_segments(),
            crossings=_crossings(),
            known=_known(),
            landmarks=_landmarks(),
            aliases=_aliases(),
        )


def _segments() -> Iterator[SegmentRow]:
    rows = StreetSegment.objects.order_by("pk").values_list(
        "name", "left_from", "left_to", "right_from", "right_to", "line", "zip_left", "zip_right"
    )
    return (SegmentRow(*row) for row in rows.iterator(chunk_size=_CHUNK))


def _crossings() -> Iterator[CrossingRow]:
    rows = Intersection.objects.order_by("pk").values_list("street_1", "street_2", "point")
    for one, other, point in rows.iterator(chunk_size=_CHUNK):
        yield CrossingRow(one, other, *_micro(point))


def _known() -> Iterator[KnownRow]:
    rows = AddressPoint.objects.order_by("street", "number", "suffix").values_list(
        "street", "number", "suffix", "zipcode", "point"
    )
    for street, number, suffix, zipcode, point in rows.iterator(chunk_size=_CHUNK):
        yield KnownRow(street, number, suffix, zipcode, None if point is None else _micro(point))


def _landmarks() -> Iterator[LandmarkRow]:
    rows = Landmark.objects.order_by("pk").values_list("name", "address", "point")
    for name, address, point in rows.iterator(chunk_size=_CHUNK):
        yield LandmarkRow(name, address, *_micro(point))


def _aliases() -> Iterator[AliasRow]:
    rows = StreetAlias.objects.order_by("pk").values_list(
        "written", "name", "from_number", "to_number"
    )
    return (AliasRow(*row) for row in rows.iterator(chunk_size=_CHUNK))


def _micro(point: Point | None) -> tuple[int, int]:
    if point is None:
        raise ValueError("a row without a place")
    return round(point.long * MICRO), round(point.lat * MICRO)
