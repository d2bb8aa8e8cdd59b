"""Whose a case is: given to a person or a team, or taken by who asks; nobody gets what another
has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.support.installation import Installation

from lamppost.cases.choices import EventKind, Priority
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.selectors.assigned import absent_holders, cases_of
from lamppost.cases.services.assignment import assign, assign_team, take_next
from lamppost.cases.services.bulk import bulk_assign, bulk_team, preview_assignment
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid
from lamppost.people.absences import enter_absence, today
from lamppost.people.actors import Actor, actor_of
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Department, StaffNotice, Team, TeamMember, User

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
Person = Callable[..., User]


def _team(code: str, *members: User, department: str = "streets") -> Team:
    team = Team.objects.create(
        department=Department.objects.get(code=department), code=code, name={"en": code.title()}
    )
    for user in members:
        TeamMember.objects.create(team=team, user=user)
    return team


def _due(case: Case, **changes: Any) -> Case:
    hours = changes.pop("hours", None)
    if hours is not None:
        changes["due_at"] = timezone.now() + timedelta(hours=hours)
    Case.objects.filter(pk=case.pk).update(**changes)
    case.refresh_from_db()
    return case


# -- to a person, to a team


def test_a_team_must_be_of_the_owning_department_and_still_be_there(
    file_case: FileCase, worker: Actor
) -> None:
    case, parks, gone = file_case(), _team("rangers", department="parks"), _team("gone")
    Team.objects.filter(pk=gone.pk).update(is_active=False)
    for team_id in (parks.pk, gone.pk, 10**9):
        with pytest.raises(Invalid, match="does not belong"):
            assign_team(case_id=case.pk, team_id=team_id, actor=worker)
    close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    with pytest.raises(Conflict):
        assign_team(case_id=case.pk, team_id=_team("crew").pk, actor=worker)


@pytest.mark.parametrize(
    ("role", "department"), [(Role.WORKER, "parks"), (Role.AGENT, "center"), (Role.DIRECTOR, None)]
)
def test_others_do_not_give_away_a_departments_cases(
    role: Role, department: str | None, file_case: FileCase, actor: Callable[..., Actor]
) -> None:
    case, team = file_case(), _team("crew")
    with pytest.raises(Forbidden):
        assign_team(case_id=case.pk, team_id=team.pk, actor=actor(role, department))


def test_a_person_keeps_a_case_only_within_their_team(
    file_case: FileCase, person: Person, worker: Actor
) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    hers, other = _team("hers", wanda), _team("other")
    case = file_case()
    assign(case_id=case.pk, user_id=wanda.pk, actor=worker)
    assert assign_team(case_id=case.pk, team_id=hers.pk, actor=worker).assignee_id == wanda.pk
    assert assign_team(case_id=case.pk, team_id=other.pk, actor=worker).assignee_id is None
    event = CaseEvent.objects.filter(case=case, kind=EventKind.ASSIGNED).latest("seq")
    assert event.data == {
        "from": wanda.pk, "to": None, "team_from": hers.pk, "team_to": other.pk,
    }  # fmt: skip
    before = CaseEvent.objects.count()
    assign_team(case_id=case.pk, team_id=other.pk, actor=worker)
    assert CaseEvent.objects.count() == before, "nothing changed, nothing is written"


def test_another_department_does_not_inherit_the_team(
    file_case: FileCase, person: Person, worker: Actor, actor: Callable[..., Actor]
) -> None:
    case = file_case()
    assign_team(case_id=case.pk, team_id=_team("crew").pk, actor=worker)
    parks = Department.objects.get(code="parks")
    offer = offer_transfer(case_id=case.pk, department_id=parks.pk, reason="Tree", actor=worker)
    accept_transfer(transfer_id=offer.pk, actor=actor(Role.WORKER, "parks"))
    case.refresh_from_db()
    assert case.team_id is None


def test_who_gets_a_case_from_somebody_else_is_told_and_so_is_the_cover(
    file_case: FileCase, person: Person, worker: Actor
) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    enter_absence(
        user_id=wanda.pk, first_day=today(), last_day=today(), covered_by_id=walt.pk,
        actor=actor_of(wanda),
    )  # fmt: skip
    case = file_case()
    assign(case_id=case.pk, user_id=worker.user_id, actor=worker)
    assert not StaffNotice.objects.exists(), "who takes a case knows"
    assign(case_id=case.pk, user_id=wanda.pk, actor=worker)
    notices = StaffNotice.objects.filter(kind=NoticeKind.ASSIGNED)
    assert {one.user for one in notices} == {wanda, walt}
    assert {one.path for one in notices} == {f"/desk/cases/{case.number}/"}


# -- the next case


def test_the_most_urgent_that_nobody_has(file_case: FileCase, worker: Actor) -> None:
    soon, late, urgent, high = (file_case() for _ in range(4))
    _due(soon, hours=1), _due(late, hours=-5)
    _due(urgent, hours=50, priority=Priority.URGENT)
    _due(high, due_at=None, priority=Priority.HIGH)
    taken = [take_next(actor=worker) for _ in range(5)]
    assert [one.pk if one else None for one in taken] == [
        urgent.pk, high.pk, late.pk, soon.pk, None,
    ]  # fmt: skip
    assert {one.assignee_id for one in Case.objects.all()} == {worker.user_id}


def test_what_is_passed_over(
    file_case: FileCase, worker: Actor, actor: Callable[..., Actor], person: Person
) -> None:
    colleague = actor(Role.WORKER, "streets", "Walt")
    paused, offered, held, own, closed = (file_case() for _ in range(5))
    file_case(service_code="TREE", answers={})
    for status in ("in-progress", "waiting-weather"):
        move(case_id=paused.pk, status_code=status, actor=colleague, note="Rain")
    parks = Department.objects.get(code="parks")
    offer_transfer(case_id=offered.pk, department_id=parks.pk, reason="x", actor=colleague)
    assign(case_id=held.pk, user_id=colleague.user_id, actor=colleague)
    close(case_id=closed.pk, outcome_code="done", text="Done", actor=colleague)
    Case.objects.filter(pk=own.pk).update(entered_by=worker.user_id, channel="staff", contact=None)
    assert take_next(actor=worker) is None
    assert take_next(actor=colleague).pk == own.pk  # type: ignore[union-attr]


def test_somebody_in_a_team_takes_from_the_team(
    file_case: FileCase, person: Person, worker: Actor
) -> None:
    wanda = actor_of(person(Role.WORKER, "streets", "Wanda"))
    team = _team("crew", User.objects.get(pk=wanda.user_id))
    first, second = _due(file_case(), hours=1), _due(file_case(), hours=2)
    assign_team(case_id=second.pk, team_id=team.pk, actor=worker)
    assert take_next(actor=wanda).pk == second.pk  # type: ignore[union-attr]
    assert take_next(actor=wanda) is None
    assert take_next(actor=worker).pk == first.pk  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.ADMIN, None), (Role.DIRECTOR, None), (Role.AGENT, "center"), (Role.RESIDENT, None)],
)
def test_who_takes_no_case(
    role: Role, department: str | None, file_case: FileCase, actor: Callable[..., Actor]
) -> None:
    file_case()
    with pytest.raises(Forbidden):
        take_next(actor=actor(role, department))


RACE = """
import threading
from django.db import connection
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.cases.models import Case
from lamppost.cases.services.assignment import take_next
from lamppost.people.actors import actor_of
from lamppost.people.models import User

