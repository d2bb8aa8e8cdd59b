"""A city pack and rules edited at the desk: neither undoes the other unsaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from lamppost.cases.services.routing_trial import run_trial
from lamppost.cities.models import City
from lamppost.kernel.refusals import Conflict
from lamppost.packs.apply import apply_pack
from lamppost.packs.content import Pack, RoutingRule
from lamppost.packs.diff import compare
from lamppost.packs.stored import stored_pack
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department, Team
from lamppost.routing.choices import SetState
from lamppost.routing.models import RuleSet
from lamppost.routing.services.activation import activate
from lamppost.routing.services.drafts import RuleWish, begin_draft, save_rule, version_of

TODAY = date(2026, 11, 22)
pytestmark = pytest.mark.django_db

ROADS = RoutingRule(code="roads", department="parks", services=("POTHOLE",))
NIGHTS = RoutingRule(code="nights", department="center", window=(1320, 360), weekdays="56")


def pack_with(city: City, *rules: RoutingRule) -> Pack:
    return replace(stored_pack(city), routing=rules)


def codes() -> list[str]:
    rules = RuleSet.objects.get(state=SetState.ACTIVE).rules.order_by("order")
    return [rule.code for rule in rules]


@pytest.fixture
def director(actor: Callable[..., Actor]) -> Actor:
    return actor(Role.DIRECTOR)


def edit_at_desk(director: Actor, **wish: object) -> RuleSet:
    draft = begin_draft(actor=director).rule_set
    parks = Department.objects.get(code="parks").pk
    fields = {"department_id": parks, "note": "from the desk"} | wish
    save_rule(rule_set_id=draft.pk, seen=version_of(draft), wish=RuleWish(**fields), actor=director)
    draft.refresh_from_db()
    run_trial(rule_set_id=draft.pk, seen=version_of(draft), actor=director)
    return activate(rule_set_id=draft.pk, seen=version_of(draft), title="x", actor=director)


def test_a_changed_pack_makes_a_new_set_and_keeps_the_old_one(city: City) -> None:
    apply_pack(pack=pack_with(city, ROADS, NIGHTS), today=TODAY)
    applied = apply_pack(pack=pack_with(city, NIGHTS, ROADS), today=TODAY)
    assert applied.tally.changed["routing rule"] == 2
    assert codes() == ["nights", "roads"]
    old = RuleSet.objects.get(state=SetState.RETIRED)
    assert old.rules.get(code="roads").wording == "If the service is Pothole, then Parks."
    assert not apply_pack(pack=pack_with(city, NIGHTS, ROADS), today=TODAY).tally.has_changes
    assert RuleSet.objects.count() == 2


def test_edits_of_the_desk_stay_while_the_pack_says_the_same(city: City, director: Actor) -> None:
    pack = pack_with(city, ROADS)
    apply_pack(pack=pack, today=TODAY)
    edit_at_desk(director)
    applied = apply_pack(pack=pack, today=TODAY)
    assert codes() == ["roads", "from-the-desk"]
    assert applied.tally.unchanged["routing rule kept as edited at the desk"] == 2


def test_a_pack_that_changed_too_is_refused_unless_told_to_replace(
    city: City, director: Actor
) -> None:
    apply_pack(pack=pack_with(city, ROADS), today=TODAY)
    edit_at_desk(director)
    changed = pack_with(city, NIGHTS)
    with pytest.raises(Conflict, match="edited at the desk"):
        apply_pack(pack=changed, today=TODAY)
    assert codes() == ["roads", "from-the-desk"]
    apply_pack(pack=changed, today=TODAY, replace_routing=True)
    assert codes() == ["nights"]


def test_exported_edits_belong_to_the_pack(city: City, director: Actor) -> None:
    apply_pack(pack=pack_with(city, ROADS), today=TODAY)
    team = Team.objects.create(department=Department.objects.get(code="parks"), code="night-crew")
    edit_at_desk(director, team_id=team.pk, window=(1320, 360))
    exported = stored_pack(city)
    assert compare(stored_pack(city), exported) == []
    assert exported.routing[-1].team == "night-crew"
    assert not apply_pack(pack=exported, today=TODAY).tally.has_changes
    # Known to the pack now, so the next pack may change it without being asked.
    apply_pack(pack=replace(exported, routing=(NIGHTS,)), today=TODAY)
    assert codes() == ["nights"]


def test_a_team_the_department_has_not_got_is_made(city: City) -> None:
    rule = replace(ROADS, team="crew")
    applied = apply_pack(pack=pack_with(city, rule), today=TODAY)
    assert applied.tally.created["team"] == 1
    assert Team.objects.get().department.code == "parks"
    assert compare(stored_pack(city), pack_with(city, rule)) == []


def test_a_draft_is_no_part_of_the_pack(city: City, director: Actor) -> None:
    apply_pack(pack=pack_with(city, ROADS), today=TODAY)
    begin_draft(actor=director)
    assert [rule.code for rule in stored_pack(city).routing] == ["roads"]
