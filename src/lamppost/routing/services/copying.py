"""Copying the rules of one set into another, from a replaced set by the codes it kept."""

from __future__ import annotations

from collections import defaultdict

from lamppost.catalog.models import QuestionValue, Service
from lamppost.places.models import Area
from lamppost.routing.choices import ConditionKind, SetState
from lamppost.routing.models import PastCondition, RoutingRule, RuleSet
from lamppost.routing.services.conditions import Asked, write_conditions
from lamppost.routing.values import rows_of


def copy_rules(source: RuleSet, target: RuleSet) -> tuple[str, ...]:
    """Copy every rule of ``source`` into the empty ``target``; return the codes left out.

    Of a replaced set a condition that names nothing any more is dropped; a rule of which a
    whole kind of condition would go is left out, because it would take more than it ever did.
    """
    rows = rows_of(source)
    if source.state == SetState.RETIRED:
        wanted, lost = _remembered(source)
    else:
        wanted, lost = {row.pk: _asked(row) for row in rows}, set()
    kept = [row for row in rows if row.pk not in lost]
    copies = RoutingRule.objects.bulk_create(
        RoutingRule(
            rule_set=target,
            code=row.code,
            order=order,
            note=row.note,
            department_id=row.department_id,
            team_id=row.team_id,
            weekdays=row.weekdays,
            from_minute=row.from_minute,
            to_minute=row.to_minute,
            hazard_only=row.hazard_only,
        )
        for order, row in enumerate(kept, start=1)
    )
    write_conditions(
        (copy, wanted.get(row.pk, Asked())) for row, copy in zip(kept, copies, strict=True)
    )
    return tuple(row.code for row in rows if row.pk in lost)


def _asked(row: RoutingRule) -> Asked:
    return Asked(
        services=[each.pk for each in row.services.all()],
        areas=[each.pk for each in row.areas.all()],
        values=[each.pk for each in row.answers.all()],
    )


def _remembered(source: RuleSet) -> tuple[dict[int, Asked], set[int]]:
    known = _by_path()
    ids: dict[tuple[int, ConditionKind], list[int]] = defaultdict(list)
    asked: dict[int, set[str]] = defaultdict(set)
    met: dict[int, set[str]] = defaultdict(set)
    for past in PastCondition.objects.filter(rule__rule_set=source):
        kind = ConditionKind(past.kind)
        scope = _scope(kind, past.path)
        asked[past.rule_id].add(scope)
        found = known[kind].get(past.path)
        if found is not None:
            ids[past.rule_id, kind].append(found)
            met[past.rule_id].add(scope)
    wanted = {
        rule: Asked(
            services=ids[rule, ConditionKind.SERVICE],
            areas=ids[rule, ConditionKind.AREA],
            values=ids[rule, ConditionKind.ANSWER],
        )
        for rule in asked
    }
    return wanted, {rule for rule, scopes in asked.items() if scopes - met[rule]}


def _scope(kind: ConditionKind, path: str) -> str:
    # Answers to several questions must all hold: each question is a kind of its own.
    return f"{kind}:{path.rpartition('/')[0]}" if kind is ConditionKind.ANSWER else str(kind)


def _by_path() -> dict[ConditionKind, dict[str, int]]:
    return {
        ConditionKind.SERVICE: dict(
            Service.objects.filter(is_active=True).values_list("code", "pk")
        ),
        ConditionKind.AREA: {
            f"{row.kind.code}/{row.code}": row.pk
            for row in Area.objects.select_related("kind").only("code", "kind__code")
        },
        ConditionKind.ANSWER: {
            f"{row.question.service.code}/{row.question.code}/{row.key}": row.pk
            for row in QuestionValue.objects.select_related("question__service")
        },
    }
