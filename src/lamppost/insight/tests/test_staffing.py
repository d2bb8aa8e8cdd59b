"""Staffing: published worked examples to the digits given, and what must hold for any line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamppost.insight.staffing import (
    Calls,
    Goal,
    agents_needed,
    day_plan,
    erlang_b,
    erlang_c,
    impatient_line,
    line,
    rostered,
)

HALF_HOUR, HOUR = 1800.0, 3600.0
# 1.2 and 1.5 million calls a year over 68 open hours a week.
YEAR_S = 68 * HOUR * 52

# What the example is, calls, seconds, handle time, agents, within; waiting, level, speed, busy.
LINES = [
    ("E1, as published", 100, HALF_HOUR, 180, 14, 20, 0.17413193, 0.88835002, 7.835937, 0.71428571),
    ("E2, Mitan", 360, HALF_HOUR, 240, 55, 15, 0.238701, 0.845883, 8.184, 0.872727),
    ("E3, as published", 1000, HOUR, 120, 40, 20, 0.1907, 0.9372, 3.43, 0.8333),
    ("E4, five agents fewer", 1000, HOUR, 120, 35, 20, 0.6965, 0.4724, 50.15, 0.9524),
    ("E5, if nobody hung up", 2880, HOUR, 60, 50, 20, None, None, 20.834, 0.96),
    ("E7, the record surge", 7100, 5 * HOUR, 204, 87, 20, None, 0.8057, 11.5, 0.925),
]  # fmt: skip


@pytest.mark.parametrize("row", LINES, ids=[row[0] for row in LINES])
def test_a_line_is_what_the_worked_example_says(row: tuple[object, ...]) -> None:
    _what, count, over, handle, agents, within, waiting, level, speed, busy = row
    found = line(Calls(count, over, handle), agents, within_s=within)
    figures = (found.waiting, found.service_level, found.speed_of_answer_s, found.occupancy)
    for figure, given_ in zip(figures, (waiting, level, speed, busy), strict=True):
        if given_ is not None:
            digits = len(str(given_).partition(".")[2])
            assert round(figure, digits) == pytest.approx(given_, abs=0.6 * 10**-digits)


# What the example is, calls, seconds, handle time, the goal, agents.
NEEDS = [
    ("E1", 100, HALF_HOUR, 180, Goal(0.80, 20, 0.85), 14),
    ("E3", 1000, HOUR, 120, Goal(0.80, 20, 0.85), 40),
    ("E6, 1.2 million a year", 1_200_000, YEAR_S, 204, Goal(0.80, 20), 24),
    ("E6, 1.5 million a year", 1_500_000, YEAR_S, 204, Goal(0.80, 20), 29),
    ("E7", 7100, 5 * HOUR, 204, Goal(0.80, 20), 87),
    ("no calls need nobody", 0, HOUR, 204, Goal(0.80, 20), 0),
]  # fmt: skip


@pytest.mark.parametrize("row", NEEDS, ids=[row[0] for row in NEEDS])
def test_as_many_agents_are_needed_as_the_worked_example_says(row: tuple[object, ...]) -> None:
    _what, count, over, handle, goal, agents = row
    calls = Calls(count, over, handle)
    assert agents_needed(calls, goal) == agents
    if agents:
        fewer = line(calls, agents - 1, within_s=goal.within_s)
        assert fewer.service_level < goal.share or fewer.occupancy > goal.most_occupancy


def test_one_agent_fewer_misses_the_goal_of_e1() -> None:
    assert line(Calls(100, HALF_HOUR, 180), 13, within_s=20).service_level == pytest.approx(
        0.7956, abs=5e-5
    )


def test_traffic_of_the_yearly_examples() -> None:
    assert Calls(1_200_000, YEAR_S, 204).traffic == pytest.approx(19.23, abs=0.005)
    assert Calls(7100, 5 * HOUR, 204).traffic == pytest.approx(80.47, abs=0.005)


def test_callers_who_hang_up_as_in_e5() -> None:
    found = impatient_line(Calls(2880, HOUR, 60), 50, patience_s=120)
    assert round(found.abandoned * 100, 4) == 3.0912
    assert round(found.wait_s, 4) == 3.7095
    assert round(found.queue, 2) == 2.97
    assert round(found.occupancy * 100, 2) == 93.03


def test_the_record_surge_with_who_was_there() -> None:
    found = impatient_line(Calls(7100, 5 * HOUR, 204), 41, patience_s=120)
    assert round(found.abandoned, 2) == 0.49
    assert round(found.wait_s) == 59


@pytest.mark.parametrize(
    ("agents", "shrinkage", "people"), [(14, 0.3, 20), (24, 0.3, 34.3), (29, 0.3, 41.4)]
)
def test_the_roster_makes_up_for_who_is_elsewhere(
    agents: int, shrinkage: float, people: float
) -> None:
    assert round(rostered(agents, shrinkage=shrinkage), 1) == people


def test_very_large_lines_stay_figures() -> None:
    calls = Calls(60_000, HOUR, 300)
    assert calls.traffic == 5000
    needed = agents_needed(calls, Goal(0.80, 20))
    assert 5000 < needed < 5150
    assert 0 < impatient_line(calls, 4800, patience_s=120).abandoned < 0.1


def test_with_too_few_agents_the_line_only_grows() -> None:
    found = line(Calls(1000, HOUR, 120), 33, within_s=20)
    assert (found.waiting, found.service_level, found.speed_of_answer_s) == (1, 0, math.inf)


def test_two_agents_ill_are_missing_in_every_stretch() -> None:
    day = [Calls(count, HALF_HOUR, 204) for count in (20, 60, 5, 0)]
    goal = Goal(0.80, 20)
    full = day_plan(day, goal, patience_s=120)
    ill = day_plan(day, goal, patience_s=120, agents=[one.agents for one in full], missing=2)
    assert [one.short for one in full] == [0, 0, 0, 0]
    assert [one.agents for one in ill] == [max(0, one.agents - 2) for one in full]
    assert all(
        worse.impatient.abandoned > one.impatient.abandoned
        for one, worse in zip(full[:3], ill[:3], strict=True)
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Calls(-1, HOUR, 60),
        lambda: Calls(1, 0, 60),
        lambda: agents_needed(Calls(1, HOUR, 60), Goal(1.0, 20)),
        lambda: rostered(5, shrinkage=1.0),
        lambda: erlang_b(-1, 3),
        lambda: impatient_line(Calls(1, HOUR, 60), 3, patience_s=0),
        lambda: day_plan([Calls(1, HOUR, 60)], Goal(0.8, 20), patience_s=60, agents=[1, 2]),
    ],
)
def test_what_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says it in its own words
        wrong()  # type: ignore[operator]


traffics = st.floats(0.01, 300)


@given(traffics, st.integers(1, 350))
def test_one_more_agent_never_makes_it_worse(traffic: float, agents: int) -> None:
    calls = Calls(traffic, 100, 100)
    one, more = (line(calls, n, within_s=20) for n in (agents, agents + 1))
    assert more.waiting <= one.waiting
    assert more.service_level >= one.service_level
    assert more.speed_of_answer_s <= one.speed_of_answer_s
    assert erlang_b(traffic, agents + 1) <= erlang_b(traffic, agents)


@given(traffics, st.integers(1, 350))
def test_more_wait_than_would_be_turned_away(traffic: float, agents: int) -> None:
    assert 0 <= erlang_b(traffic, agents) <= erlang_c(traffic, agents) <= 1


@given(traffics, st.integers(0, 350), st.floats(1, 600))
def test_who_hangs_up_and_who_is_served_are_all_who_called(
    traffic: float, agents: int, patience_s: float
) -> None:
    calls = Calls(traffic, 100, 100)
    found = impatient_line(calls, agents, patience_s=patience_s)
    served = found.occupancy * agents
    assert served + found.abandoned * calls.traffic == pytest.approx(calls.traffic, rel=1e-6)
    assert 0 <= found.abandoned <= 1 + 1e-9


@given(st.floats(0.5, 40), st.integers(1, 60))
def test_endless_patience_is_erlang_c(traffic: float, agents: int) -> None:
    calls = Calls(traffic, 100, 100)
    if agents >= traffic * 1.05:
        patient = impatient_line(calls, agents, patience_s=1e9)
        expected = line(calls, agents, within_s=0).speed_of_answer_s
        assert patient.wait_s == pytest.approx(expected, rel=1e-3, abs=1e-6)
