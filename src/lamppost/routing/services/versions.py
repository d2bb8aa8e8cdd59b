"""From one set of rules to the next: what activation and a city pack have in common."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation

from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.database.scope import require_city_id
from lamppost.routing.choices import ConditionKind, SetState
from lamppost.routing.models import PastCondition, RoutingRule, RuleSet
from lamppost.routing.services.conditions import drop_conditions
from lamppost.routing.values import rows_of
from lamppost.routing.wording import sentence


def lock_routing() -> None:
    """Wait for whoever else changes the city's sets; held until the transaction ends."""
    # Not a full lock: rows that point to the city can be written meanwhile.
    City.objects.select_for_update(no_key=True).get(pk=require_city_id())


def new_set(*, state: SetState, at: datetime, user_id: int | None, **more: object) -> RuleSet:
    """Make an empty set with the city's next number, in the caller's transaction and lock."""
    last = RuleSet.objects.order_by("-number").values_list("number", flat=True).first()
    return RuleSet.objects.create(
        number=(last or 0) + 1,
        state=state,
        created_by_id=user_id,
        created_at=at,
        changed_by_id=user_id,
        changed_at=at,
        **more,
    )


def retire(rule_set: RuleSet, *, at: datetime) -> None:
    """Take a set out of force: its rules keep their sentence and codes, and hold on to nothing."""
    city = city_in_scope()
    past = []
    with translation.override(city.default_language):
        for rule in rows_of(rule_set):
            rule.wording = sentence(rule, city.default_language)
            rule.save(update_fields=["wording"])
            past += [PastCondition(rule=rule, kind=kind, path=path) for kind, path in _paths(rule)]
    PastCondition.objects.bulk_create(past)
    drop_conditions(RoutingRule.objects.filter(rule_set=rule_set))
    rule_set.state = SetState.RETIRED
    rule_set.retired_at = at
    rule_set.save(update_fields=["state", "retired_at"])


def _paths(rule: RoutingRule) -> list[tuple[ConditionKind, str]]:
    return [
        *((ConditionKind.SERVICE, each.code) for each in rule.services.all()),
        *((ConditionKind.AREA, f"{each.kind.code}/{each.code}") for each in rule.areas.all()),
        *(
            (
                ConditionKind.ANSWER,
                f"{each.question.service.code}/{each.question.code}/{each.key}",
            )
            for each in rule.answers.all()
        ),
    ]


def route_by_new_rules(*, at: datetime) -> None:
    """Tell every process that its memory of the rules is out of date, within seconds."""
    City.objects.filter(pk=require_city_id()).update(catalog_changed_at=at)
