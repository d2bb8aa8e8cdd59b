"""How likely two reports are one problem: a score from distance, age and words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from lamppost.kernel.text import fold

# Distance says most: two reports of one service a few steps apart are mostly one problem,
# whatever their words; words and age only order what is equally near.
_DISTANCE, _WORDS, _AGE = 0.6, 0.25, 0.15
# A closed case is shown after the open ones unless it is clearly nearer.
_CLOSED = 0.5
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be the same problem.

    ``distance_m`` from the new report in meters; ``age`` since it was requested.
    """

    distance_m: float
    age: timedelta
    text: str = ""
    is_closed: bool = False


def score(candidate: Candidate, *, radius_m: float, window: timedelta, text: str = "") -> float:
    """Return how likely ``candidate`` is the same problem, 0 (not at all) to 1.

    ``radius_m`` and ``window`` are the service's own limits; what lies beyond the radius, or
    is closed and older than the window, scores 0. An open case never grows too old: the hole
    is still there.
    """
    if candidate.distance_m > radius_m or (candidate.is_closed and candidate.age > window):
        return 0.0
    nearness = 1 - candidate.distance_m / radius_m if radius_m else 1.0
    days = max(candidate.age / window, 0.0) if window else 0.0
    freshness = 1 / (1 + days)
    total = _DISTANCE * nearness + _AGE * freshness + _WORDS * similarity(candidate.text, text)
    return total * (_CLOSED if candidate.is_closed else 1.0)


def similarity(one: str, other: str) -> float:
    """Return the share of words two texts have in common, 0 to 1.

    Jaccard's coefficient over folded words of three letters and more (P. Jaccard, "The
    distribution of the flora in the alpine zone", New Phytologist 11, 1912). A text without
    such words is similar to nothing.
    """
    left, right = set(_WORD.findall(fold(one))), set(_WORD.findall(fold(other)))
    if not left or not right:
        return 0.0
    return len(left & right) / len(left | right)
