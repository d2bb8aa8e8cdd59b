"""Planning: who may, for whom, which day; planned twice; what is refused of many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.lifecycle import close
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.fieldwork.choices import InspectionState
from lamppost.fieldwork.models import Inspection
from lamppost.fieldwork.selectors.rounds import (
    inspection_for,
    round_at_desk,
    round_of,
    rounds_on,
    today,
)
from lamppost.fieldwork.services import planning
from lamppost.fieldwork.services.planning import cancel_inspection, plan_inspections
from lamppost.fieldwork.tests.conftest import PlanOne
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Absence, Denial, Department, StaffNotice, Team, TeamMember

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


@pytest.mark.parametrize("role", [Role.AGENT, Role.DIRECTOR, Role.COUNCIL, Role.RESIDENT])
def test_who_does_not_work_on_cases_does_not_plan(
    role: Role, actor: MakeActor, worker: Actor, file_case: FileCase
) -> None:
    with pytest.raises(Forbidden):
        plan_inspections(
            case_ids=[file_case().pk], on=today(), inspector_id=worker.user_id, actor=actor(role)
        )
    assert not Inspection.objects.exists()


def test_another_department_s_case_is_refused_and_the_others_are_planned(
    actor: MakeActor, worker: Actor, file_case: FileCase
) -> None:
    mine, theirs, closed = file_case(), file_case(service_code="TREE", answers={}), file_case()
    close(case_id=closed.pk, outcome_code="not-done", text="x", actor=SYSTEM)
    planned = plan_inspections(
        case_ids=[mine.pk, theirs.pk, closed.pk, 987654321],
        on=today(), inspector_id=worker.user_id, actor=worker,
    )  # fmt: skip
    assert len(planned.done) == 1
    assert set(planned.refused) == {theirs.pk, closed.pk, 987654321}


def test_for_whom_and_when(actor: MakeActor, worker: Actor, file_case: FileCase) -> None:
    case, day = file_case(), today()
    agent = actor(Role.AGENT, "center")
    gardener = actor(Role.WORKER, "parks")
    Absence.objects.create(
        user_id=worker.user_id, first_day=day + timedelta(days=3),
        last_day=day + timedelta(days=4), created_at=timezone.now(),
    )  # fmt: skip
    refused = [
        {"on": day - timedelta(days=1), "inspector_id": worker.user_id},  # yesterday
        {"on": day + timedelta(days=400), "inspector_id": worker.user_id},  # next year but one
        {"on": day + timedelta(days=3), "inspector_id": worker.user_id},  # away
        {"on": day, "inspector_id": agent.user_id},  # a role that does not inspect
        {"on": day, "inspector_id": 987654321},  # nobody
        {"on": day, "team_id": 987654321},  # no team
        {"on": day},  # neither
        {"on": day, "inspector_id": worker.user_id, "team_id": 1},  # both
    ]
    for asked in refused:
        with pytest.raises(Invalid):
            plan_inspections(case_ids=[case.pk], actor=worker, **asked)
    with pytest.raises(Invalid):
        plan_inspections(case_ids=[], on=day, inspector_id=worker.user_id, actor=worker)
    other = plan_inspections(
        case_ids=[case.pk], on=day, inspector_id=gardener.user_id, actor=worker
    )
    assert set(other.refused) == {case.pk}
    assert not Inspection.objects.exists()


def test_a_round_has_its_limit(
    worker: Actor, file_case: FileCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MAX_ROUND", 1)
    asked = {"on": today(), "inspector_id": worker.user_id, "actor": worker}
    first = file_case()
    plan_inspections(case_ids=[first.pk], **asked)
    with pytest.raises(Invalid, match="at most 1 inspections"):
        plan_inspections(case_ids=[file_case().pk], **asked)
    assert plan_inspections(case_ids=[first.pk], **asked).refused == {}  # the same again fits


def test_the_same_again_changes_nothing_another_day_makes_another(
    worker: Actor, file_case: FileCase
) -> None:
    case = file_case()
    asked = {"case_ids": [case.pk], "inspector_id": worker.user_id, "actor": worker}
    first = plan_inspections(on=today(), **asked)
    events = CaseEvent.objects.count()
    assert plan_inspections(on=today(), **asked).done == first.done
    assert CaseEvent.objects.count() == events
    moved = plan_inspections(on=today() + timedelta(days=1), **asked)
    assert moved.done != first.done
    assert Inspection.objects.get(pk=first.done[0]).state == InspectionState.CANCELLED
    assert Inspection.objects.filter(state=InspectionState.PLANNED).count() == 1


def test_a_team_s_round_is_everybody_s_in_it_and_they_are_told_once(
    actor: MakeActor, worker: Actor, file_case: FileCase
) -> None:
    boss = actor(Role.MANAGER, "streets")
    team = Team.objects.create(
        department=Department.objects.get(code="streets"), code="north", name={"en": "North"}
    )
    TeamMember.objects.create(team=team, user_id=worker.user_id)
    cases = [file_case().pk for _ in range(3)]
    plan_inspections(case_ids=cases, on=today(), team_id=team.pk, actor=boss)
    assert len(round_of(worker, on=today())) == 3
    assert round_of(boss, on=today()) == []
    notice = StaffNotice.objects.get()
    assert (notice.user_id, notice.subject[:13]) == (worker.user_id, "3 inspections")
    (count,) = rounds_on(today(), actor=boss)
    assert (count.team_id, count.planned, count.done) == (team.pk, 3, 0)


def test_taking_off(actor: MakeActor, plan_one: Callable[..., Inspection], file_case: FileCase,
                    worker: Actor, other_city: City) -> None:  # fmt: skip
    inspection = plan_one(file_case())
    with pytest.raises(Forbidden):
        cancel_inspection(inspection_id=inspection.pk, actor=actor(Role.WORKER, "parks"))
    with city_scope(other_city.pk), pytest.raises(NotFound):
        cancel_inspection(inspection_id=inspection.pk, actor=SYSTEM)
    cancel_inspection(inspection_id=inspection.pk, actor=worker)
    with pytest.raises(Conflict):
        cancel_inspection(inspection_id=inspection.pk, actor=worker)


def test_a_round_costs_the_same_however_long(
    worker: Actor, file_case: FileCase, django_assert_num_queries: object
) -> None:
    ids = [file_case().pk for _ in range(6)]
    plan_inspections(case_ids=ids, on=today(), inspector_id=worker.user_id, actor=worker)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(round_of(worker, on=today())) == 6


def test_a_case_that_went_elsewhere_is_on_no_round_any_more(
    plan_one: PlanOne, file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    """It is another department's now: not shown in the field, nor on the old one's board."""
    case, stays = file_case(), file_case()
    gone, left = plan_one(case), plan_one(stays)
    assert inspection_for(gone.pk, worker).case == case
    Case.objects.filter(pk=case.pk).update(department=Department.objects.get(code="parks"))
    assert [stop.inspection for stop in round_of(worker, on=today())] == [left]
    manager = actor(Role.MANAGER, "streets")
    shown = round_at_desk(today(), actor=manager, inspector_id=worker.user_id, team_id=None)
    assert [stop.inspection for stop in shown] == [left]
    with pytest.raises(Forbidden):
        inspection_for(gone.pk, worker)
    assert Denial.objects.filter(permission="inspection.see").count() == 1
