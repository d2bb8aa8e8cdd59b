"""Promises to call back: due by the center's clock, kept, given up, late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import InteractionEnd
from lamppost.contacts.models import CallBack, CenterRules, Interaction
from lamppost.contacts.selectors.call_backs import open_call_backs
from lamppost.contacts.services import call_backs, calls, line
from lamppost.contacts.tests.scene import START, later, make_dispositions
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def _center(city: City) -> None:
    make_dispositions()


@pytest.fixture
def promised(agent: Actor) -> CallBack:
    row = calls.begin(actor=agent, address="215 555 0100", language="es", at=later(0))
    made = call_backs.promise(
        interaction_id=row.pk, actor=agent, phone=row.address, about="permit", at=later(60)
    )
    calls.end(interaction_id=row.pk, actor=agent, at=later(90))
    return made


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        # Open 8 to 17, Monday to Friday.
        ("2026-03-10 10:00", 120, "2026-03-10 12:00"),
        ("2026-03-10 16:00", 120, "2026-03-11 09:00"),
        ("2026-03-13 16:30", 60, "2026-03-16 08:30"),
        ("2026-03-14 12:00", 30, "2026-03-16 08:30"),
        ("2026-03-10 15:00", 120, "2026-03-10 17:00"),
    ],
)
def test_minutes_count_while_the_center_is_open(start: str, minutes: int, due: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    wanted = datetime.fromisoformat(due).replace(tzinfo=ZONE)
    assert call_backs.due_of(begun, minutes) == wanted


def test_what_was_promised_stands_in_the_queue(promised: CallBack) -> None:
    assert (promised.phone, promised.language) == ("+12155550100", "es")
    assert (promised.due_at - promised.promised_at).total_seconds() == 2 * 3600
    CenterRules.objects.update(call_back_minutes=30)
    assert [row.pk for row in open_call_backs()] == [promised.pk]


@pytest.mark.parametrize("phone", ["", "call me", "12"])
def test_a_promise_needs_a_number(agent: Actor, phone: str) -> None:
    row = calls.begin(actor=agent)
    with pytest.raises(Invalid) as refused:
        call_backs.promise(interaction_id=row.pk, actor=agent, phone=phone)
    assert refused.value.problems[0].field == "phone"
    assert not CallBack.objects.exists()


def test_nobody_promises_on_a_colleagues_call(agent: Actor, actor: Callable[..., Actor]) -> None:
    row = calls.begin(actor=agent)
    with pytest.raises(Forbidden):
        call_backs.promise(
            interaction_id=row.pk, actor=actor(Role.AGENT, "center", "Olga"), phone="2155550100"
        )


def test_another_citys_promise_is_not_there(agent: Actor, other_city: City) -> None:
    with city_scope(other_city.pk):
        call = Interaction.objects.create(channel="phone", offered_at=START)
        foreign = CallBack.objects.create(interaction=call, promised_at=START, due_at=START)
    with pytest.raises(NotFound):
        call_backs.take(call_back_id=foreign.pk, actor=agent)


def test_a_worker_takes_no_call_back(promised: CallBack, worker: Actor) -> None:
    with pytest.raises(Forbidden):
        call_backs.take(call_back_id=promised.pk, actor=worker)


def test_one_agent_calls_and_reaches_the_person(
    promised: CallBack, agent: Actor, actor: Callable[..., Actor]
) -> None:
    call = call_backs.take(call_back_id=promised.pk, actor=agent, at=later(600))
    assert (call.direction, call.call_back_id, call.address) == (
        "out",
        promised.pk,
        "+12155550100",
    )
    other = actor(Role.AGENT, "center", "Olga")
    for step in (call_backs.take, call_backs.reached, call_backs.release):
        with pytest.raises(Conflict):
            step(call_back_id=promised.pk, actor=other)
    kept = call_backs.reached(call_back_id=promised.pk, actor=agent, at=later(620))
    assert (kept.done_at, kept.tries, kept.breached_at) == (later(620), 1, None)
    assert open_call_backs() == []
    with pytest.raises(Conflict):
        call_backs.take(call_back_id=promised.pk, actor=agent)


def test_nobody_answers_three_times_and_it_is_given_up(promised: CallBack, agent: Actor) -> None:
    for at in (600, 1200):
        call = call_backs.take(call_back_id=promised.pk, actor=agent, at=later(at))
        with pytest.raises(Conflict):
            call_backs.not_reached(
                call_back_id=promised.pk, actor=agent, gives_up=True, at=later(at + 30)
            )
        row = call_backs.not_reached(call_back_id=promised.pk, actor=agent, at=later(at + 30))
        call.refresh_from_db()
        # The try is over and coded by itself; the promise is anybody's again.
        assert (call.ended_at, row.taken_by_id) == (later(at + 30), None)
        assert call.disposition is not None
        assert call.disposition.kind == "nobody"
    call_backs.take(call_back_id=promised.pk, actor=agent, at=later(1800))
    row = call_backs.not_reached(
        call_back_id=promised.pk, actor=agent, gives_up=True, at=later(1830)
    )
    assert (row.given_up_at, row.tries) == (later(1830), 3)
    assert open_call_backs() == []


def test_a_late_promise_is_marked_once_at_its_due_time_and_told(
    promised: CallBack, actor: Callable[..., Actor]
) -> None:
    supervisor = actor(Role.SUPERVISOR, "center")
    due = promised.due_at
    assert call_backs.mark_late(now=due) == 0  # late is strictly after
    assert call_backs.mark_late(now=later(2 * 3600 + 61)) == 1
    assert call_backs.mark_late(now=later(3 * 3600)) == 0
    promised.refresh_from_db()
    assert promised.breached_at == due
    notices = StaffNotice.objects.filter(user_id=supervisor.user_id)
    assert [notice.path for notice in notices] == ["/console/call-backs/"]
    assert "555" not in notices[0].subject + notices[0].text


def test_reached_too_late_is_a_breach_too(promised: CallBack, agent: Actor) -> None:
    call_backs.take(call_back_id=promised.pk, actor=agent, at=later(4 * 3600))
    kept = call_backs.reached(call_back_id=promised.pk, actor=agent, at=later(4 * 3600 + 9))
    assert kept.breached_at == promised.due_at


def test_a_wish_on_the_line_is_one_promise() -> None:
    row = line.offer(channel=Channel.PHONE, address="+12155550100", language="es", at=later(0))
    first = call_backs.ask_on_line(interaction_id=row.pk, phone=row.address, at=later(30))
    again = call_backs.ask_on_line(interaction_id=row.pk, phone=row.address, at=later(40))
    ended = line.hung_up(interaction_id=row.pk, end=InteractionEnd.CALL_BACK, at=later(41))
    assert (first.pk, again.promised_at, first.promised_by_id) == (again.pk, later(30), None)
    assert ended.end == InteractionEnd.CALL_BACK
