"""Clocks replayed from what happened to a case: the fact tables A6 and A7."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from lamppost.sla.clocks import (
    Author,
    CaseEvent,
    CaseEventKind,
    ClockEvent,
    ClockEventKind,
    ClockKind,
    ClockState,
    ClockStatus,
    Measure,
    message_kind,
    replay,
    replay_case,
)
from lamppost.sla.pauses import Pause
from lamppost.sla.target import Target, Unit
from lamppost.sla.tests.hours import K2, K5, K6, utc

TARGETS = {
    ClockKind.ACKNOWLEDGE: Target.business_minutes(60),
    ClockKind.REPLY: Target.business_minutes(120),
    ClockKind.RESOLVE: Target.business_minutes(180),
}
DAY = "2013-03-21"


def minutes(amount: int) -> timedelta:
    return timedelta(minutes=amount)


def next_due(states: Iterable[ClockState]) -> datetime | None:
    """The earliest due instant of the clocks that run, None when none does."""
    dues = (state.escalates_at for state in states)
    return min((due for due in dues if due is not None), default=None)


def events(*history: str) -> list[CaseEvent]:
    """`10:00 answered` and the like, all on the Thursday of the table."""
    return [
        CaseEvent(CaseEventKind(word), utc(f"{DAY} {time}"))
        for time, word in (entry.split(" ") for entry in history)
    ]


CREATED = ("09:30 created", "09:30 resident_wrote")
LATE_ANSWER = (*CREATED, "12:00 answered")


@dataclass(frozen=True)
class Row:
    """One row of A6: times on that Thursday; a measure is (used, margin) in minutes."""

    why: str
    history: tuple[str, ...]
    next: str | None
    acknowledge: str | tuple[int, int] | None = None
    reply: str | tuple[int, int] | None = None
    resolve: str | tuple[int, int] | None = None


ROWS = [
    Row("40: created with a message of the resident", CREATED, "10:30", "10:30", "11:30", "12:30"),
    Row("41: acknowledged in time; the question stays open", (*CREATED, "10:00 acknowledged"),
        "11:30", (30, 30), "11:30", "12:30"),
    Row("42: acknowledged late; an overdue reply is still next", (*CREATED, "14:00 acknowledged"),
        "11:30", (270, -210), "11:30", "12:30"),
    Row("43: answered in time", (*CREATED, "10:00 acknowledged", "11:00 answered"), "12:30",
        (30, 30), (90, 30), "12:30"),
    Row("44: answered late", LATE_ANSWER, "12:30", (150, -90), (150, -30), "12:30"),
    Row("45: the resident writes again: a new round, the worst is kept",
        (*LATE_ANSWER, "12:05 resident_wrote"), "12:30", (150, -90), "14:05", "12:30"),
    Row("46: a quick answer does not undo the late one",
        (*LATE_ANSWER, "12:05 resident_wrote", "12:10 answered"), "12:30", (150, -90), (150, -30),
        "12:30"),
    Row("47: closed in time: nothing is left to escalate", (*CREATED, "11:30 closed"), None,
        (120, -60), (120, 0), (120, 60)),
    Row("47: closed late", (*CREATED, "13:00 closed"), None, (210, -150), (210, -90), (210, -30)),
    Row("49: a second message while one is unanswered does not move the due time",
        (*CREATED, "10:15 resident_wrote"), "10:30", "10:30", "11:30", "12:30"),
    Row("50: staff writing first starts no reply clock", ("09:30 created", "10:00 answered"),
        "12:30", (30, 30), None, "12:30"),
    Row("51: resumed: the dues come back, later by the pause",
        (*CREATED, "09:45 paused", "10:15 resumed"), "11:00", "11:00", "12:00", "13:00"),
    Row("56: answered and paused in one save: met, not just hidden",
        (*CREATED, "10:00 paused", "10:00 answered", "11:00 resumed"), "13:30", (30, 30), (30, 90),
        "13:30"),
    Row("56: in the other order", (*CREATED, "10:00 answered", "10:00 paused", "11:00 resumed"),
        "13:30", (30, 30), (30, 90), "13:30"),
    Row("an internal note counts for nothing", (*CREATED, "09:33 noted"), "10:30", "10:30", "11:30",
        "12:30"),
    Row("reopened: only the resolution goes on, the closed hour a pause",
        (*CREATED, "10:00 closed", "11:00 reopened"), "13:30", (30, 30), (30, 90), "13:30"),
    Row("reopening also ends the pause in which it was closed",
        (*CREATED, "09:45 paused", "10:00 closed", "11:00 reopened", "11:00 resident_wrote"),
        "13:00", (15, 45), "13:00", "13:45"),
]  # fmt: skip


def _check(state: ClockState, expected: str | tuple[int, int] | None, why: str) -> None:
    if expected is None:
        assert state.status is ClockStatus.IDLE, why
        assert state.due is None, why
    elif isinstance(expected, str):
        assert state.status is ClockStatus.RUNNING, why
        assert state.escalates_at == utc(f"{DAY} {expected}"), why
    else:
        used, margin = expected
        assert state.status is ClockStatus.MET, why
        assert state.escalates_at is None, why
        assert state.worst == Measure(minutes(used), minutes(margin), late=margin < 0), why


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.why)
def test_several_targets_at_once(row: Row) -> None:
    states = replay_case(K2, TARGETS, events(*row.history))
    expected_next = None if row.next is None else utc(f"{DAY} {row.next}")
    assert next_due(states.values()) == expected_next
    _check(states[ClockKind.ACKNOWLEDGE], row.acknowledge, row.why)
    _check(states[ClockKind.REPLY], row.reply, row.why)
    _check(states[ClockKind.RESOLVE], row.resolve, row.why)


def test_a_new_round_keeps_the_worst_measure() -> None:
    """45: while the second round runs, the record still shows 150 minutes used, 30 too many."""
    states = replay_case(K2, TARGETS, events(*LATE_ANSWER, "12:05 resident_wrote"))
    assert states[ClockKind.REPLY].worst == Measure(minutes(150), minutes(-30), late=True)


def test_without_an_agreement_nothing_escalates() -> None:
    """48: the agreement no longer covers the case: every clock leaves the overdue list."""
    states = replay_case(K2, TARGETS, events(*CREATED, "09:45 released"))
    assert next_due(states.values()) is None
    assert {state.status for state in states.values()} == {ClockStatus.CANCELLED}


def test_a_paused_case_does_not_escalate() -> None:
    """51: paused: hidden, and not yet known when due."""
    states = replay_case(K2, TARGETS, events(*CREATED, "09:45 paused"))
    assert next_due(states.values()) is None
    assert {state.status for state in states.values()} == {ClockStatus.PAUSED}
    assert all(state.due is not None and state.due.at is None for state in states.values())


def test_no_target_no_clock() -> None:
    """52: an allowance of zero or nothing gives no target, and so no clock."""
    promised = {ClockKind.ACKNOWLEDGE: 0, ClockKind.REPLY: None, ClockKind.RESOLVE: 3}
    targets = {
        kind: target
        for kind, amount in promised.items()
        if (target := Target.optional(amount, Unit.BUSINESS_HOURS)) is not None
    }
    assert set(replay_case(K2, targets, events(*CREATED))) == {ClockKind.RESOLVE}


RESPONSES: list[tuple[str, Author, bool, CaseEventKind]] = [
    ("53: an e-mail from staff to the resident", Author.STAFF, True, CaseEventKind.ANSWERED),
    ("54: a call to the resident, logged by staff", Author.STAFF, True, CaseEventKind.ANSWERED),
    ("55: an internal note", Author.STAFF, False, CaseEventKind.NOTED),
    ("an automatic receipt", Author.SYSTEM, True, CaseEventKind.NOTED),
    ("57: a message typed in the portal", Author.RESIDENT, False, CaseEventKind.RESIDENT_WROTE),
    ("57: the same by e-mail", Author.RESIDENT, True, CaseEventKind.RESIDENT_WROTE),
]


@pytest.mark.parametrize(("why", "author", "reaches", "kind"), RESPONSES)
def test_what_a_message_means(why: str, author: Author, reaches: bool, kind: CaseEventKind) -> None:
    assert message_kind(author, reaches_resident=reaches) is kind, why


@pytest.mark.parametrize(("why", "author", "reaches", "kind"), RESPONSES)
def test_only_staff_reaching_the_resident_is_a_first_response(
    why: str, author: Author, reaches: bool, kind: CaseEventKind
) -> None:
    history = [*events(*CREATED), CaseEvent(kind, utc(f"{DAY} 09:33"))]
    state = replay_case(K2, TARGETS, history)[ClockKind.ACKNOWLEDGE]
    responded = author is Author.STAFF and reaches
    assert state.status is (ClockStatus.MET if responded else ClockStatus.RUNNING), why


def test_a_case_is_inspected_once() -> None:
    targets = {ClockKind.INSPECT: Target.business_minutes(60)}
    states = replay_case(K2, targets, events(*CREATED, "10:00 inspected", "11:00 inspected"))
    assert states[ClockKind.INSPECT].worst == Measure(minutes(30), minutes(30), late=False)


# -- one clock


def clock_events(*history: tuple[str, str]) -> list[ClockEvent]:
    return [ClockEvent(ClockEventKind(word), utc(at)) for at, word in history]


def test_closed_while_paused_is_measured_and_shown_as_if_resumed_then() -> None:
    """28 and 29: created paused and closed without ever running: nothing used, due from there."""
    history = clock_events(
        (f"{DAY} 09:00", "start"), (f"{DAY} 09:00", "pause"), (f"{DAY} 12:00", "meet")
    )
    state = replay(K2, Target.business_minutes(240), history)
    assert state.worst == Measure(minutes(0), minutes(240), late=False)
    assert state.due is not None
    assert state.due.at == utc(f"{DAY} 16:00")


def test_a_pause_after_the_clock_was_met_does_not_move_its_due() -> None:
    met = clock_events((f"{DAY} 09:00", "start"), (f"{DAY} 10:00", "meet"))
    paused_later = clock_events((f"{DAY} 10:30", "pause"), (f"{DAY} 11:00", "resume"))
    target = Target.business_minutes(120)
    assert replay(K2, target, met + paused_later) == replay(K2, target, met)


def test_reopening_resumes_the_same_clock() -> None:
    """23: paused 09:30 to 09:45, closed 10:00, reopened 10:30: two hours end at 11:45."""
    history = clock_events(
        (f"{DAY} 09:00", "start"),
        (f"{DAY} 09:30", "pause"),
        (f"{DAY} 09:45", "resume"),
        (f"{DAY} 10:00", "meet"),
        (f"{DAY} 10:30", "reopen"),
    )
    state = replay(K2, Target.business_minutes(120), history)
    assert state.status is ClockStatus.RUNNING
    assert state.escalates_at == utc(f"{DAY} 11:45")
    assert state.worst is None, "a reopened round is not finished"
    assert Pause(utc(f"{DAY} 10:00"), utc(f"{DAY} 10:30")) in state.pauses


def test_a_wider_calendar_and_a_new_target_are_replayed_from_the_original_start() -> None:
    """13 and a new version of the agreement: the same history, other values."""
    history = clock_events(("2016-11-01 13:56:21", "start"), ("2016-11-02 09:00", "breach"))
    hour = Target.business_minutes(60)
    assert replay(K5, hour, history).escalates_at == utc("2016-11-02 08:00")
    assert replay(K6, hour, history).escalates_at == utc("2016-11-02 04:00")
    retargeted = [*history, ClockEvent(ClockEventKind.RETARGET, utc("2016-11-02 09:30"))]
    day = replay(K5, Target.business_minutes(720), retargeted)
    assert day.escalates_at == utc("2016-11-02 19:00")
    assert day.started_at == utc("2016-11-01 13:56:21")


def test_closed_after_hours_on_the_due_day_is_late_with_no_margin() -> None:
    history = clock_events(("2013-03-20 09:30", "start"), ("2013-03-21 20:00", "meet"))
    state = replay(K2, Target.business_days(1), history)
    assert state.due is not None
    assert state.due.day == date(2013, 3, 21)
    assert state.worst == Measure(timedelta(days=1), timedelta(0), late=True)


def test_pausing_twice_is_pausing_once() -> None:
    history = clock_events(
        (f"{DAY} 09:00", "start"),
        (f"{DAY} 09:15", "pause"),
        (f"{DAY} 09:30", "pause"),
        (f"{DAY} 10:00", "resume"),
    )
    state = replay(K2, Target.business_minutes(60), history)
    assert state.pauses == (Pause(utc(f"{DAY} 09:15"), utc(f"{DAY} 10:00")),)
    assert state.escalates_at == utc(f"{DAY} 10:45")


ENDINGS = [("waive", ClockStatus.WAIVED), ("cancel", ClockStatus.CANCELLED)]


@pytest.mark.parametrize(("word", "status"), ENDINGS)
def test_an_excused_or_cancelled_clock_no_longer_escalates(word: str, status: ClockStatus) -> None:
    history = clock_events(
        (f"{DAY} 09:00", "start"), (f"{DAY} 09:15", word), (f"{DAY} 12:00", "meet")
    )
    state = replay(K2, Target.business_minutes(60), history)
    assert (state.status, state.escalates_at) == (status, None)


def test_events_are_taken_in_order_of_time() -> None:
    history = clock_events(
        (f"{DAY} 09:00", "start"), (f"{DAY} 09:30", "pause"), (f"{DAY} 10:00", "resume")
    )
    target = Target.business_minutes(60)
    assert replay(K2, target, history[::-1]) == replay(K2, target, history)


@pytest.mark.parametrize("word", ["meet", "resume", "reopen", "breach", "retarget"])
def test_what_does_not_apply_changes_nothing(word: str) -> None:
    stray = clock_events((f"{DAY} 09:00", word))
    assert replay(K2, Target.hours(1), stray) == replay(K2, Target.hours(1), [])
