"""Which rules can never be the first to match: proofs, without any case. Pure.

A rule is shadowed when every case that satisfies it satisfies an earlier rule. The proof here
is sound, not complete: a rule that is named is certainly dead; one that is not named may still
be, for reasons that stand in answers and areas (overlapping boundaries, say).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lamppost.routing.matcher import RuleValue

_DAY = 1440
_WEEK = 7 * _DAY
_ALWAYS = (1 << _WEEK) - 1
# A rule of very many services in very many areas is not taken apart further than this.
_MOST_BOXES = 20_000


@dataclass(frozen=True, slots=True)
class Shadow:
    """``rule`` never decides; ``by`` are the earlier rules that take its cases, in order.

    Without any ``by`` the rule's own times can never be.
    """

    rule: RuleValue
    by: tuple[RuleValue, ...]


def shadows(rules: Sequence[RuleValue]) -> list[Shadow]:
    """Return the rules proven unreachable, in their order."""
    times = [minutes_of(rule) for rule in rules]
    found = []
    for at, rule in enumerate(rules):
        if not times[at]:
            found.append(Shadow(rule, ()))
            continue
        takers = _takers(rule, times[at], rules[:at], times)
        if takers:
            found.append(Shadow(rule, tuple(rules[each] for each in sorted(takers))))
    return found


def minutes_of(rule: RuleValue) -> int:
    """Return the minutes of a week, bit 0 Monday 00:00 local, at which the rule holds.

    The same reading of a window past midnight as ``matcher.in_time``: its second half belongs
    to the day it began on.
    """
    days = rule.weekdays or range(7)
    start, end = rule.from_minute, rule.to_minute
    if start is None or end is None:
        return _union((day * _DAY, _DAY) for day in days)
    length = end - start if start <= end else end - start + _DAY
    return _union((day * _DAY + start, length) for day in days)


def _union(spans: Iterator[tuple[int, int]]) -> int:
    bits = 0
    for begin, length in spans:
        span = ((1 << length) - 1) << begin
        bits |= (span & _ALWAYS) | (span >> _WEEK)
    return bits


def _takers(
    rule: RuleValue, time: int, earlier: Sequence[RuleValue], times: Sequence[int]
) -> set[int]:
    """The places of earlier rules that leave nothing of ``rule``; empty when something is left."""
    near = [at for at, other in enumerate(earlier) if _covers_answers(other, rule)]
    services = rule.services or {None}
    areas = rule.conditions.areas or {None}
    if not near or len(services) * len(areas) > _MOST_BOXES:
        return set()
    used: set[int] = set()
    for service in services:
        for area in areas:
            left = time
            for at in near:
                if left and times[at] & left and _covers_box(earlier[at], service, area):
                    left &= ~times[at]
                    used.add(at)
            if left:
                return set()
    return used


def _covers_answers(other: RuleValue, rule: RuleValue) -> bool:
    if other.hazard_only and not rule.hazard_only:
        return False
    asked = rule.conditions.values
    return all(
        question in asked and asked[question] <= values
        for question, values in other.conditions.values.items()
    )


def _covers_box(other: RuleValue, service: int | None, area: int | None) -> bool:
    return (not other.services or service in other.services) and (
        not other.conditions.areas or area in other.conditions.areas
    )
