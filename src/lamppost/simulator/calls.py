"""A telephone line of past days, call by call: who comes, who waits, who gives up. Pure.

Callers come by the city's own rhythm, wait in one line, and each has a patience of their own;
whoever answers is the agent free first. Times of work are drawn around the published means
(talk, hold and after-call work together 204 seconds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log
from random import Random

_SECOND = timedelta(seconds=1)
_TALK_S, _WRAP_S, _HOLD_S = 160.0, 30.0, 70.0
_SHARE_HELD = 0.2
_PATIENCE_S = 150.0
_SPREAD = 0.6
_LUNCH = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody calls at a moment; ``subject`` is the caller's business, kept as it is."""

    at: datetime
    subject: object = None


@dataclass(slots=True)
class Desk:
    """One agent's day: from when to when, and what they did. ``states`` are moments and kinds."""

    agent: int
    begins: datetime
    ends: datetime
    lunch: datetime
    free: datetime = field(init=False)
    has_eaten: bool = False
    states: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin the day ready."""
        self.free = self.begins
        self.states.append((self.begins, "ready"))

    def available(self, at: datetime) -> datetime | None:
        """Return from when on the agent could take a call that waits since ``at``, if today."""
        moment = max(self.free, at)
        if not self.has_eaten and moment >= self.lunch:
            back = max(self.free, self.lunch) + _LUNCH
            self.states.append((back - _LUNCH, "break"))
            self.states.append((back, "ready"))
            self.has_eaten, self.free = True, back
            moment = max(back, at)
        return moment if moment < self.ends else None


@dataclass(frozen=True, slots=True)
class PastCall:
    """One call that is over. Without an agent it was given up at ``ended``."""

    wish: Wish
    agent: int | None
    answered: datetime | None
    ended: datetime
    wrapped: datetime | None = None
    hold_seconds: int = 0


def day_of_calls(wishes: Sequence[Wish], desks: Sequence[Desk], dice: Random) -> Iterator[PastCall]:
    """Yield what became of a day's ``wishes``, which come in order; fills the desks' states."""
    for wish in wishes:
        patience = timedelta(seconds=dice.expovariate(1 / _PATIENCE_S))
        rings = wish.at + _SECOND * dice.uniform(2, 7)
        moments = [(desk.available(rings), desk) for desk in desks]
        open_desks = [(at, desk) for at, desk in moments if at is not None and desk.begins <= at]
        if not open_desks:
            yield PastCall(wish, None, None, wish.at + min(patience, timedelta(minutes=4)))
            continue
        answered, desk = min(open_desks, key=lambda one: (one[0], one[1].free))
        if answered - wish.at > patience:
            yield PastCall(wish, None, None, wish.at + patience)
            continue
        hold = int(dice.expovariate(1 / _HOLD_S)) if dice.random() < _SHARE_HELD else 0
        ended = answered + _SECOND * (hold + _around(_TALK_S, dice))
        wrapped = ended + _SECOND * _around(_WRAP_S, dice)
        desk.states += [(answered, "talking"), (ended, "wrapping"), (wrapped, "ready")]
        desk.free = wrapped
        yield PastCall(wish, desk.agent, answered, ended, wrapped, hold)


def spans_of(desk: Desk) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield what an agent did from when to when, up to the end of the day or of the last call."""
    last = max(desk.ends, desk.free)
    ends = [at for at, _kind in desk.states[1:]] + [last]
    for (began, kind), ended in zip(desk.states, ends, strict=True):
        if ended > began:
            yield kind, began, ended


def _around(mean: float, dice: Random) -> float:
    """A time around ``mean``: many short ones, few long ones (log-normal)."""
    return dice.lognormvariate(log(mean) - _SPREAD**2 / 2, _SPREAD)
