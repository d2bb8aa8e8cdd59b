"""Deciding who owns a case. There is always an owner, and always a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lamppost.catalog.book import Book, ServiceEntry, book
from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.selectors import city_in_scope
from lamppost.people.models import Team
from lamppost.routing.matcher import Facts, RuleValue, match
from lamppost.routing.values import rules_in_force


@dataclass(frozen=True, slots=True)
class Decision:
    """Who owns the case and why. ``reason`` is a code with its subject, stored on the case."""

    department_id: int
    rule_id: int | None
    reason: str
    team_id: int | None = None


def decide(service: ServiceEntry, facts: Facts) -> Decision:
    """Return the owner of a case of ``service`` by the rules in force.

    The first rule that matches wins; without one the service's own department; when that is
    gone, the city's catch-all. A query only where the rule names a team.
    """
    return choose(_RULES.get(city_in_scope()), service, facts, book(), is_live=_is_live)


def choose(
    rules: Iterable[RuleValue],
    service: ServiceEntry,
    facts: Facts,
    pages: Book,
    *,
    is_live: Callable[[int, int], bool],
) -> Decision:
    """Return the owner by ``rules``; what ``decide`` and the trial of a draft have in common.

    ``is_live(team_id, department_id)`` tells whether a team is at work in that department;
    one that is not leaves the case to the department's own queue.
    """
    departments = pages.departments
    rule = match(rules, facts)
    if rule and departments[rule.department_id].is_active:
        team = rule.team_id
        if team is not None and not is_live(team, rule.department_id):
            team = None
        return Decision(rule.department_id, rule.id, f"rule:{rule.code}", team)
    own = departments[service.department_id]
    if own.is_active:
        return Decision(own.id, None, f"service:{service.code}")
    return Decision(pages.catch_all().id, None, "catch-all")


def _is_live(team_id: int, department_id: int) -> bool:
    return Team.objects.filter(pk=team_id, department=department_id, is_active=True).exists()


_RULES: CityCache[tuple[RuleValue, ...]] = CityCache(lambda _city: rules_in_force(), catalog_stamp)
