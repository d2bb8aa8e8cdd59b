"""From hello to the end of after-call work: times, states, and whose call it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.contacts.choices import AgentStateKind, InteractionEnd
from lamppost.contacts.models import AgentState, Interaction
from lamppost.contacts.selectors.calls import current_call, state_of, waiting
from lamppost.contacts.services import calls, line
from lamppost.contacts.services.agent_states import set_state
from lamppost.contacts.services.coding import code
from lamppost.contacts.tests.scene import later, make_dispositions
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _center(city: City) -> None:
    make_dispositions()


def states(actor: Actor) -> list[tuple[str, float | None]]:
    """The agent's states in order, with how many seconds each lasted."""
    rows = AgentState.objects.filter(agent_id=actor.user_id).order_by("since", "id")
    return [
        (row.kind, (row.until - row.since).total_seconds() if row.until else None) for row in rows
    ]


@pytest.mark.parametrize("role", [Role.WORKER, Role.MANAGER, Role.EDITOR, Role.COUNCIL])
def test_who_is_not_of_the_center_begins_no_call(role: Role, actor: Callable[..., Actor]) -> None:
    department = "streets" if role in {Role.WORKER, Role.MANAGER} else None
    with pytest.raises(Forbidden):
        calls.begin(actor=actor(role, department))
    assert Denial.objects.filter(permission="console.use").count() == 1
    assert not Interaction.objects.exists()


def test_nobody_begins_no_call() -> None:
    with pytest.raises(Unauthenticated):
        calls.begin(actor=ANONYMOUS)


def test_a_colleagues_call_is_left_alone(agent: Actor, actor: Callable[..., Actor]) -> None:
    row = calls.begin(actor=agent)
    other = actor(Role.AGENT, "center", "Olga")
    for step in (calls.hold, calls.resume, calls.end, calls.finish_wrap):
        with pytest.raises(Forbidden):
            step(interaction_id=row.pk, actor=other)
    with pytest.raises(Forbidden):
        code(interaction_id=row.pk, disposition_code="status", actor=other)
    assert Denial.objects.filter(detail=f"interaction {row.pk}").count() == 5
    row.refresh_from_db()
    assert (row.ended_at, row.disposition_id) == (None, None)


