"""Rule sets read from the database as the plain values the matcher takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from lamppost.catalog.triage import Conditions
from lamppost.routing.choices import SetState
from lamppost.routing.matcher import RuleValue
from lamppost.routing.models import RoutingRule, RuleSet


def active_set() -> RuleSet | None:
    """Return the set in force in the city in scope; None in a city without rules."""
    return RuleSet.objects.filter(state=SetState.ACTIVE).first()


def rows_of(rule_set: RuleSet) -> list[RoutingRule]:
    """Return a set's rules in their order with all they name; five queries at most."""
    return list(_with_conditions(RoutingRule.objects.filter(rule_set=rule_set)))


def rules_of(rule_set: RuleSet) -> tuple[RuleValue, ...]:
    """Return a set's rules in their order, as values."""
    return values_of(rows_of(rule_set))


def rules_in_force() -> tuple[RuleValue, ...]:
    """Return the rules by which cases are routed now in the city in scope."""
    return values_of(_with_conditions(RoutingRule.objects.filter(rule_set__state=SetState.ACTIVE)))


def values_of(rows: Iterable[RoutingRule]) -> tuple[RuleValue, ...]:
    """Return loaded rows as values, in the order given."""
    return tuple(_value(row) for row in rows)


def _with_conditions(rows: QuerySet[RoutingRule]) -> QuerySet[RoutingRule]:
    return (
        rows.order_by("order", "code")
        .select_related("department", "team")
        .prefetch_related("services", "areas__kind", "answers__question__service")
    )


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
        team_id=row.team_id,
    )


def content_digest(rules: Sequence[RuleValue]) -> str:
    """Return a SHA-256 hex digest of everything that decides: equal for equal rules in equal
    order, whatever their own ids and notes."""
    content = [
        [
            rule.code,
            rule.department_id,
            rule.team_id,
            sorted(rule.services),
            sorted(rule.conditions.areas),
            sorted(
                (question, sorted(values)) for question, values in rule.conditions.values.items()
            ),
            sorted(rule.weekdays),
            rule.from_minute,
            rule.to_minute,
            rule.hazard_only,
        ]
        for rule in rules
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
