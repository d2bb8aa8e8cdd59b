"""The rows that say what a rule asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from lamppost.routing.models import RoutingAnswer, RoutingArea, RoutingRule, RoutingService


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule asks for, by ids; empty means any."""

    services: Iterable[int] = ()
    areas: Iterable[int] = ()
    values: Iterable[int] = ()


def write_conditions(rules: Iterable[tuple[RoutingRule, Asked]]) -> None:
    """Write the conditions of rules that have none yet; three queries."""
    services, areas, answers = [], [], []
    for rule, asked in rules:
        services += [RoutingService(rule=rule, service_id=each) for each in asked.services]
        areas += [RoutingArea(rule=rule, area_id=each) for each in asked.areas]
        answers += [RoutingAnswer(rule=rule, value_id=each) for each in asked.values]
    RoutingService.objects.bulk_create(services)
    RoutingArea.objects.bulk_create(areas)
    RoutingAnswer.objects.bulk_create(answers)


def drop_conditions(rules: QuerySet[RoutingRule]) -> None:
    """Delete all conditions of these rules."""
    RoutingService.objects.filter(rule__in=rules).delete()
    RoutingArea.objects.filter(rule__in=rules).delete()
    RoutingAnswer.objects.filter(rule__in=rules).delete()
