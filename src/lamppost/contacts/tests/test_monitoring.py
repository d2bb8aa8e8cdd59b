"""Contacts drawn by lot: fair, once, never by oneself, and the agent has a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lamppost.cities.models import City
from lamppost.contacts.models import Interaction, MonitoredContact, MonitoringQuestion
from lamppost.contacts.selectors.monitoring import by_question, looked_at, to_look_at
from lamppost.contacts.services.monitoring import PER_WEEK, answer, draw_last_week, review
from lamppost.contacts.tests.scene import START, later
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, StaffNotice

pytestmark = pytest.mark.django_db
MakeActor = Callable[..., Actor]
NEXT_WEEK = START + timedelta(days=7)
GOOD = {"greeting": 2, "accuracy": 3, "care": None}


def taken(agent: Actor, count: int) -> None:
    for number in range(count):
        Interaction.objects.create(
            channel="phone", agent_id=agent.user_id, end="answered",
            offered_at=later(number * 100), answered_at=later(number * 100 + 5),
            ended_at=later(number * 100 + 60),
        )  # fmt: skip


@pytest.fixture
def lead(city: City, actor: MakeActor) -> Actor:
    """A supervisor, and a form of three questions."""
    for code, points in (("greeting", 2), ("accuracy", 4), ("care", 2)):
        MonitoringQuestion.objects.create(code=code, text={"en": code}, points=points)
    return actor(Role.SUPERVISOR, "center")


@pytest.fixture
def drawn(lead: Actor, agent: Actor) -> MonitoredContact:
    taken(agent, 5)
    draw_last_week(now=NEXT_WEEK)
    return to_look_at(lead.user_id)[0]


def test_a_few_of_each_agent_are_drawn_once(lead: Actor, agent: Actor, actor: MakeActor) -> None:
    olga = actor(Role.AGENT, "center", "Olga")
    taken(agent, 9)
    taken(olga, 2)
    Interaction.objects.create(channel="sms", offered_at=later(1), answered_at=later(2))
    assert draw_last_week(now=START) == 0  # the week is not over
    assert draw_last_week(now=NEXT_WEEK) == PER_WEEK + 2
    assert draw_last_week(now=NEXT_WEEK + timedelta(days=1)) == 0
    agents = sorted(one.agent_id for one in to_look_at(lead.user_id))
    assert agents == sorted([agent.user_id] * PER_WEEK + [olga.user_id] * 2)


def test_it_is_a_lot_and_no_rule(lead: Actor, agent: Actor) -> None:
    taken(agent, 40)
    chosen = set()
    for _try in range(6):
        MonitoredContact.objects.all().delete()
        draw_last_week(now=NEXT_WEEK)
        chosen.add(tuple(sorted(MonitoredContact.objects.values_list("interaction", flat=True))))
    assert len(chosen) > 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.WORKER, Role.EDITOR])
def test_who_does_not_lead_looks_at_nothing(
    drawn: MonitoredContact, actor: MakeActor, role: Role
) -> None:
    other = actor(role, "streets" if role is Role.WORKER else "center", "Otto")
    with pytest.raises(Forbidden):
        review(monitored_id=drawn.pk, scores=GOOD, comment="", actor=other)


def test_nobody_looks_at_their_own(lead: Actor) -> None:
    taken(lead, 1)
    draw_last_week(now=NEXT_WEEK)
    assert to_look_at(lead.user_id) == []
    own = MonitoredContact.objects.get()
    with pytest.raises(Forbidden):
        review(monitored_id=own.pk, scores=GOOD, comment="", actor=lead)
    assert Denial.objects.filter(detail=f"monitored {own.pk}").exists()


@pytest.mark.parametrize(
    "scores",
    [
        {},  # nothing answered
        {**GOOD, "accuracy": 5},  # more than possible
        {**GOOD, "greeting": -1},
        {"greeting": None, "accuracy": None, "care": None},  # nothing applies
    ],
)
def test_points_that_cannot_be_are_refused(
    drawn: MonitoredContact, lead: Actor, scores: dict[str, int | None]
) -> None:
    with pytest.raises(Invalid):
        review(monitored_id=drawn.pk, scores=scores, comment="", actor=lead)
    assert looked_at() == []


def test_what_was_found_reaches_the_agent_who_answers_once(
    drawn: MonitoredContact, lead: Actor, agent: Actor, actor: MakeActor
) -> None:
    with pytest.raises(NotFound):  # not before it was looked at
        answer(monitored_id=drawn.pk, text="Why?", actor=agent)
    review(monitored_id=drawn.pk, scores=GOOD, comment="Well done.", actor=lead)
    assert StaffNotice.objects.filter(user_id=agent.user_id, kind="center").count() == 1
    with pytest.raises(Conflict):
        review(monitored_id=drawn.pk, scores=GOOD, comment="Again.", actor=lead)
    with pytest.raises(NotFound):  # a colleague has no word in it
        answer(monitored_id=drawn.pk, text="Me too", actor=actor(Role.AGENT, "center", "Olga"))
    with pytest.raises(Invalid):
        answer(monitored_id=drawn.pk, text=" ", actor=agent)
    answer(monitored_id=drawn.pk, text="Thank you.", actor=agent)
    with pytest.raises(Conflict):
        answer(monitored_id=drawn.pk, text="And …", actor=agent)
    [found] = looked_at(agent_id=agent.user_id)
    assert (found.comment, found.answer) == ("Well done.", "Thank you.")


def test_figures_by_question_are_sums(drawn: MonitoredContact, lead: Actor) -> None:
    first, second = to_look_at(lead.user_id)[:2]
    review(monitored_id=first.pk, scores=GOOD, comment="", actor=lead)
    review(
        monitored_id=second.pk, scores={"greeting": 0, "accuracy": 4, "care": 2}, comment="",
        actor=lead,
    )  # fmt: skip
    found = {
        one.code: (one.points, one.of) for one in by_question(since=START.date() - timedelta(7))
    }
    assert found == {"greeting": (2, 4), "accuracy": (7, 8), "care": (2, 2)}


def test_another_city_has_nothing_to_look_at(
    drawn: MonitoredContact, lead: Actor, other_city: City
) -> None:
    with city_scope(other_city.pk):
        assert to_look_at(None) == []
        with pytest.raises(NotFound):
            review(monitored_id=drawn.pk, scores=GOOD, comment="", actor=lead)
