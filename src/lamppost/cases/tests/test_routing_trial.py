"""Trying rules on past cases says what intake will do; activation needs exactly that trial."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case, CaseArea
from lamppost.cases.selectors.past import last_cases
from lamppost.cases.services.lifecycle import move
from lamppost.cases.services.routing_trial import run_trial, try_rules
from lamppost.catalog.models import QuestionValue, Service
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Department, Team
from lamppost.places.models import Area, AreaKind
from lamppost.routing.choices import SetState
from lamppost.routing.models import RoutingRule, RoutingTrial, RuleSet
from lamppost.routing.services.activation import activate
from lamppost.routing.services.drafts import (
    RuleWish,
    begin_draft,
    delete_rule,
    discard_draft,
    move_rule,
    save_rule,
    version_of,
)
from lamppost.routing.values import content_digest, rules_of

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


@pytest.fixture
def director(actor: Callable[..., Actor]) -> Actor:
    return actor(Role.DIRECTOR)


def department(code: str) -> int:
    return Department.objects.get(code=code).pk


def seen(rule_set: RuleSet) -> str:
    rule_set.refresh_from_db()
    return version_of(rule_set)


def drafted(actor: Actor, *wishes: RuleWish) -> RuleSet:
    draft = begin_draft(actor=actor).rule_set
    for wish in wishes:
        save_rule(rule_set_id=draft.pk, seen=seen(draft), wish=wish, actor=actor)
    return draft


def in_force(actor: Actor, *wishes: RuleWish) -> RuleSet:
    draft = drafted(actor, *wishes)
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=actor)
    return activate(rule_set_id=draft.pk, seen=seen(draft), title="Change", actor=actor)


def to(code: str, **more: Any) -> RuleWish:
    return RuleWish(department_id=department(code), **more)


# Refusals


def test_who_may_not(actor: Callable[..., Actor], director: Actor) -> None:
    supervisor, worker = actor(Role.SUPERVISOR, "center"), actor(Role.WORKER, "streets")
    draft = drafted(supervisor, to("parks"))
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=supervisor)
    version = seen(draft)
    with pytest.raises(Forbidden):
        activate(rule_set_id=draft.pk, seen=version, title="x", actor=supervisor)
    for step in (
        lambda: begin_draft(actor=worker),
        lambda: run_trial(rule_set_id=draft.pk, seen=version, actor=worker),
        lambda: save_rule(rule_set_id=draft.pk, seen=version, wish=to("parks"), actor=worker),
        lambda: discard_draft(rule_set_id=draft.pk, seen=version, actor=worker),
    ):
        with pytest.raises(Forbidden):
            step()
    assert RuleSet.objects.get().state == SetState.DRAFT


def test_nothing_is_put_into_force_untried(director: Actor, file_case: FileCase) -> None:
    file_case()
    draft = drafted(director, to("parks"))

    def try_to_activate() -> None:
        activate(rule_set_id=draft.pk, seen=seen(draft), title="Parks", actor=director)

    with pytest.raises(Conflict, match="Try this draft"):
        try_to_activate()
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    save_rule(rule_set_id=draft.pk, seen=seen(draft), wish=to("streets"), actor=director)
    with pytest.raises(Conflict, match="exactly as it stands"):
        try_to_activate()
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    with pytest.raises(Invalid, match="Say in a line"):
        activate(rule_set_id=draft.pk, seen=seen(draft), title=" ", actor=director)
    with pytest.raises(Conflict, match="Somebody changed"):
        activate(rule_set_id=draft.pk, seen="2001", title="x", actor=director)
    try_to_activate()
    with pytest.raises(Conflict, match="Only a draft"):
        try_to_activate()
    assert AuditEntry.objects.filter(what="routing").count() == 1


def test_a_trial_against_rules_replaced_meanwhile_does_not_count(director: Actor) -> None:
    in_force(director, to("parks"))
    draft = drafted(director, to("streets"))
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    RuleSet.objects.filter(state=SetState.ACTIVE).update(state=SetState.RETIRED)
    with pytest.raises(Conflict, match="Try this draft"):
        activate(rule_set_id=draft.pk, seen=seen(draft), title="x", actor=director)


def test_a_rule_that_cannot_work_is_not_put_into_force(director: Actor) -> None:
    team = Team.objects.create(department_id=department("parks"), code="crew", name={"en": "Crew"})
    draft = drafted(director, to("parks", team_id=team.pk))
    Team.objects.update(is_active=False)
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    with pytest.raises(Conflict, match="cannot work: rule-1"):
        activate(rule_set_id=draft.pk, seen=seen(draft), title="x", actor=director)


def test_only_a_draft_changes(director: Actor) -> None:
    active = in_force(director, to("parks"))
    rule = active.rules.get()
    ids = {"rule_set_id": active.pk, "seen": seen(active), "actor": director}
    for step in (
        lambda: save_rule(wish=to("streets"), **ids),
        lambda: delete_rule(rule_id=rule.pk, **ids),
        lambda: move_rule(rule_id=rule.pk, steps=1, **ids),
        lambda: discard_draft(**ids),
        lambda: run_trial(**ids),
    ):
        with pytest.raises(Conflict):
            step()
    begin_draft(actor=director)
    with pytest.raises(Conflict, match="a draft already"):
        begin_draft(actor=director)


@pytest.mark.parametrize("last", [0, -1, 10_001])
def test_how_many_cases(last: int, director: Actor) -> None:
    draft = drafted(director)
    with pytest.raises(Invalid, match=r"from 1 to 10000"):
        run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director, last=last)


def test_another_city_s_draft_does_not_exist(director: Actor, other_city: City) -> None:
    with city_scope(other_city.pk):
        theirs = RuleSet.objects.create(
            number=1, state=SetState.DRAFT, created_at=timezone.now(), changed_at=timezone.now()
        )
        area = Area.objects.create(
            kind=AreaKind.objects.create(code="ward", name={"en": "Ward"}), code="1", name={}
        )
        team = Team.objects.create(department=Department.objects.get(code="parks"), code="x")
        service = Service.objects.get(code="TREE")
    with pytest.raises(NotFound):
        run_trial(rule_set_id=theirs.pk, seen=version_of(theirs), actor=director)
    draft = drafted(director)
    for wish, words in (
        (to("parks", areas=frozenset({area.pk})), "areas does not exist"),
        (to("parks", services=frozenset({service.pk})), "services does not exist"),
        (to("parks", team_id=team.pk), "team does not exist"),
    ):
        with pytest.raises(Invalid, match=words):
            save_rule(rule_set_id=draft.pk, seen=seen(draft), wish=wish, actor=director)


# What a trial shows


def test_what_would_change_is_counted_from_whom_to_whom(
    director: Actor, file_case: FileCase
) -> None:
    for _time in range(3):
        file_case()
    moved = file_case()
    Case.objects.filter(pk=moved.pk).update(department=department("parks"))
    file_case(service_code="TREE", answers={})
    pothole = Service.objects.get(code="POTHOLE").pk
    draft = drafted(
        director,
        to("parks", services=frozenset({pothole}), note="holes"),
        to("parks", services=frozenset({pothole}), note="shadowed"),
    )
    tried = run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    assert (tried.cases, tried.changed) == (5, 4)
    flow = tried.flows.get()
    assert (flow.from_department.code, flow.to_department.code) == ("streets", "parks")
    assert (flow.count, flow.settled) == (4, 1)
    assert {one.case_number for one in flow.samples.all()} <= set(
        Case.objects.values_list("number", flat=True)
    )
    assert {one.rule.code: one.matched for one in tried.rules.all()} == {"holes": 4}


def test_cases_that_would_reach_the_catch_all_are_shown(
    director: Actor, file_case: FileCase
) -> None:
    case = file_case()
    file_case(service_code="POLICE", answers={}, point=None)
    draft = drafted(director, to("center"))
    tried = run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    assert (tried.catch_all_now, tried.catch_all_then) == (0, 1)
    assert tried.samples.get(flow=None).case_number == case.number


def test_a_trial_touches_no_case(director: Actor, file_case: FileCase) -> None:
    file_case()
    before = list(Case.objects.values())
    draft = drafted(director, to("parks"))
    run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    assert list(Case.objects.values()) == before
    assert RoutingTrial.objects.count() == 1


def test_queries_per_batch_are_fixed(
    director: Actor, file_case: FileCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _time in range(9):
        file_case()
    monkeypatch.setattr("lamppost.cases.selectors.past._BATCH", 3)
    draft = drafted(director, to("parks"))
    rules = rules_of(draft)

    def cost(last: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert try_rules(rules, (), last_cases(last)).cases == last
        return len(queries)

    assert cost(6) - cost(3) == 3
    assert cost(9) - cost(6) == 3


# The bench equals intake


def _wards() -> list[int]:
    kind = AreaKind.objects.create(code="ward", name={"en": "Ward"})
    rows = []
    for at in range(3):
        west = -75.3 + at / 10
        ring = [[west, 39.8], [west + 0.1, 39.8], [west + 0.1, 40.1], [west, 40.1], [west, 39.8]]
        rows.append(
            Area.objects.create(
                kind=kind, code=str(at), name={},
                boundary={"type": "Polygon", "coordinates": [ring]},
            )
        )  # fmt: skip
    return [row.pk for row in rows]


def _random_wish(chance: random.Random, wards: list[int], crews: list[Team]) -> RuleWish:
    crew = chance.choice([None, *crews])
    services = list(Service.objects.filter(code__in=["POTHOLE", "TREE"]))
    chosen = frozenset(each.pk for each in services if chance.random() < 0.4)
    values = [
        value.pk
        for value in QuestionValue.objects.select_related("question")
        if not chosen or value.question.service_id in chosen
    ]
    window = None
    if chance.random() < 0.4:
        window = (chance.randrange(0, 1440, 60), chance.randrange(30, 1440, 60))
    return RuleWish(
        department_id=crew.department_id
        if crew
        else department(chance.choice(["parks", "streets", "center"])),
        team_id=crew.pk if crew else None,
        services=chosen,
        areas=frozenset(each for each in wards if chance.random() < 0.3),
        values=frozenset(chance.sample(values, min(len(values), chance.choice([0, 0, 1, 2])))),
        weekdays=frozenset(day for day in range(7) if chance.random() < 0.3),
        window=window,
        hazard_only=chance.random() < 0.15,
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_bench_says_what_intake_does(
    seed: int, director: Actor, file_case: FileCase, city: City
) -> None:
    chance = random.Random(seed)
    wards = _wards()
    City.objects.update(areas_changed_at=timezone.now())
    forget_cities()
    crews = [
        Team.objects.create(department_id=department(code), code=f"{code}-crew", is_active=active)
        for code, active in (("parks", True), ("streets", False))
    ]
    live = [crew for crew in crews if crew.is_active]

    def reports() -> list[dict[str, Any]]:
        begin = datetime(2026, 11, 2, tzinfo=city.zone)
        made = []
        for _number in range(25):
            service = chance.choice(["POTHOLE", "TREE"])
            where = chance.choice(["roadway", "cave-in"])
            made.append(
                {
                    "service_code": service,
                    "answers": {"WHERE": (where,)} if service == "POTHOLE" else {},
                    "point": Point(-75.3 + chance.random() * 0.3, 39.9),
                    "requested_at": begin + timedelta(minutes=chance.randrange(14 * 1440)),
                }
            )
        return made

    filed = reports()
    for report in filed:
        file_case(**report)
    assert CaseArea.objects.count() == 25
    wishes = [_random_wish(chance, wards, live) for _number in range(6)]
    draft = drafted(director, *wishes)
    tried = run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director)
    activate(rule_set_id=draft.pk, seen=seen(draft), title="Random", actor=director)

    routed = [file_case(**report) for report in filed]
    decided = Counter(case.routed_by_id for case in routed if case.routed_by_id)
    assert decided == {one.rule_id: one.matched for one in tried.rules.all()}
    homes = {"POTHOLE": "streets", "TREE": "parks"}
    went = Counter(
        (homes[report["service_code"]], None, case.department.code, case.team_id)
        for report, case in zip(filed, routed, strict=True)
        if (homes[report["service_code"]], None) != (case.department.code, case.team_id)
    )
    flows = {
        (
            one.from_department.code,
            one.from_team_id,
            one.to_department.code,
            one.to_team_id,
        ): one.count
        for one in tried.flows.all()
    }
    assert flows == went
    assert tried.cases == 25


# Versions


def test_history_stays_readable_and_an_earlier_set_comes_back(
    director: Actor, file_case: FileCase
) -> None:
    pothole = Service.objects.get(code="POTHOLE")
    value = QuestionValue.objects.get(key="roadway")
    first = in_force(
        director,
        to("parks", services=frozenset({pothole.pk}), values=frozenset({value.pk}), note="Road"),
    )
    case = file_case()
    rule_id = case.routed_by_id
    in_force(director, to("center", services=frozenset({pothole.pk}), note="Center"))
    case.refresh_from_db()
    assert case.routed_by_id == rule_id
    rule = RoutingRule.objects.get(pk=rule_id)
    assert rule.wording.startswith("If the service is Pothole and")
    assert not rule.services.exists(), "a replaced rule holds on to nothing"
    # Renaming does not rewrite history.
    Service.objects.filter(pk=pothole.pk).update(name={"en": "Renamed"})
    rule.refresh_from_db()
    assert "Pothole" in rule.wording

    back = begin_draft(actor=director, from_set_id=first.pk)
    assert back.left_out == ()
    discard_draft(rule_set_id=back.rule_set.pk, seen=seen(back.rule_set), actor=director)
    # A condition whose subject is gone would widen the rule: it is left out and named.
    Service.objects.filter(pk=pothole.pk).update(is_active=False)
    again = begin_draft(actor=director, from_set_id=first.pk)
    assert again.left_out == ("road",)
    assert not again.rule_set.rules.exists()


def test_a_draft_is_a_copy_of_what_is_in_force(director: Actor) -> None:
    wards = _wards()
    wish = to("parks", areas=frozenset(wards[:2]), weekdays=frozenset({5, 6}), window=(1320, 360))
    active = in_force(director, wish, to("streets", hazard_only=True))
    draft = begin_draft(actor=director).rule_set
    assert content_digest(rules_of(draft)) == content_digest(rules_of(active))


def test_a_team_that_stopped_work_leaves_cases_to_the_department(
    director: Actor, file_case: FileCase
) -> None:
    team = Team.objects.create(department_id=department("parks"), code="crew", name={"en": "Crew"})
    in_force(director, to("parks", team_id=team.pk))
    assert file_case().team == team
    Team.objects.update(is_active=False)
    case = file_case()
    assert (case.department.code, case.team) == ("parks", None)


def test_moves_of_a_case_do_not_disturb_the_trial(
    director: Actor, worker: Actor, file_case: FileCase
) -> None:
    case = file_case()
    move(case_id=case.pk, status_code="in-progress", actor=worker)
    draft = drafted(director, to("parks"))
    assert run_trial(rule_set_id=draft.pk, seen=seen(draft), actor=director).changed == 1
