"""Matching routing rules: first match wins. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lamppost.catalog.triage import Conditions


@dataclass(frozen=True, slots=True)
class RuleValue:
    """One rule. Empty sets mean 'any'; minutes count from local midnight."""

    id: int
    code: str
    department_id: int
    services: frozenset[int]
    conditions: Conditions
    weekdays: frozenset[int] = frozenset()
    from_minute: int | None = None
    to_minute: int | None = None
    hazard_only: bool = False
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case when its owner is decided.

    ``local_time`` is the moment of the request in the city's zone.
    """

    service_id: int
    chosen: frozenset[int]
    areas: frozenset[int]
    local_time: datetime
    is_hazard: bool = False


def match(rules: Iterable[RuleValue], facts: Facts) -> RuleValue | None:
    """Return the first rule that holds for ``facts``, in the order given, or None."""
    return next((rule for rule in rules if _holds(rule, facts)), None)


def _holds(rule: RuleValue, facts: Facts) -> bool:
    if rule.services and facts.service_id not in rule.services:
        return False
    if rule.hazard_only and not facts.is_hazard:
        return False
    return in_time(rule, facts.local_time) and rule.conditions.hold(facts.chosen, facts.areas)


def in_time(rule: RuleValue, local: datetime) -> bool:
    """Return whether the rule's weekdays and window hold at ``local``, in the city's zone."""
    minute = local.hour * 60 + local.minute
    weekday = local.weekday()
    start, end = rule.from_minute, rule.to_minute
    if start is None or end is None:
        return not rule.weekdays or weekday in rule.weekdays
    if start <= end:
        return start <= minute < end and (not rule.weekdays or weekday in rule.weekdays)
    # The window runs past midnight: its second half belongs to the day it began on.
    if minute >= start:
        return not rule.weekdays or weekday in rule.weekdays
    return minute < end and (not rule.weekdays or (weekday - 1) % 7 in rule.weekdays)