city = City.objects.get(slug="springfield")
together, taken = threading.Barrier(2), []

def work(email):
    try:
        with city_scope(city.pk):
            actor = actor_of(User.objects.get(email=email))
            together.wait()
            while (case := take_next(actor=actor)) is not None:
                taken.append(case.pk)
    finally:
        connection.close()

with city_scope(city.pk):
    Case.objects.update(team=None)
    free = Case.objects.filter(assignee=None, is_paused=False, department__code="streets")
    free = set(free.exclude(state="closed").values_list("pk", flat=True))
people = ("worker@staff.example", "manager@staff.example")
threads = [threading.Thread(target=work, args=(email,)) for email in people]
[one.start() for one in threads]
[one.join(60) for one in threads]
print(len(free), len(taken), len(set(taken)), set(taken) == free)
"""


def test_two_at_once_never_get_the_same(make_installation: Callable[..., Installation]) -> None:
    """Two connections, one queue: every case is taken, each once."""
    said = make_installation("race", two_cities=True, serve=False).python(RACE).split()
    free, taken, different, all_of_them = said[-4:]
    assert int(free) >= 5
    assert (taken, different, all_of_them) == (free, free, "True")


# -- many at once, and what somebody left


def test_many_are_given_away_with_one_notice(
    file_case: FileCase, person: Person, worker: Actor
) -> None:
    wanda = person(Role.WORKER, "streets", "Wanda")
    cases = [file_case() for _ in range(3)]
    parks = file_case(service_code="TREE", answers={})
    expected = preview_assignment([*cases, parks], user_id=wanda.pk, actor=worker)
    assert [bool(expected[case.pk]) for case in (*cases, parks)] == [False, False, False, True]
    assert not Case.objects.filter(assignee=wanda).exists(), "a preview changes nothing"
    result = bulk_assign(
        case_ids=[case.pk for case in (*cases, parks)], user_id=wanda.pk, actor=worker,
        reason="Wanda has the truck",
    )  # fmt: skip
    assert result.done == tuple(case.pk for case in cases)
    assert list(result.refused) == [parks.pk]
    notice = StaffNotice.objects.get()
    assert (notice.user, notice.path, notice.subject) == (
        wanda, "/desk/mine/", "3 cases are assigned to you",
    )  # fmt: skip
    event = CaseEvent.objects.filter(case=cases[0], kind=EventKind.ASSIGNED).get()
    assert event.words.text == "Wanda has the truck"
    team = _team("crew")
    assert len(bulk_team(case_ids=[cases[0].pk], team_id=team.pk, actor=worker).done) == 1


def test_an_agent_gives_nothing_away(file_case: FileCase, agent: Actor) -> None:
    case = file_case()
    for step in (
        lambda: bulk_assign(case_ids=[case.pk], user_id=None, actor=agent),
        lambda: bulk_team(case_ids=[case.pk], team_id=None, actor=agent),
        lambda: preview_assignment([case], actor=agent),
    ):
        with pytest.raises(Forbidden):
            step()


def test_what_somebody_away_has_is_found(
    file_case: FileCase, person: Person, worker: Actor
) -> None:
    wanda, walt = (person(Role.WORKER, "streets", name) for name in ("Wanda", "Walt"))
    streets = Department.objects.get(code="streets").pk
    cases = [file_case() for _ in range(2)]
    for case in cases:
        assign(case_id=case.pk, user_id=wanda.pk, actor=worker)
    assert absent_holders(streets) == []
    enter_absence(
        user_id=wanda.pk, first_day=today(), last_day=today(), covered_by_id=walt.pk,
        actor=actor_of(wanda),
    )  # fmt: skip
    (holder,) = absent_holders(streets)
    assert (holder.user, holder.away.cover, holder.open_cases) == (wanda, walt, 2)
    assert {case.assignee_id for case in cases_of([walt.pk, wanda.pk])} == {wanda.pk}
