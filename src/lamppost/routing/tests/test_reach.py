"""Which rules are proven dead: a table of facts, and random rules against random cases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from lamppost.catalog.triage import Conditions
from lamppost.routing.matcher import Facts, RuleValue, in_time, match
from lamppost.routing.reach import minutes_of, shadows

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def rule(
    number: int,
    *,
    services: tuple[int, ...] = (),
    areas: tuple[int, ...] = (),
    answers: dict[int, tuple[int, ...]] | None = None,
    days: tuple[int, ...] = (),
    hours: tuple[int, int] | None = None,
    hazard: bool = False,
) -> RuleValue:
    return RuleValue(
        id=number,
        code=f"rule-{number}",
        department_id=1,
        services=frozenset(services),
        conditions=Conditions(
            values={key: frozenset(values) for key, values in (answers or {}).items()},
            areas=frozenset(areas),
        ),
        weekdays=frozenset(days),
        from_minute=hours[0] if hours else None,
        to_minute=hours[1] if hours else None,
        hazard_only=hazard,
    )


NIGHT = (22 * 60, 6 * 60)
TABLE = [
    ("two rules for different services", [rule(1, services=(1,)), rule(2, services=(2,))], {}),
    ("the same service twice", [rule(1, services=(1,)), rule(2, services=(1,))], {2: (1,)}),
    ("a narrower one below a wider one", [rule(1), rule(2, services=(1,))], {2: (1,)}),
    ("a wider one below a narrower one", [rule(1, services=(1,)), rule(2)], {}),
    ("two that together take both services",
     [rule(1, services=(1,)), rule(2, services=(2,)), rule(3, services=(1, 2))], {3: (1, 2)}),
    ("one of two services is left",
     [rule(1, services=(1,)), rule(2, services=(1, 2))], {}),
    ("day and night together are always",
     [rule(1, hours=NIGHT), rule(2, hours=(360, 1320)), rule(3, services=(4,))], {3: (1, 2)}),
    ("a minute is left between day and night",
     [rule(1, hours=NIGHT), rule(2, hours=(361, 1320)), rule(3)], {}),
    ("a night of Saturday runs into Sunday",
     [rule(1, days=(5,), hours=NIGHT), rule(2, days=(6,), hours=(0, 360))], {2: (1,)}),
    ("a night of Sunday runs into Monday",
     [rule(1, days=(6,), hours=NIGHT), rule(2, days=(0,), hours=(0, 360))], {2: (1,)}),
    ("one area of two above", [rule(1, areas=(1, 2)), rule(2, areas=(1,))], {2: (1,)}),
    ("anywhere is more than the areas above", [rule(1, areas=(1, 2)), rule(2)], {}),
    ("an answer asked above only", [rule(1, answers={1: (1,)}), rule(2)], {}),
    ("fewer answers to the same question below",
     [rule(1, answers={1: (1, 2)}), rule(2, answers={1: (1,)})], {2: (1,)}),
    ("one question more below",
     [rule(1, answers={1: (1,)}), rule(2, answers={1: (1,), 2: (5,)})], {2: (1,)}),
    ("hazards only above", [rule(1, hazard=True), rule(2)], {}),
    ("hazards only below", [rule(1), rule(2, hazard=True)], {2: (1,)}),
    ("a time that never comes", [rule(1, hours=(60, 60))], {1: ()}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rules", "dead"), TABLE, ids=[row[0] for row in TABLE])
def test_table(why: str, rules: list[RuleValue], dead: dict[int, tuple[int, ...]]) -> None:
    found = {one.rule.id: tuple(each.id for each in one.by) for one in shadows(rules)}
    assert found == dead, why


def some(chance: random.Random, most: int, limit: int) -> tuple[int, ...]:
    return tuple(sorted(chance.sample(range(1, limit + 1), chance.randint(0, most))))


def random_rule(chance: random.Random, number: int) -> RuleValue:
    hours = None
    if chance.random() < 0.5:
        hours = (chance.randrange(0, 1440, 360), chance.randrange(0, 1441, 360))
    return rule(
        number,
        services=some(chance, 2, 3),
        areas=some(chance, 2, 3),
        answers={1: some(chance, 2, 3) or (1,)} if chance.random() < 0.3 else None,
        days=tuple(day for day in range(7) if chance.random() < 0.5),
        hours=hours,
        hazard=chance.random() < 0.2,
    )


def random_facts(chance: random.Random) -> Facts:
    return Facts(
        service_id=chance.randint(1, 3),
        chosen=frozenset(some(chance, 2, 3)),
        areas=frozenset(some(chance, 2, 3)),
        local_time=MONDAY + timedelta(minutes=chance.randrange(0, 7 * 1440, 30)),
        is_hazard=chance.random() < 0.5,
    )


def test_what_is_proven_dead_never_decides() -> None:
    chance = random.Random(311)
    proven = 0
    for _round in range(150):
        rules = [random_rule(chance, number) for number in range(1, 9)]
        dead = {one.rule.id for one in shadows(rules)}
        proven += len(dead)
        for _case in range(150):
            first = match(rules, random_facts(chance))
            assert first is None or first.id not in dead
    assert proven > 100, "too few rules were dead for this to prove anything"


def test_minutes_of_a_week_are_those_the_matcher_sees() -> None:
    chance = random.Random(8)
    for number in range(60):
        one = random_rule(chance, number)
        bits = minutes_of(one)
        for minute in range(0, 7 * 1440, 37):
            here = in_time(one, MONDAY + timedelta(minutes=minute))
            assert bool(bits >> minute & 1) == here, (one, minute)
