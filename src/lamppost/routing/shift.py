"""Whether a queue's share of new cases has jumped beyond its usual ups and downs. Pure.

A share of cases goes up and down with weather, weekday and chance. A plain test of two
proportions takes chance alone into account and cries wolf in any large city, where days differ
by far more than a binomial would; so the spread between past periods is measured and used, as
in Laney's p'-chart (D. B. Laney, "Improved control charts for attributes", Quality Engineering
14(4), 2002, 531-537): z scores of past periods against their common share, the mean moving
range of those over 1.128 as their standard deviation. Neighboring days of a week hide what
weekends do, so the plain standard deviation of the scores is taken where it is larger, and
never less than 1, which is chance alone. An alarm needs three of those deviations *and* a rise
that matters *and* enough cases; a quiet village's three cases a day are put together by the
week, and not judged at all below that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import pstdev

# Expected moving range of two draws from a standard normal distribution (d2 for n = 2).
_D2 = 1.128
_DEVIATIONS = 3.0
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Bounds:
    """What counts as enough: cases in the period judged, of them in the queue, cases before,
    and the rise of the share in parts of one."""

    cases: int = 20
    hits: int = 10
    before: int = 60
    rise: float = 0.25


@dataclass(frozen=True, slots=True)
class Verdict:
    """``share`` of the last ``days`` days (``hits`` of ``total``) beside the usual one.

    ``deviations`` is how many of the queue's own standard deviations lie between them.
    ``is_raised`` when an alarm is due; ``is_over`` when an open one may end: half the rise
    is enough to keep it open, so that it does not flap.
    """

    days: int
    hits: int
    total: int
    usual: float
    deviations: float
    is_raised: bool
    is_over: bool

    @property
    def share(self) -> float:
        """The share of the period judged, in parts of one."""
        return self.hits / self.total if self.total else 0.0


def judge(days: Sequence[tuple[int, int]], bounds: Bounds) -> Verdict | None:
    """Judge the last of ``days``, each (cases in the queue, cases in all), oldest first.

    With fewer cases on that day than ``bounds.cases`` the last seven days are judged against
    the sevens before them. None when even those are too few, or when too little is known of
    what is usual: silence is no all-clear then.
    """
    for length in (1, _WEEK):
        periods = _periods(days, length)
        if len(periods) < 4 or periods[-1][1] < bounds.cases:
            continue
        before = periods[:-1]
        if sum(total for _hits, total in before) < bounds.before:
            continue
        return _verdict(before, periods[-1], length, bounds)
    return None


def _periods(days: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    whole = len(days) - len(days) % length
    cut = days[len(days) - whole :]
    return [
        (
            sum(hits for hits, _total in cut[at : at + length]),
            sum(total for _hits, total in cut[at : at + length]),
        )
        for at in range(0, whole, length)
    ]


def _verdict(
    before: Sequence[tuple[int, int]], now: tuple[int, int], length: int, bounds: Bounds
) -> Verdict:
    hits, total = now
    # Half a case and one case more (Jeffreys' prior): a queue that never had one has a spread.
    usual = (sum(each[0] for each in before) + 0.5) / (sum(each[1] for each in before) + 1)
    scores = [_score(each, usual) for each in before if each[1]]
    spread = max(1.0, _moving_range(scores) / _D2, pstdev(scores) if scores else 0.0)
    deviations = _score(now, usual) / spread
    rise = hits / total - usual
    return Verdict(
        days=length,
        hits=hits,
        total=total,
        usual=usual,
        deviations=deviations,
        is_raised=hits >= bounds.hits and rise >= bounds.rise and deviations > _DEVIATIONS,
        is_over=rise < bounds.rise / 2 or deviations <= _DEVIATIONS / 2,
    )


def _score(period: tuple[int, int], usual: float) -> float:
    hits, total = period
    return (hits / total - usual) / math.sqrt(usual * (1 - usual) / total)


def _moving_range(scores: Sequence[float]) -> float:
    if len(scores) < 2:
        return 0.0
    steps = [abs(after - before) for before, after in pairwise(scores)]
    return sum(steps) / len(steps)
