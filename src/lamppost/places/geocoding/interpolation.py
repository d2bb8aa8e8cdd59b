"""Points along a street: how far, on which side, and which number is where. Pure.

Lines are sequences of ``(x, y)`` in meters on a flat map, as long as one block; a share is
how far along a line something is, 0 at its beginning and 1 at its end.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

XY = tuple[float, float]
# Houses do not stand in the crossing: this much of each end is the other street's.
_CORNER_M = 8.0
_LARGEST_CORNER_SHARE = 0.15


def length(line: Sequence[XY]) -> float:
    """Return the length of a line in meters, along every bend."""
    return sum(math.dist(one, other) for one, other in pairwise(line))


def point_at(line: Sequence[XY], share: float, aside_m: float = 0.0) -> XY:
    """Return the point at ``share`` of the line, ``aside_m`` meters to its left.

    The share is of the length along the bends, kept within 0 and 1; a negative ``aside_m`` is
    to the right. A line of no length gives its beginning.
    """
    total = length(line)
    if total <= 0:
        return line[0]
    left = min(max(share, 0.0), 1.0) * total
    start, end = line[0], line[1]
    for start, end in pairwise(line):
        step = math.dist(start, end)
        if step > 0 and left <= step:
            break
        left -= step
    step = math.dist(start, end)
    if step <= 0:
        return end
    along = min(max(left, 0.0), step) / step
    across = aside_m / step
    dx, dy = end[0] - start[0], end[1] - start[1]
    return start[0] + along * dx - across * dy, start[1] + along * dy + across * dx


def nearest_on(line: Sequence[XY], place: XY) -> tuple[float, float, bool]:
    """Return (distance in meters, share, whether ``place`` is to the left) for a line."""
    best = (math.inf, 0.0, True)
    passed = 0.0
    for start, end in pairwise(line):
        dx, dy = end[0] - start[0], end[1] - start[1]
        px, py = place[0] - start[0], place[1] - start[1]
        square = dx * dx + dy * dy
        along = min(max((px * dx + py * dy) / square, 0.0), 1.0) if square > 0 else 0.0
        distance = math.hypot(px - along * dx, py - along * dy)
        if distance < best[0]:
            best = (distance, passed + along * math.sqrt(square), dx * py - dy * px >= 0)
        passed += math.sqrt(square)
    if not line or math.isinf(best[0]):
        return math.dist(line[0], place) if line else math.inf, 0.0, True
    return best[0], best[1] / passed if passed > 0 else 0.0, best[2]


def between(value: float, knots: Sequence[tuple[float, float]]) -> float:
    """Return the height at ``value`` of the broken line through ``knots``, sorted by their first.

    Before the first and after the last knot their heights hold.
    """
    at = bisect_right(knots, value, key=lambda knot: knot[0])
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (value - left) / (right - left)


def within_corners(share: float, line_m: float) -> float:
    """Return ``share`` drawn in from both ends of a line of ``line_m`` meters."""
    inset = min(_CORNER_M / line_m, _LARGEST_CORNER_SHARE) if line_m > 0 else 0.0
    return inset + share * (1 - 2 * inset)


def share_in_range(number: int, first: int, last: int) -> float:
    """Return how far ``number`` is from ``first`` to ``last``, whichever is larger, in 0 to 1.

    Houses stand in the middle of their lots: of 2, 4, 6 the 4 is at one half and the 2 at a
    sixth, as many equal lots would have it (the parity of the other side's numbers is theirs).
    """
    low, high = min(first, last), max(first, last)
    share = (min(max(number, low), high) - low + 1) / (high - low + 2)
    return share if first <= last else 1 - share
