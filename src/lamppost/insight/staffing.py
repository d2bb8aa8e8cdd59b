"""How many agents a stretch of calls needs, and what happens with fewer. Pure.

Calls arrive at random (Poisson), take a time around their mean (exponential), wait in one line.
Traffic is in erlangs: calls a second times seconds a call. Erlang C lets nobody hang up, so it
is the careful figure for planning; Erlang A lets each caller hang up after a patience of their
own (exponential), so it tells what a line that is too thin is like.

Sources: Erlang 1917; Garnett, Mandelbaum & Reiman, "Designing a call center with impatient
customers", M&SOM 4(3), 2002, for M/M/n+M. Worked examples: docs/contact-center.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Beyond this the probability of one more waiting caller no longer shows in any figure.
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls offered in a stretch of time.

    ``count`` may be a forecast and so need not be whole; ``over_s`` is the stretch and
    ``handle_s`` the mean handle time (talk, hold and after-call work), both in seconds.
    """

    count: float
    over_s: float
    handle_s: float

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what cannot be."""
        if self.count < 0 or self.over_s <= 0 or self.handle_s <= 0:
            raise ValueError(f"no such calls: {self}")

    @property
    def traffic(self) -> float:
        """The traffic in erlangs: the mean number of agents who are busy."""
        return self.count / self.over_s * self.handle_s


@dataclass(frozen=True, slots=True)
class Goal:
    """What the line is to hold: a share of calls answered within seconds, agents not worn out.

    ``most_occupancy`` is the largest share of their ready time agents may be busy.
    """

    share: float
    within_s: float
    most_occupancy: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is like when nobody hangs up: shares from 0 to 1, waits in seconds.

    With too few agents the line only grows: everybody waits, without end.
    """

    waiting: float
    service_level: float
    speed_of_answer_s: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class ImpatientLine:
    """What a line is like when callers hang up: shares from 0 to 1, the mean wait in seconds.

    ``wait_s`` is over all callers, those who hung up included; ``queue`` how many wait in the
    mean.
    """

    abandoned: float
    wait_s: float
    queue: float
    occupancy: float


def erlang_b(traffic: float, agents: int) -> float:
    """Return the share of calls that find all of ``agents`` busy when none may wait.

    By the recursion over agents, which stays stable for thousands of erlangs.
    """
    if traffic < 0 or agents < 0:
        raise ValueError("traffic and agents cannot be negative")
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = traffic * blocked / (n + traffic * blocked)
    return blocked


def erlang_c(traffic: float, agents: int) -> float:
    """Return the share of calls that have to wait; 1 when ``agents`` cannot keep up."""
    if agents <= traffic:
        return 1.0 if traffic > 0 else 0.0
    blocked = erlang_b(traffic, agents)
    return agents * blocked / (agents - traffic * (1 - blocked))


def line(calls: Calls, agents: int, *, within_s: float) -> Line:
    """Return what the line is like with ``agents`` ready all the time (Erlang C)."""
    traffic = calls.traffic
    waiting = erlang_c(traffic, agents)
    spare = agents - traffic
    if spare <= 0:
        # Nobody called, or whoever is there is busy without a pause.
        wait, busy = (math.inf, 1.0 if agents else 0.0) if traffic else (0.0, 0.0)
        return Line(waiting, 1 - waiting, wait, busy)
    return Line(
        waiting=waiting,
        service_level=1 - waiting * math.exp(-spare * within_s / calls.handle_s),
        speed_of_answer_s=waiting * calls.handle_s / spare,
        occupancy=traffic / agents,
    )


def impatient_line(calls: Calls, agents: int, *, patience_s: float) -> ImpatientLine:
    """Return what the line is like when callers wait ``patience_s`` in the mean (Erlang A).

    Works for any number of agents: who hangs up keeps the line from growing without end.
    """
    if agents < 0 or patience_s <= 0:
        raise ValueError("agents cannot be negative, and patience must be more than nothing")
    arrivals, served = calls.count / calls.over_s, 1 / calls.handle_s
    if not arrivals:
        return ImpatientLine(0.0, 0.0, 0.0, 0.0)
    total, busy, queue = 0.0, 0.0, 0.0
    # The weight of each number of callers on the line, relative to the largest met so far.
    weight, number = 1.0, 0
    while weight > _NEGLIGIBLE * total or number <= agents:
        total += weight
        busy += weight * min(number, agents)
        queue += weight * max(0, number - agents)
        number += 1
        leaving = min(number, agents) * served + max(0, number - agents) / patience_s
        weight *= arrivals / leaving
        if weight > 1e200:
            total, busy, queue, weight = total / weight, busy / weight, queue / weight, 1.0
    in_queue = queue / total
    return ImpatientLine(
        abandoned=in_queue / patience_s / arrivals,
        wait_s=in_queue / arrivals,
        queue=in_queue,
        occupancy=busy / total / agents if agents else 0.0,
    )


def agents_needed(calls: Calls, goal: Goal) -> int:
    """Return the fewest agents on the line that hold ``goal`` (Erlang C); 0 without calls.

    Raises ``ValueError`` for a goal no number of agents reaches.
    """
    if not 0 <= goal.share < 1 or not 0 < goal.most_occupancy <= 1:
        raise ValueError(f"no number of agents holds {goal}")
    if not calls.count:
        return 0
    agents = max(1, math.floor(calls.traffic) + 1)
    while not _holds(line(calls, agents, within_s=goal.within_s), goal):
        agents += 1
    return agents


def _holds(found: Line, goal: Goal) -> bool:
    return found.service_level >= goal.share and found.occupancy <= goal.most_occupancy


def rostered(agents: int, *, shrinkage: float) -> float:
    """Return how many must be on the roster for ``agents`` on the line, not rounded.

    ``shrinkage`` is the share of paid time spent elsewhere: breaks, training, illness.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is a share from 0 to under 1")
    return agents / (1 - shrinkage)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a day: what it needs, and what it is like with who is there."""

    calls: Calls
    needed: int
    agents: int
    line: Line
    impatient: ImpatientLine

    @property
    def short(self) -> int:
        """How many agents are missing."""
        return max(0, self.needed - self.agents)


def day_plan(
    day: Sequence[Calls],
    goal: Goal,
    *,
    patience_s: float,
    agents: Sequence[int] | None = None,
    missing: int = 0,
) -> list[Stretch]:
    """Return the day stretch by stretch, with the agents it needs and what they would meet.

    ``agents`` are those planned for each stretch, the ones needed when not said; ``missing``
    of them stay away all day. Raises ``ValueError`` when the two lists differ in length.
    """
    needs = [agents_needed(calls, goal) for calls in day]
    planned = needs if agents is None else list(agents)
    there = [max(0, number - missing) for number in planned]
    return [
        Stretch(
            calls,
            needed,
            number,
            line(calls, number, within_s=goal.within_s),
            impatient_line(calls, number, patience_s=patience_s),
        )
        for calls, needed, number in zip(day, needs, there, strict=True)
    ]