def test_a_call_of_another_city_is_not_there(agent: Actor, other_city: City) -> None:
    with city_scope(other_city.pk):
        foreign = Interaction.objects.create(channel="phone", offered_at=later(0))
    with pytest.raises(NotFound):
        calls.end(interaction_id=foreign.pk, actor=agent)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": Channel.SMS}, "channel"),
        ({"language": "tlh"}, "language"),
        ({"address": "1" * 41}, "address"),
    ],
)
def test_what_is_wrong_is_named(agent: Actor, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        calls.begin(actor=agent, **changes)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not Interaction.objects.exists()


def test_nobody_speaks_with_two_callers_at_once(agent: Actor) -> None:
    first = calls.begin(actor=agent, at=later(0))
    with pytest.raises(Conflict):
        calls.begin(actor=agent, at=later(1))
    line.offer(channel=Channel.PHONE, address="+12155550100", at=later(1))
    with pytest.raises(Conflict):
        calls.take_next(actor=agent, at=later(2))
    assert waiting().count == 1
    current = current_call(agent.user_id)
    assert current is not None
    assert current.pk == first.pk


def test_talk_hold_and_wrap_are_counted_apart(agent: Actor) -> None:
    row = calls.begin(actor=agent, address="(215) 555-0100", at=later(0))
    calls.hold(interaction_id=row.pk, actor=agent, at=later(60))
    calls.hold(interaction_id=row.pk, actor=agent, at=later(70))
    calls.resume(interaction_id=row.pk, actor=agent, at=later(90))
    calls.hold(interaction_id=row.pk, actor=agent, at=later(100))
    # Ended while on hold: these seconds are hold, too.
    calls.end(interaction_id=row.pk, actor=agent, at=later(115))
    calls.end(interaction_id=row.pk, actor=agent, at=later(500))
    code(interaction_id=row.pk, disposition_code="status", actor=agent, at=later(120))
    done = calls.finish_wrap(interaction_id=row.pk, actor=agent, note=" Calm. ", at=later(140))
    assert done.address == "+12155550100"
    assert done.hold_seconds == 30 + 15
    assert (done.ended_at, done.wrapped_at, done.end) == (later(115), later(140), "answered")
    assert (done.note, done.held_since) == ("Calm.", None)
    assert states(agent) == [("talking", 115), ("wrapping", 25), ("ready", None)]


def test_who_waits_longest_is_answered_first(agent: Actor, actor: Callable[..., Actor]) -> None:
    second = line.offer(channel=Channel.PHONE, provider_id="b", at=later(5))
    first = line.offer(channel=Channel.PHONE, provider_id="a", at=later(0))
    assert line.offer(channel=Channel.PHONE, provider_id="a", at=later(9)).pk == first.pk
    assert (waiting().count, waiting().since) == (2, later(0))
    taken = calls.take_next(actor=agent, at=later(20))
    other = calls.take_next(actor=actor(Role.AGENT, "center", "Olga"), at=later(21))
    assert [taken.pk, other.pk] == [first.pk, second.pk]
    assert taken.answered_at == later(20)
    with pytest.raises(NotFound):
        calls.take_next(actor=actor(Role.AGENT, "center", "Third"), at=later(22))


@pytest.mark.parametrize(
    ("seconds", "said", "end"),
    [
        (4.9, None, InteractionEnd.SHORT),
        (5, None, InteractionEnd.ABANDONED),
        (300, None, InteractionEnd.ABANDONED),
        (30, InteractionEnd.DEFLECTED, InteractionEnd.DEFLECTED),
        (2, InteractionEnd.CALL_BACK, InteractionEnd.CALL_BACK),
    ],
)
def test_how_a_call_nobody_answered_ended(
    seconds: float, said: InteractionEnd | None, end: InteractionEnd
) -> None:
    row = line.offer(channel=Channel.PHONE, at=later(0))
    ended = line.hung_up(interaction_id=row.pk, end=said, at=later(seconds))
    again = line.hung_up(interaction_id=row.pk, at=later(seconds + 9))
    assert (ended.end, again.end, again.ended_at) == (end, end, later(seconds))
    assert waiting().count == 0


def test_only_an_agent_can_have_answered() -> None:
    row = line.offer(channel=Channel.PHONE, at=later(0))
    with pytest.raises(Invalid):
        line.hung_up(interaction_id=row.pk, end=InteractionEnd.ANSWERED)


def test_the_caller_hangs_up_and_after_call_work_begins(agent: Actor) -> None:
    row = line.offer(channel=Channel.PHONE, at=later(0))
    calls.take_next(actor=agent, at=later(10))
    ended = line.hung_up(interaction_id=row.pk, at=later(70))
    assert ended.end == InteractionEnd.ANSWERED
    state = state_of(agent.user_id or 0)
    assert state is not None
    assert state.kind == AgentStateKind.WRAPPING


def test_the_next_call_ends_the_after_call_work_before(agent: Actor) -> None:
    row = calls.begin(actor=agent, at=later(0))
    calls.end(interaction_id=row.pk, actor=agent, at=later(10))
    calls.begin(actor=agent, channel=Channel.WALK_IN, at=later(40))
    row.refresh_from_db()
    assert row.wrapped_at == later(40)
    assert states(agent) == [("talking", 10), ("wrapping", 30), ("talking", None)]


def test_states_of_ones_own_choice(agent: Actor) -> None:
    set_state(kind=AgentStateKind.READY, actor=agent, at=later(0))
    set_state(kind=AgentStateKind.READY, actor=agent, at=later(5))
    set_state(kind=AgentStateKind.BREAK, actor=agent, at=later(10))
    assert states(agent) == [("ready", 10), ("break", None)]
    with pytest.raises(Invalid):
        set_state(kind=AgentStateKind.TALKING, actor=agent)
    row = calls.begin(actor=agent, at=later(20))
    with pytest.raises(Conflict):
        set_state(kind=AgentStateKind.BREAK, actor=agent, at=later(21))
    calls.end(interaction_id=row.pk, actor=agent, at=later(30))
    with pytest.raises(Conflict):
        set_state(kind=AgentStateKind.OFFLINE, actor=agent, at=later(31))


def test_three_uncoded_contacts_keep_an_agent_from_going_ready(
    agent: Actor, actor: Callable[..., Actor]
) -> None:
    rows = []
    for at in (0, 100, 200):
        row = calls.begin(actor=agent, at=later(at))
        calls.end(interaction_id=row.pk, actor=agent, at=later(at + 50))
        rows.append(row)
        if at < 200:
            calls.finish_wrap(interaction_id=row.pk, actor=agent, at=later(at + 60))
    with pytest.raises(Conflict):
        calls.finish_wrap(interaction_id=rows[2].pk, actor=agent, at=later(260))
    line.offer(channel=Channel.PHONE, at=later(260))
    with pytest.raises(Conflict):
        calls.take_next(actor=agent, at=later(265))
    # A caller is not turned away for paperwork, and a supervisor may code for an agent.
    calls.begin(actor=agent, channel=Channel.WALK_IN, at=later(270))
    code(interaction_id=rows[0].pk, disposition_code="status", actor=actor(Role.SUPERVISOR))
    current = current_call(agent.user_id or 0)
    assert current is not None
    calls.end(interaction_id=current.pk, actor=agent, at=later(280))
    code(interaction_id=current.pk, disposition_code="status", actor=agent, at=later(281))
    calls.finish_wrap(interaction_id=current.pk, actor=agent, at=later(290))


def test_coding_is_one_step_and_the_last_word_counts(agent: Actor) -> None:
    row = calls.begin(actor=agent, at=later(0))
    with pytest.raises(Invalid):
        code(interaction_id=row.pk, disposition_code="nonsense", actor=agent)
    coded = code(
        interaction_id=row.pk, disposition_code="status", actor=agent, ends=True, at=later(30)
    )
    assert (coded.ended_at, coded.coded_at, coded.end) == (later(30), later(30), "answered")
    again = code(interaction_id=row.pk, disposition_code="request", actor=agent, at=later(35))
    assert again.disposition is not None
    assert (again.disposition.code, again.ended_at) == ("request", later(30))


def test_a_call_nobody_answered_is_not_coded(actor: Callable[..., Actor]) -> None:
    row = line.offer(channel=Channel.PHONE, at=later(0))
    with pytest.raises(Conflict):
        code(interaction_id=row.pk, disposition_code="status", actor=actor(Role.SUPERVISOR))
