"""In which order to visit the stops of a round. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lamppost.kernel.geo import Place, distance_m


@dataclass(frozen=True, slots=True)
class Stop:
    """Somewhere to go: the id of the inspection, its place ``(long, lat)`` if it has one."""

    id: int
    place: Place | None


def nearest_first(stops: Sequence[Stop], start: Place | None) -> list[Stop]:
    """Return ``stops`` so that each is the nearest to the one before it.

    The nearest-neighbor heuristic (Rosenkrantz, Stearns and Lewis, "An Analysis of Several
    Heuristics for the Traveling Salesman Problem", 1977): not the shortest round, but one
    that needs no street network and that people would walk. It begins at ``start``; without
    one at the first stop that has a place. Of equally near ones the earlier of ``stops`` is
    first; stops without a place come last, in their order.
    """
    left = [(stop, stop.place) for stop in stops if stop.place is not None]
    ordered: list[Stop] = []
    here = start if start is not None else (left[0][1] if left else None)
    while left and here is not None:
        at = here
        nearest = min(range(len(left)), key=lambda index: distance_m(at, left[index][1]))
        stop, here = left.pop(nearest)
        ordered.append(stop)
    return ordered + [stop for stop in stops if stop.place is None]
