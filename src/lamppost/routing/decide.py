"""Deciding who owns a case. There is always an owner, and always a reason."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.triage import Conditions
from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.routing.matcher import Facts, RuleValue, match
from lamppost.routing.models import RoutingRule


@dataclass(frozen=True, slots=True)
class Decision:
    """Who owns the case and why. ``reason`` is a code with its subject, stored on the case."""

    department_id: int
    rule_id: int | None
    reason: str


def decide(service: ServiceEntry, facts: Facts) -> Decision:
    """Return the owner of a case of ``service``.

    The first rule that matches wins; without one the service's own department; when that is
    gone, the city's catch-all.
    """
    departments = book().departments
    rule = match(_RULES.get(city_in_scope()), facts)
    if rule and departments[rule.department_id].is_active:
        return Decision(rule.department_id, rule.id, f"rule:{rule.code}")
    own = departments[service.department_id]
    if own.is_active:
        return Decision(own.id, None, f"service:{service.code}")
    return Decision(book().catch_all().id, None, "catch-all")


def _load(_city: City) -> tuple[RuleValue, ...]:
    rows = RoutingRule.objects.filter(is_active=True).prefetch_related(
        "services", "areas", "answers"
    )
    return tuple(_value(row) for row in rows.order_by("order", "code"))


def _value(row: RoutingRule) -> RuleValue:
    wanted: dict[int, set[int]] = {}
    for value in row.answers.all():
        wanted.setdefault(value.question_id, set()).add(value.pk)
    return RuleValue(
        id=row.pk,
        code=row.code,
        department_id=row.department_id,
        services=frozenset(service.pk for service in row.services.all()),
        conditions=Conditions(
            values={question: frozenset(values) for question, values in wanted.items()},
            areas=frozenset(area.pk for area in row.areas.all()),
        ),
        weekdays=frozenset(int(day) for day in row.weekdays),
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        hazard_only=row.hazard_only,
    )


_RULES: CityCache[tuple[RuleValue, ...]] = CityCache(_load, catalog_stamp)
