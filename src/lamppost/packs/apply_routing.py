"""Routing rules: a pack that says something new becomes the next set in force.

Sets in force are never edited, so the history of cases stays readable; see
docs/decisions/0014-routing-sets.md for how a pack and edits at the desk live together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from lamppost.kernel.refusals import Problem
from lamppost.packs.apply_areas import AreaRows
from lamppost.packs.apply_catalog import ValueRows
from lamppost.packs.content import Pack
from lamppost.packs.content import RoutingRule as RuleFacts
from lamppost.packs.stored_routing import routing_digest, stored_rules
from lamppost.packs.sync import Sync
from lamppost.people.models import Team
from lamppost.routing.choices import SetState
from lamppost.routing.models import RoutingRule, RuleSet
from lamppost.routing.services.conditions import Asked, write_conditions
from lamppost.routing.services.versions import new_set, retire
from lamppost.routing.values import active_set

NOUN = "routing rule"
KEPT = "routing rule kept as edited at the desk"


class RoutingRows:
    """Rows that rules of a pack refer to, by the codes the pack uses."""

    def __init__(
        self,
        departments: Mapping[str, Any],
        services: Mapping[str, Any],
        areas: AreaRows,
        values: ValueRows,
    ) -> None:
        self.departments = departments
        self.services = services
        self.areas = areas
        self.values = values


def apply_routing(pack: Pack, sync: Sync, rows: RoutingRows, *, may_replace: bool) -> None:
    """Put the pack's rules into force when they differ from those in force.

    Rules edited at the desk that no pack knows are kept when the pack still says what it said
    before those edits. When both changed, that is a problem unless ``may_replace``.
    """
    active = active_set()
    stored = stored_rules(active) if active is not None else ()
    digest = routing_digest(pack.routing)
    if stored == pack.routing:
        sync.tally.unchanged[NOUN] += len(stored)
        if active is not None and active.pack_digest != digest:
            active.pack_digest = digest
            active.save(update_fields=["pack_digest"])
        return
    if active is not None and not active.pack_digest and not may_replace:
        if digest == _last_known():
            sync.tally.unchanged[KEPT] += len(stored)
        else:
            sync.problems.append(_edited(active))
        return
    now = timezone.now()
    if active is not None:
        retire(active, at=now)
    _make(pack.routing, digest, sync, rows, now)
    _count(sync, stored, pack.routing)


def _last_known() -> str:
    known = RuleSet.objects.exclude(pack_digest="").order_by("-number")
    return known.values_list("pack_digest", flat=True).first() or routing_digest(())


def _edited(active: RuleSet) -> Problem:
    return Problem(
        field="routing",
        message=f"The routing rules in force (number {active.number}) were edited at the desk, "
        "and routing.yaml says something else again. Take them over with `lamppost pack export`, "
        "or give them up with `lamppost pack apply --replace-routing`.",
        code="edited",
    )


def _make(
    rules: Sequence[RuleFacts], digest: str, sync: Sync, rows: RoutingRows, now: datetime
) -> None:
    made = new_set(
        state=SetState.ACTIVE, at=now, user_id=None, pack_digest=digest, activated_at=now
    )
    made_rules: list[tuple[RoutingRule, Asked]] = []
    for order, facts in enumerate(rules, start=1):
        rule = RoutingRule.objects.create(
            rule_set=made,
            code=facts.code,
            order=order,
            note=facts.note,
            department_id=rows.departments[facts.department].pk,
            team=_team(facts, sync, rows),
            weekdays=facts.weekdays,
            from_minute=facts.window[0] if facts.window else None,
            to_minute=facts.window[1] if facts.window else None,
            hazard_only=facts.hazard_only,
        )
        asked = Asked(
            services=[rows.services[code].pk for code in facts.services],
            areas=[rows.areas[pair].pk for pair in facts.areas],
            values=[rows.values[triple].pk for triple in facts.answers],
        )
        made_rules.append((rule, asked))
    write_conditions(made_rules)


def _team(facts: RuleFacts, sync: Sync, rows: RoutingRows) -> Team | None:
    """The rule's team; one the department has not got yet is made, for the desk to fill."""
    if not facts.team:
        return None
    team, is_new = Team.objects.get_or_create(
        department_id=rows.departments[facts.department].pk,
        code=facts.team,
        defaults={"name": {}},
    )
    if is_new:
        sync.tally.created["team"] += 1
    return team


def _count(sync: Sync, before: Sequence[RuleFacts], after: Sequence[RuleFacts]) -> None:
    """Say what changed rule by rule, by code; a rule that only moved has changed."""
    old = {rule.code: (order, rule) for order, rule in enumerate(before)}
    new = {rule.code: (order, rule) for order, rule in enumerate(after)}
    for code, row in new.items():
        if code not in old:
            sync.tally.created[NOUN] += 1
        elif old[code] == row:
            sync.tally.unchanged[NOUN] += 1
        else:
            sync.tally.changed[NOUN] += 1
    gone = sum(code not in new for code in old)
    if gone:
        sync.tally.retired[NOUN] += gone
