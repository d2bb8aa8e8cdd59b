"""A whole day replayed through the services, its key worked out apart by plain loops.

The day is the one on which New York's clocks go back: it has fifty half hours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.services import calls, line
from lamppost.contacts.services.agent_states import set_state
from lamppost.contacts.services.coding import code
from lamppost.contacts.tests.scene import make_dispositions
from lamppost.insight.period import Period
from lamppost.insight.selectors.center import agents_by, center_figures, contacts_by
from lamppost.insight.services.center_counts import refresh_center
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)
MIDNIGHT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # by New York's clocks; the day has 25 hours
HOURS = 25


def at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(milliseconds=round(seconds * 1000))


def drawn(dice: Random, agents: int) -> list[dict[str, Any]]:
    """Calls of the day in order: each taken by who is free first, or given up."""
    free = [0.0] * agents
    found = []
    last = HOURS * 3600 - 4000
    quiet = [dice.uniform(60, last) for _ in range(20)]
    busy = [min(dice.uniform(40_000, 52_000), last) for _ in range(60)]
    for offered in sorted([*quiet, *busy]):
        who = free.index(min(free))
        answered = max(free[who], offered + dice.uniform(1, 4))
        patience = dice.choice([2.5, 30.0, 300.0, 900.0])
        if answered - offered >= patience:
            found.append({"offered": offered, "gone": offered + patience})
            continue
        talk, hold, wrap = dice.uniform(20, 900), dice.uniform(1, 60), dice.uniform(1, 90)
        ended = answered + talk + hold
        free[who] = ended + wrap + 1
        found.append(
            {"offered": offered, "answered": answered, "who": who, "held": answered + talk / 2,
             "spoke": answered + talk / 2 + hold, "ended": ended, "wrapped": ended + wrap}
        )  # fmt: skip
    return found


def replay(found: list[dict[str, Any]], agents: list[Actor]) -> None:
    """Play every step at its moment, all calls interleaved as they were."""
    steps = sorted(
        (when, number, what)
        for number, one in enumerate(found)
        for what, when in one.items()
        if what != "who"
    )
    rows: dict[int, int] = {}
    for when, number, what in steps:
        agent = agents[found[number].get("who", 0)]
        named: dict[str, Any] = {"interaction_id": rows.get(number, 0), "at": at(when)}
        if what == "offered":
            rows[number] = line.offer(channel=Channel.PHONE, at=at(when)).pk
        elif what == "gone":
            line.hung_up(**named)
        elif what == "answered":
            assert calls.take_next(actor=agent, at=at(when)).pk == rows[number]
        elif what == "held":
            calls.hold(**named, actor=agent)
        elif what == "spoke":
            calls.resume(**named, actor=agent)
        elif what == "ended":
            calls.end(**named, actor=agent)
            code(**named, actor=agent, disposition_code="status")
        else:
            calls.finish_wrap(**named, actor=agent)


def whole(start: float, stop: float) -> int:
    """Whole seconds between two moments of the day."""
    return int((at(stop) - at(start)).total_seconds())


def divided(total: int, number: int, places: str) -> Decimal:
    return (Decimal(total) / number).quantize(Decimal(places), ROUND_HALF_UP)


def test_a_replayed_day_comes_to_its_key(city: City, actor: Callable[..., Actor]) -> None:
    make_dispositions()
    agents = [actor(Role.AGENT, "center", name) for name in ("Ana", "Olga")]
    for agent in agents:
        set_state(kind=AgentStateKind.READY, actor=agent, at=at(0))
    found = drawn(Random(311), len(agents))
    replay(found, agents)
    for agent in agents:
        set_state(kind=AgentStateKind.OFFLINE, actor=agent, at=at(HOURS * 3600 - 10))
    refresh_center()

    taken = [one for one in found if "answered" in one]
    gone = [whole(one["offered"], one["gone"]) for one in found if "gone" in one]
    left = [seconds for seconds in gone if seconds >= 5]
    waits = [whole(one["offered"], one["answered"]) for one in taken]
    holds = [whole(one["held"], one["spoke"]) for one in taken]
    talks = [
        whole(one["answered"], one["ended"]) - hold for one, hold in zip(taken, holds, strict=True)
    ]
    wraps = [whole(one["ended"], one["wrapped"]) for one in taken]
    # The day has all of it: short and long waits, callers who gave up at once and later.
    assert len(left) > 3
    assert len(gone) > len(left)
    assert max(waits) > 20 > min(waits)
    figures = {one.measure: one.value for one in center_figures(Period(DAY, DAY))}
    key = {
        "offered": Decimal(len(taken) + len(left)),
        "answered": Decimal(len(taken)),
        "abandoned": Decimal(len(left)),
        "short_abandoned": Decimal(len(gone) - len(left)),
        "abandon_rate": divided(len(left), len(taken) + len(left), "0.0001"),
        "service_level": divided(
            sum(1 for wait in waits if wait <= 20), len(taken) + len(left), "0.0001"
        ),
        "speed_of_answer": divided(sum(waits), len(waits), "0.01"),
        "abandon_wait": divided(sum(left), len(left), "0.01"),
        "handle_time": divided(sum(talks) + sum(holds) + sum(wraps), len(taken), "0.01"),
        "talk_time": divided(sum(talks), len(taken), "0.01"),
        "hold_time": divided(sum(holds), len(taken), "0.01"),
        "wrap_time": divided(sum(wraps), len(taken), "0.01"),
        "coded": Decimal("1.0000"),
    }
    assert {code: figures[code] for code in key} == key

    # Half hour by half hour: fifty places, two of them called half past one.
    halves = contacts_by(Period(DAY, DAY), "starts_at")
    for number in range(2 * HOURS):
        inside = [one for one in taken if int(at(one["offered"]).timestamp() -
                  MIDNIGHT.timestamp()) // 1800 == number]  # fmt: skip
        counted = halves.get(MIDNIGHT + timedelta(minutes=30 * number))
        assert (counted.answered if counted else 0) == len(inside), number
    assert max(halves) < MIDNIGHT + timedelta(hours=HOURS)

    # What an agent did in a half hour fills it, and no more; together it is what the calls took.
    # Of one state twelve hours count at most; nobody here was in one for so long.
    parts = agents_by(Period(DAY, DAY), "starts_at")
    assert len(parts) == 2 * HOURS
    assert all(one.on_line == 2 * 1800 for one in list(parts.values())[:-1])
    stamp = [
        int(at(one["wrapped"]).timestamp()) - int(at(one["ended"]).timestamp()) for one in taken
    ]
    assert sum(one.wrapping for one in parts.values()) == sum(stamp)
