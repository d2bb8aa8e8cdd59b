"""A set of routing rules as the values a pack holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields

from lamppost.packs import content
from lamppost.routing.models import RuleSet
from lamppost.routing.values import rows_of


def stored_rules(rule_set: RuleSet) -> tuple[content.RoutingRule, ...]:
    """Return the rules of a draft or of the set in force, in their order."""
    return tuple(
        content.RoutingRule(
            code=row.code,
            department=row.department.code,
            team=row.team.code if row.team else "",
            services=tuple(sorted(each.code for each in row.services.all())),
            areas=tuple(sorted((each.kind.code, each.code) for each in row.areas.all())),
            answers=tuple(
                sorted(
                    (each.question.service.code, each.question.code, each.key)
                    for each in row.answers.all()
                )
            ),
            weekdays=row.weekdays,
            window=(
                (row.from_minute, row.to_minute)
                if row.from_minute is not None and row.to_minute is not None
                else None
            ),
            hazard_only=row.hazard_only,
            note=row.note,
        )
        for row in rows_of(rule_set)
    )


def routing_digest(rules: Sequence[content.RoutingRule]) -> str:
    """Return a SHA-256 hex digest of what a pack says about routing, in its order."""
    said = [plain(rule) for rule in rules]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def plain(rule: content.RoutingRule) -> dict[str, object]:
    """Return what a rule says, without where in a file it says so."""
    places = {each.name for each in fields(content.Row)}
    return {each.name: getattr(rule, each.name) for each in fields(rule) if each.name not in places}
