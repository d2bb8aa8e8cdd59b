"""Which events of a case say something to people, and what. Pure.

One plain case says four things to who reported it: received, the work has begun, closed, and
the day after: is it fixed? What is internal says nothing, and nothing is said twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.cases.choices import EventKind
from lamppost.catalog.choices import OutcomeKind, State


@dataclass(frozen=True, slots=True)
class Fact:
    """What has happened. ``before`` is the state a move came from, ``change`` the event's own."""

    kind: EventKind
    is_public: bool
    state: State
    before: State | None = None
    has_words: bool = False
    change: str = ""
    clock: str = ""


def case_notice(fact: Fact) -> str | None:
    """Return the code of the notice to who follows the case, or None."""
    if fact.kind is EventKind.RECEIVED:
        return "case_received"
    if not fact.is_public:
        return None
    say = _SAYS.get(fact.kind)
    return say(fact) if say else None


def wide_notice(fact: Fact) -> str | None:
    """Return the code of the notice to who watches an area or a kind of request, or None."""
    if fact.kind is EventKind.RECEIVED:
        return "wide_new"
    return "wide_closed" if fact.kind is EventKind.CLOSED and fact.is_public else None


def asks_afterwards(outcome: OutcomeKind) -> bool:
    """Return whether a closing with this outcome is followed by the question if it is fixed."""
    return outcome in {OutcomeKind.DONE, OutcomeKind.NOT_DONE, OutcomeKind.NOT_FOUND}


def _moved(fact: Fact) -> str | None:
    if fact.state is State.WAITING:
        return "case_waiting" if fact.before is not State.WAITING or fact.has_words else None
    begins = fact.before is State.RECEIVED and fact.state is State.OPEN
    return "case_changed" if begins or fact.has_words else None


def _said(fact: Fact) -> str | None:
    return "case_news" if fact.has_words else None


def _decided(fact: Fact) -> str | None:
    # A refused or withdrawn one closes the case again, and the closing says it.
    return "case_decided" if fact.change == "upheld" else None


def _clock(fact: Fact) -> str | None:
    return "case_late" if (fact.clock, fact.change) == ("resolve", "breach") else None


_SAYS = {
    EventKind.MOVED: _moved,
    EventKind.CLOSED: lambda _fact: "case_closed",
    EventKind.REOPENED: lambda _fact: "case_reopened",
    EventKind.NOTE: _said,
    EventKind.PARTNER_UPDATE: _said,
    EventKind.REDRESS: _decided,
    EventKind.CLOCK: _clock,
}
# What a reader of events has to be called with.
SPEAKING = (EventKind.RECEIVED, *_SAYS)
