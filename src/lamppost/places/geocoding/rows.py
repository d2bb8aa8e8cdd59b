"""What an index is built from: plain rows, wherever they come from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# Coordinates are kept as whole millionths of a degree: 11 cm, and half the room of a double.
MICRO = 1_000_000


class SegmentRow(NamedTuple):
    """One block of a street; numbers are 0 where a side has none.

    ``line`` is long, lat, long, lat … in millionths of a degree, WGS 84.
    """

    name: str
    left_from: int
    left_to: int
    right_from: int
    right_to: int
    line: Sequence[int]
    zip_left: str = ""
    zip_right: str = ""


class CrossingRow(NamedTuple):
    """Where two streets meet; coordinates in millionths of a degree."""

    name_1: str
    name_2: str
    x: int
    y: int


class KnownRow(NamedTuple):
    """An address that exists; ``place`` (millionths of a degree) is None when not located."""

    street: str
    number: int
    suffix: str
    zipcode: str
    place: tuple[int, int] | None


class LandmarkRow(NamedTuple):
    """A place people know by name."""

    name: str
    address: str
    x: int
    y: int


class AliasRow(NamedTuple):
    """Another way to write a street's name, for its whole length or some numbers of it."""

    written: str
    name: str
    from_number: int | None = None
    to_number: int | None = None
