"""The streets of one city in memory, laid out flat so that a large city takes few megabytes.

Pure: rows in, look-ups out. What is found where is decided by ``placing`` and ``search``.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import NamedTuple

from lamppost.database.fields import Point
from lamppost.kernel.geo import meters_per_degree
from lamppost.places.geocoding.grammar import Grammar
from lamppost.places.geocoding.interpolation import XY
from lamppost.places.geocoding.landmarks import Landmarks
from lamppost.places.geocoding.rows import (
    MICRO,
    AliasRow,
    CrossingRow,
    KnownRow,
    LandmarkRow,
    SegmentRow,
)
from lamppost.places.geocoding.speller import Speller
from lamppost.places.geocoding.words import StreetName, shown_name, split_words, street_name

_NOWHERE = -(2**31)
_SAME_CROSSING_M = 40.0


class Known(NamedTuple):
    """An address that exists: ``place`` is in meters on the index's map, or None."""

    number: int
    suffix: str
    zipcode: str
    place: XY | None


class Alias(NamedTuple):
    """A street also called ``name``, where the numbers ``low`` to ``high`` are asked for."""

    name: StreetName
    street: int
    low: int
    high: int


class StreetIndex:
    """Streets, numbers, crossings and landmarks of one city, ready to be asked."""

    def __init__(
        self,
        grammar: Grammar,
        *,
        segments: Iterable[SegmentRow],
        crossings: Iterable[CrossingRow] = (),
        known: Iterable[KnownRow] = (),
        landmarks: Iterable[LandmarkRow] = (),
        aliases: Iterable[AliasRow] = (),
    ) -> None:
        """Build the index. ``known`` must come sorted by street, then number.

        Raises ``ValueError`` when it is not.
        """
        self.grammar = grammar
        self.names: list[StreetName] = []
        self.shown: list[str] = []
        self._by_full: dict[str, int] = {}
        self._zips: list[str] = [""]
        self._zip_numbers: dict[str, int] = {"": 0}
        self._add_segments(segments)
        self._add_known(known)
        self._set_scale()
        self.by_base = self._group_by_base()
        self._add_crossings(crossings)
        self._add_aliases(aliases)
        self._sorted_bases = sorted(self.by_base.keys() | self._base_aliases.keys())
        self.speller = Speller(self._sorted_bases)
        self.landmarks = Landmarks(
            (row._replace(name=shown_name(row.name, grammar)) for row in landmarks),
            small=grammar.filler | grammar.joiners | grammar.optional,
        )

    # Building

    def _street(self, written: str) -> int:
        name = street_name(split_words(written), self.grammar)
        number = self._by_full.get(name.full)
        if number is None:
            number = self._by_full[name.full] = len(self.names)
            self.names.append(name)
            self.shown.append(shown_name(written, self.grammar))
        return number

    def _zip(self, zipcode: str) -> int:
        number = self._zip_numbers.get(zipcode)
        if number is None:
            number = self._zip_numbers[zipcode] = len(self._zips)
            self._zips.append(zipcode)
        return number

    def _add_segments(self, rows: Iterable[SegmentRow]) -> None:
        self._segment_street = array("I")
        self._ranges = array("i")
        self._segment_zips = array("H")
        self._line_start = array("I", [0])
        self._lines = array("i")
        numbers: dict[str, int] = {}
        for row in rows:
            if not row.name or len(row.line) < 4:
                continue
            street = numbers.get(row.name)
            if street is None:
                street = numbers[row.name] = self._street(row.name)
            self._segment_street.append(street)
            self._ranges.extend((row.left_from, row.left_to, row.right_from, row.right_to))
            self._segment_zips.extend((self._zip(row.zip_left), self._zip(row.zip_right)))
            self._lines.extend(row.line)
            self._line_start.append(len(self._lines))
        order = sorted(
            range(len(self._segment_street)),
            key=lambda one: (self._segment_street[one], self.hull(one)[0]),
        )
        self._segment_order = array("I", order)
        self._segment_first = _starts(len(self.names), map(self._segment_street.__getitem__, order))

    def _add_known(self, rows: Iterable[KnownRow]) -> None:
        self._known_numbers = array("I")
        self._known_places = array("i")
        self._known_zips = array("H")
        self._known_suffixes: dict[int, str] = {}
        spans: dict[int, tuple[int, int]] = {}
        for written, group in groupby(rows, key=lambda row: row.street):
            street, start, last = self._street(written), len(self._known_numbers), 0
            for row in group:
                if row.number < last:
                    raise ValueError(f"addresses of {written!r} are not sorted by number")
                last = row.number
                if row.suffix:
                    self._known_suffixes[len(self._known_numbers)] = row.suffix
                self._known_numbers.append(row.number)
                self._known_places.extend(row.place or (_NOWHERE, _NOWHERE))
                self._known_zips.append(self._zip(row.zipcode))
            if street in spans:
                raise ValueError(f"addresses of {written!r} are not together")
            spans[street] = (start, len(self._known_numbers))
        self._known_spans = spans
        missing = len(self.names) + 1 - len(self._segment_first)
        self._segment_first.extend([len(self._segment_order)] * missing)

    def _set_scale(self) -> None:
        """Choose the middle of the city as the origin of a flat map in meters."""
        xs, ys = self._lines[0::2], self._lines[1::2]
        if not xs:
            xs = array("i", [x for x in self._known_places[0::2] if x != _NOWHERE])
            ys = array("i", [y for y in self._known_places[1::2] if y != _NOWHERE])
        self._x0 = (min(xs) + max(xs)) // 2 if xs else 0
        self._y0 = (min(ys) + max(ys)) // 2 if ys else 0
        self._mx, self._my = (meter / MICRO for meter in meters_per_degree(self._y0 / MICRO))

    def _group_by_base(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for number, name in enumerate(self.names):
            found[name.key] = (*found.get(name.key, ()), number)
        return found

    def _add_crossings(self, rows: Iterable[CrossingRow]) -> None:
        pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        streets: dict[str, int | None] = {}
        for row in rows:
            for written in (row.name_1, row.name_2):
                if written not in streets:
                    full = street_name(split_words(written), self.grammar).full
                    streets[written] = self._by_full.get(full)
            one, other = streets[row.name_1], streets[row.name_2]
            if one is not None and other is not None and one != other:
                self._meet(pairs, one, other, (row.x, row.y))
        for place, meeting in self._shared_ends():
            for one, other in combinations(sorted(meeting), 2):
                self._meet(pairs, one, other, place)
        flat = [
            (street, far, x, y)
            for (one, other), places in pairs.items()
            for x, y in places
            for street, far in ((one, other), (other, one))
        ]
        flat.sort()
        self._crossing_other = array("I", (row[1] for row in flat))
        self._crossing_places = array("i", (number for row in flat for number in row[2:]))
        self._crossing_first = _starts(len(self.names), (row[0] for row in flat))

    def _meet(
        self,
        pairs: dict[tuple[int, int], list[tuple[int, int]]],
        one: int,
        other: int,
        place: tuple[int, int],
    ) -> None:
        places = pairs.setdefault((min(one, other), max(one, other)), [])
        if all(_far(self.flat(place), self.flat(there)) for there in places):
            places.append(place)

    def _shared_ends(self) -> Iterator[tuple[tuple[int, int], set[int]]]:
        """Yield each place where segments of several streets end."""
        ends: list[tuple[int, int, int]] = []
        for segment, street in enumerate(self._segment_street):
            start, stop = self._line_start[segment], self._line_start[segment + 1]
            ends.append((self._lines[start], self._lines[start + 1], street))
            ends.append((self._lines[stop - 2], self._lines[stop - 1], street))
        ends.sort()
        for place, group in groupby(ends, key=lambda end: (end[0], end[1])):
            streets = {street for _x, _y, street in group}
            if len(streets) > 1:
                yield place, streets

    def _add_aliases(self, rows: Iterable[AliasRow]) -> None:
        self._aliases: dict[str, tuple[Alias, ...]] = {}
        self._base_aliases: dict[str, str] = {}
        for row in rows:
            written = street_name(split_words(row.written), self.grammar)
            meant = street_name(split_words(row.name), self.grammar)
            street = self._by_full.get(meant.full)
            if street is not None and written.full != meant.full:
                low, high = row.from_number or 0, row.to_number or 0
                known = self._aliases.get(written.key, ())
                self._aliases[written.key] = (*known, Alias(written, street, low, high))
            elif meant.key in self.by_base and written.key not in self.by_base:
                self._base_aliases[written.key] = meant.key

    # Asking

    def flat(self, place: tuple[int, int]) -> XY:
        """Return millionths of a degree as meters on the index's flat map."""
        return (place[0] - self._x0) * self._mx, (place[1] - self._y0) * self._my

    def point(self, place: XY) -> Point:
        """Return meters on the flat map as WGS 84 degrees."""
        x, y = place[0] / self._mx + self._x0, place[1] / self._my + self._y0
        return Point(round(x / MICRO, 6), round(y / MICRO, 6))

    def flat_point(self, place: tuple[float, float]) -> XY:
        """Return WGS 84 degrees as meters on the flat map."""
        x, y = place[0] * MICRO - self._x0, place[1] * MICRO - self._y0
        return x * self._mx, y * self._my

    @property
    def segment_count(self) -> int:
        """How many segments there are; they are numbered from 0."""
        return len(self._segment_street)

    def bases(self, key: str) -> tuple[int, ...]:
        """Return the streets whose base name is ``key``, also under another spelling of it."""
        return self.by_base.get(self._base_aliases.get(key, key), ())

    def bases_beginning(self, start: str, limit: int = 8) -> list[str]:
        """Return up to ``limit`` base names that begin with ``start``."""
        at = bisect_left(self._sorted_bases, start)
        stop = min(at + limit, len(self._sorted_bases))
        return [base for base in self._sorted_bases[at:stop] if base.startswith(start)]

    def aliased(self, key: str) -> tuple[Alias, ...]:
        """Return the streets that have another name with the base ``key``."""
        return self._aliases.get(key, ())

    def segments_of(self, street: int) -> Sequence[int]:
        """Return the segments of a street, by their lowest number."""
        return self._segment_order[self._segment_first[street] : self._segment_first[street + 1]]

    def street_of(self, segment: int) -> int:
        """Return the street a segment is part of."""
        return self._segment_street[segment]

    def ranges(self, segment: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return (from, to) of the left side and of the right side; 0 where there is none."""
        left_from, left_to, right_from, right_to = self._ranges[segment * 4 : segment * 4 + 4]
        return (left_from, left_to), (right_from, right_to)

    def hull(self, segment: int) -> tuple[int, int]:
        """Return the lowest and highest number of a segment's two sides; 0, 0 without any."""
        numbers = [number for side in self.ranges(segment) if any(side) for number in side]
        return (min(numbers), max(numbers)) if numbers else (0, 0)

    def zips(self, segment: int) -> tuple[str, str]:
        """Return the postcodes of a segment's left and right side."""
        left, right = self._segment_zips[segment * 2 : segment * 2 + 2]
        return self._zips[left], self._zips[right]

    def line(self, segment: int) -> list[XY]:
        """Return a segment's line in meters on the flat map."""
        start, stop = self._line_start[segment], self._line_start[segment + 1]
        numbers = self._lines[start:stop]
        return [self.flat(pair) for pair in zip(numbers[0::2], numbers[1::2], strict=True)]

    def known(self, street: int, low: int, high: int) -> Iterator[Known]:
        """Yield the addresses known on a street with numbers from ``low`` to ``high``."""
        start, stop = self._known_spans.get(street, (0, 0))
        first = bisect_left(self._known_numbers, low, start, stop)
        last = bisect_right(self._known_numbers, high, first, stop)
        for at in range(first, last):
            x, y = self._known_places[at * 2 : at * 2 + 2]
            yield Known(
                self._known_numbers[at],
                self._known_suffixes.get(at, ""),
                self._zips[self._known_zips[at]],
                None if x == _NOWHERE else self.flat((x, y)),
            )

    def crossings_of(self, street: int) -> Iterator[tuple[int, XY]]:
        """Yield (other street, place in meters) for each crossing of a street."""
        for at in range(self._crossing_first[street], self._crossing_first[street + 1]):
            x, y = self._crossing_places[at * 2 : at * 2 + 2]
            yield self._crossing_other[at], self.flat((x, y))

    def corners(self, one: int, other: int) -> list[XY]:
        """Return the places where two streets meet."""
        return [place for far, place in self.crossings_of(one) if far == other]


def _starts(count: int, owners: Iterable[int]) -> array[int]:
    """Return where each owner's run begins in a sequence sorted by owner, and its end."""
    counts = [0] * (count + 1)
    for owner in owners:
        counts[owner + 1] += 1
    starts = array("I")
    total = 0
    for number in counts:
        total += number
        starts.append(total)
    return starts


def _far(one: XY, other: XY) -> bool:
    return abs(one[0] - other[0]) > _SAME_CROSSING_M or abs(one[1] - other[1]) > _SAME_CROSSING_M
