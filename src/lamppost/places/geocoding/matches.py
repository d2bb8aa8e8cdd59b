"""What a search for a place gives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lamppost.database.fields import Point


class MatchKind(StrEnum):
    """What kind of place was found, from the surest to the least sure."""

    ADDRESS = "address"  # an address the city's files place
    INTERSECTION = "intersection"
    RANGE = "range"  # a number within the numbers of a block
    LANDMARK = "landmark"
    BLOCK = "block"  # the middle of a hundred, or of a stretch between two streets
    NEARBY = "nearby"  # the street has no such number: the nearest it has
    STREET = "street"  # a whole street


@dataclass(frozen=True, slots=True)
class Match:
    """One place a text may mean.

    ``score`` is from 0 to 1; ``precision_m`` how far off the point usually is, in meters.
    ``distance_m`` is how far from the place asked about, where one was (``reverse``).
    """

    point: Point
    label: str
    kind: MatchKind
    score: float
    precision_m: int
    zipcode: str = ""
    street: str = ""
    number: str = ""
    distance_m: float | None = None
