"""Routing rules with their conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamppost.cases.models import Case
from lamppost.packs.apply_areas import AreaRows
from lamppost.packs.apply_catalog import ValueRows
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.routing.models import RoutingAnswer, RoutingArea, RoutingRule, RoutingService

Pairs = dict[tuple[int, int], dict[str, int]]


def _is_used(rule: Any) -> bool:
    # A case says which rule sent it where; deleting the rule would take the reason away.
    return Case.objects.filter(routed_by=rule).exists()


def apply_routing(
    pack: Pack,
    sync: Sync,
    departments: Mapping[str, Any],
    services: Mapping[str, Any],
    areas: AreaRows,
    values: ValueRows,
) -> None:
    """Carry over the rules, in the pack's order."""
    rules = sync.rows(
        "routing rule",
        RoutingRule,
        {row.code: row for row in RoutingRule.objects.all()},
        {
            row.code: {
                "code": row.code,
                "order": order,
                "note": row.note,
                "department_id": departments[row.department].pk,
                "weekdays": row.weekdays,
                "from_minute": row.window[0] if row.window else None,
                "to_minute": row.window[1] if row.window else None,
                "hazard_only": row.hazard_only,
                "is_active": True,
            }
            for order, row in enumerate(pack.routing, start=1)
        },
        is_used=_is_used,
    )
    wanted: dict[str, Pairs] = {"service": {}, "area": {}, "value": {}}
    for row in pack.routing:
        rule_id = rules[row.code].pk
        targets = {
            "service": [services[code].pk for code in row.services],
            "area": [areas[pair].pk for pair in row.areas],
            "value": [values[triple].pk for triple in row.answers],
        }
        for name, ids in targets.items():
            for target_id in ids:
                wanted[name][rule_id, target_id] = {"rule_id": rule_id, f"{name}_id": target_id}
    for noun, model, name in (
        ("routing service", RoutingService, "service"),
        ("routing area", RoutingArea, "area"),
        ("routing answer", RoutingAnswer, "value"),
    ):
        # Conditions of retired rules go too: they would hold on to what vanishes.
        existing = {(row.rule_id, getattr(row, f"{name}_id")): row for row in model.objects.all()}
        sync.rows(noun, model, existing, wanted[name])
