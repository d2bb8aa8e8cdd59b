"""Work items: who may do what to them, and that no case closes over required work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent, Participant
from lamppost.cases.reports import Reporter
from lamppost.cases.selectors.desk import case_for_desk, cases_by_id, search
from lamppost.cases.services import lifecycle, links
from lamppost.cases.services.assignment import assign
from lamppost.cases.services.bulk import bulk_close
from lamppost.cases.services.corrections import recategorize
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.partners import Update, receive
from lamppost.cases.services.reporter import withdraw
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey, Department, StaffNotice, Team, TeamMember
from lamppost.work.choices import DropCause, ItemState
from lamppost.work.models import ChecklistItem, WorkItem, WorkTemplate
from lamppost.work.services.adding import NewItem, add_from_template, add_item
from lamppost.work.services.items import (
    assign_item,
    drop,
    finish,
    mark_late,
    reopen_item,
    start,
    tick,
)

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


@pytest.fixture
def task(file_case: FileCase, worker: Actor, parks: Department) -> WorkItem:
    """Something Parks has to do in a case of Streets."""
    case = file_case()
    new = NewItem(department_id=parks.pk, title="Cut the roots", checklist=("Mark the tree",))
    return add_item(case_id=case.pk, new=new, actor=worker)


def _close(case: Case, actor: Actor) -> Case:
    return lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled.", actor=actor)


# -- refusals


def test_only_the_item_s_department_works_on_it(
    task: WorkItem, worker: Actor, parks_worker: Actor, agent: Actor, actor: Callable[..., Actor]
) -> None:
    """The owner of the case gives work, it does not do it; nor does anybody without the right."""
    check = ChecklistItem.objects.get(item=task)
    for stranger, refusal in (
        (worker, Forbidden),
        (agent, Forbidden),
        (actor(Role.DIRECTOR), Forbidden),
        (actor(Role.RESIDENT), Forbidden),
        (ANONYMOUS, Unauthenticated),
    ):
        for step in (
            lambda who: start(item_id=task.pk, actor=who),
            lambda who: finish(item_id=task.pk, actor=who),
            lambda who: assign_item(item_id=task.pk, actor=who),
            lambda who: tick(item_id=task.pk, check_id=check.pk, is_done=True, actor=who),
        ):
            with pytest.raises(refusal):
                step(stranger)
    task.refresh_from_db()
    assert task.state == ItemState.OPEN
    start(item_id=task.pk, actor=parks_worker)


def test_only_the_owner_of_the_case_adds_work(
    task: WorkItem, parks: Department, parks_worker: Actor, agent: Actor, template: Any
) -> None:
    made = template("roots", "parks", begins="by_hand")
    for stranger in (parks_worker, agent):
        with pytest.raises(Forbidden):
            add_item(
                case_id=task.case_id,
                new=NewItem(department_id=parks.pk, title="More"),
                actor=stranger,
            )
        with pytest.raises(Forbidden):
            add_from_template(case_id=task.case_id, template_id=made.pk, actor=stranger)
    assert WorkItem.objects.count() == 1


def test_what_is_malformed_is_refused_by_name(
    file_case: FileCase, worker: Actor, city: City, parks: Department
) -> None:
    case = file_case()
    team = Team.objects.create(department=parks, code="crew", name={"en": "Crew"})
    for changes, field in (
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"department_id": 0}, "department"),
        ({"team_id": team.pk}, "team"),
        ({"amount": 0, "unit": "hours"}, "amount"),
        ({"amount": 1001, "unit": "hours"}, "amount"),
        ({"amount": 3}, "unit"),
        ({"amount": 3, "unit": "fortnights"}, "unit"),
        ({"amount": 3, "unit": "hours", "calendar_id": 999_999}, "calendar"),
        ({"checklist": ["x"] * 31}, "checklist"),
        ({"note": "x" * 4001}, "note"),
    ):
        fields = {"department_id": case.department_id, "title": "Fill"} | changes
        with pytest.raises(Invalid) as refused:
            add_item(case_id=case.pk, new=NewItem(**fields), actor=worker)
        assert refused.value.problems[0].field == field, changes
    assert not WorkItem.objects.exists()


def test_an_item_is_given_to_people_of_its_department_and_team_only(
    task: WorkItem, worker: Actor, parks_worker: Actor, actor: Callable[..., Actor]
) -> None:
    crew = Team.objects.create(department_id=task.department_id, code="crew", name={"en": "Crew"})
    other = actor(Role.WORKER, "parks", "Other")
    TeamMember.objects.create(team=crew, user_id=other.user_id)
    streets_crew = Team.objects.create(
        department_id=worker.department_id, code="crew", name={"en": "Crew"}
    )
    for user_id, team_id in (
        (worker.user_id, None),
        (parks_worker.user_id, crew.pk),
        (None, streets_crew.pk),
        (other.user_id, streets_crew.pk),
        (10**9, None),
    ):
        with pytest.raises(Invalid):
            assign_item(item_id=task.pk, user_id=user_id, team_id=team_id, actor=parks_worker)
    assign_item(item_id=task.pk, user_id=other.user_id, team_id=crew.pk, actor=parks_worker)
    task.refresh_from_db()
    assert (task.assignee_id, task.team_id) == (other.user_id, crew.pk)
    assert StaffNotice.objects.filter(user_id=other.user_id, kind="assigned").count() == 1


def test_a_required_line_of_the_checklist_holds_the_item_open(
    task: WorkItem, parks_worker: Actor
) -> None:
    check = ChecklistItem.objects.get(item=task)
    with pytest.raises(Conflict, match="Mark the tree"):
        finish(item_id=task.pk, actor=parks_worker)
    tick(item_id=task.pk, check_id=check.pk, is_done=True, actor=parks_worker)
    tick(item_id=task.pk, check_id=check.pk, is_done=False, actor=parks_worker)
    with pytest.raises(Conflict, match="Mark the tree"):
        finish(item_id=task.pk, actor=parks_worker)
    tick(item_id=task.pk, check_id=check.pk, is_done=True, actor=parks_worker)
    finish(item_id=task.pk, actor=parks_worker)
    check.refresh_from_db()
    assert check.done_by_id == parks_worker.user_id


def test_a_line_of_another_item_cannot_be_checked_off(
    task: WorkItem, parks_worker: Actor, cave_in: None, file_case: FileCase
) -> None:
    other = file_case(answers={"WHERE": ("cave-in",)})
    foreign = ChecklistItem.objects.filter(item__case=other).first()
    assert foreign is not None
    with pytest.raises(NotFound):
        tick(item_id=task.pk, check_id=foreign.pk, is_done=True, actor=parks_worker)


def test_nothing_is_done_twice(task: WorkItem, parks_worker: Actor) -> None:
    tick(
        item_id=task.pk,
        check_id=ChecklistItem.objects.get(item=task).pk,
        is_done=True,
        actor=parks_worker,
    )
    with pytest.raises(Conflict):
        start(item_id=task.pk, actor=parks_worker)
    finish(item_id=task.pk, actor=parks_worker)
    events = CaseEvent.objects.count()
    for step in (
        lambda: finish(item_id=task.pk, actor=parks_worker),
        lambda: drop(item_id=task.pk, reason="No", actor=parks_worker),
        lambda: start(item_id=task.pk, actor=parks_worker),
        lambda: assign_item(item_id=task.pk, actor=parks_worker),
    ):
        with pytest.raises(Conflict):
            step()
    assert CaseEvent.objects.count() == events


def test_dropping_and_opening_again_need_a_reason(task: WorkItem, parks_worker: Actor) -> None:
    with pytest.raises(Invalid):
        drop(item_id=task.pk, reason=" ", actor=parks_worker)
    drop(item_id=task.pk, reason="No tree here", actor=parks_worker)
    with pytest.raises(Invalid):
        reopen_item(item_id=task.pk, reason="", actor=parks_worker)
    reopen_item(item_id=task.pk, reason="There is one", actor=parks_worker)
    with pytest.raises(Conflict):
        reopen_item(item_id=task.pk, reason="Again", actor=parks_worker)


def test_the_owner_may_drop_another_department_s_item(task: WorkItem, worker: Actor) -> None:
    drop(item_id=task.pk, reason="Not needed after all", actor=worker)
    task.refresh_from_db()
    assert (task.state, task.drop_cause) == (ItemState.DROPPED, DropCause.PERSON)
    _close(task.case, worker)


def test_nothing_changes_after_the_case_is_closed(
    task: WorkItem, worker: Actor, parks_worker: Actor
) -> None:
    drop(item_id=task.pk, reason="No", actor=worker)
    _close(task.case, worker)
    for step in (
        lambda: reopen_item(item_id=task.pk, reason="Again", actor=parks_worker),
        lambda: start(item_id=task.pk, actor=parks_worker),
        lambda: finish(item_id=task.pk, actor=parks_worker),
        lambda: add_item(
            case_id=task.case_id,
            new=NewItem(department_id=task.department_id, title="Late"),
            actor=worker,
        ),
    ):
        with pytest.raises(Conflict):
            step()


def test_an_item_of_another_city_does_not_exist(
    task: WorkItem, other_city: City, parks_worker: Actor
) -> None:
    with city_scope(other_city.pk), pytest.raises(NotFound):
        start(item_id=task.pk, actor=SYSTEM)


# -- who reads the case


def test_a_department_reads_the_case_as_long_as_it_has_a_part_in_it(
    task: WorkItem, worker: Actor, parks_worker: Actor, actor: Callable[..., Actor]
) -> None:
    number = task.case.number
    center = actor(Role.WORKER, "center")
    with pytest.raises(Forbidden):
        case_for_desk(number, actor=center)
    assert case_for_desk(number, actor=parks_worker).number == number
    assert [case.number for case in cases_by_id([task.case_id], actor=parks_worker)] == [number]
    assert search(number, actor=parks_worker)
    assert not search(number, actor=center)
    drop(item_id=task.pk, reason="No", actor=worker)
    with pytest.raises(Forbidden):
        case_for_desk(number, actor=parks_worker)
    assert not Participant.objects.exists()


def test_reading_is_not_working(task: WorkItem, parks_worker: Actor) -> None:
    for step in (
        lambda: lifecycle.move(case_id=task.case_id, status_code="in-progress", actor=parks_worker),
        lambda: _close(task.case, parks_worker),
        lambda: add_note(
            case_id=task.case_id, text="x", actor=parks_worker, audience=EventAudience.PUBLIC
        ),
    ):
        with pytest.raises(Forbidden):
            step()


def test_a_role_outside_the_desk_reads_nothing_through_its_department(
    task: WorkItem, actor: Callable[..., Actor]
) -> None:
    with pytest.raises(Forbidden):
        case_for_desk(task.case.number, actor=actor(Role.EDITOR, "parks"))


# -- closing


def test_required_work_keeps_the_case_open_and_is_named(task: WorkItem, worker: Actor) -> None:
    with pytest.raises(Conflict, match=r"Cut the roots \(Parks\)"):
        _close(task.case, worker)
    task.case.refresh_from_db()
    assert (task.case.state, task.case.open_required) == ("received", 1)


def test_bulk_closing_reports_the_case_as_refused(
    task: WorkItem, worker: Actor, file_case: FileCase
) -> None:
    free = file_case()
    result = bulk_close(
        case_ids=[task.case_id, free.pk], outcome_code="done", reason="Storm", actor=worker
    )
    assert result.done == (free.pk,)
    assert "Cut the roots" in result.refused[task.case_id]


def test_a_partner_s_word_is_kept_and_closes_nothing(task: WorkItem, api_key: ApiKey) -> None:
    """Its part is done; ours is not. The word stands in the history, the case stays open."""
    ApiKey.objects.update(may_update=True)
    update = Update(
        number=task.case.number, update_id="1", status="FIXED", text="We fixed it.",
        at=timezone.now(),
    )  # fmt: skip
    partner = Actor(role=Role.RESIDENT, api_key_id=api_key.pk)
    receive(update=update, actor=partner)
    assert receive(update=update, actor=partner).repeated
    task.case.refresh_from_db()
    assert task.case.state == "received"
    kept = CaseEvent.objects.filter(case=task.case, kind=EventKind.PARTNER_UPDATE)
    assert [event.words.text for event in kept] == ["We fixed it."]


def test_an_open311_update_closes_nothing_either(
    task: WorkItem, api_key: ApiKey, client: Any
) -> None:
    ApiKey.objects.update(may_update=True)
    answer = client.post(
        "/open311/v2/servicerequestupdates.json",
        {
            "api_key": "test-key", "service_request_id": task.case.number, "update_id": "7",
            "updated_datetime": timezone.now().isoformat(), "status": "CLOSED",
            "description": "Done on our side",
        },
        headers={"host": "springfield.example"},
    )  # fmt: skip
    assert answer.status_code in {200, 201}, answer.content
    task.case.refresh_from_db()
    assert (task.case.state, task.case.open_required) == ("received", 1)


def test_the_database_itself_refuses_a_closed_case_with_open_work(task: WorkItem) -> None:
    with pytest.raises(DatabaseError, match="case_closed_has_no_open_work"), transaction.atomic():
        Case.objects.filter(pk=task.case_id).update(
            state="closed", closed_at=timezone.now(), outcome_id=_outcome("done")
        )


def _outcome(code: str) -> int:
    from lamppost.catalog.models import Outcome

    return Outcome.objects.get(code=code).pk


def test_what_need_not_be_done_goes_with_the_case(
    file_case: FileCase, worker: Actor, parks: Department
) -> None:
    case = file_case()
    new = NewItem(department_id=parks.pk, title="Plant flowers", is_required=False)
    item = add_item(case_id=case.pk, new=new, actor=worker)
    _close(case, worker)
    item.refresh_from_db()
    assert (item.state, item.drop_cause) == (ItemState.DROPPED, DropCause.CASE_CLOSED)
    assert item.finished_by_id == worker.user_id


@pytest.mark.parametrize("way", ["duplicate", "withdrawn"])
def test_a_case_that_is_no_more_drops_its_work(
    way: str, task: WorkItem, worker: Actor, file_case: FileCase
) -> None:
    if way == "duplicate":
        first = file_case()
        links.mark_duplicate(case_id=task.case_id, of_number=first.number, actor=worker)
    else:
        withdraw(case_id=task.case_id, actor=ANONYMOUS)
    task.refresh_from_db()
    assert (task.state, task.drop_cause) == (ItemState.DROPPED, DropCause.CASE_CLOSED)
    task.case.refresh_from_db()
    assert (task.case.state, task.case.open_required) == ("closed", 0)


def test_what_closing_dropped_comes_back_what_people_dropped_does_not(
    task: WorkItem, worker: Actor, file_case: FileCase, parks: Department
) -> None:
    given_up = add_item(
        case_id=task.case_id, new=NewItem(department_id=parks.pk, title="Plant"), actor=worker
    )
    drop(item_id=given_up.pk, reason="No", actor=worker)
    links.mark_duplicate(case_id=task.case_id, of_number=file_case().number, actor=worker)
    links.unmark_duplicate(case_id=task.case_id, reason="Another tree", actor=worker)
    task.refresh_from_db()
    given_up.refresh_from_db()
    assert (task.state, given_up.state) == (ItemState.OPEN, ItemState.DROPPED)
    task.case.refresh_from_db()
    assert task.case.open_required == 1
    assert task.pauses.count() == 1


def test_a_reopened_case_that_was_done_has_no_work_left_over(
    task: WorkItem, worker: Actor, parks_worker: Actor, agent: Actor
) -> None:
    ChecklistItem.objects.filter(item=task).update(is_required=False)
    finish(item_id=task.pk, actor=parks_worker)
    _close(task.case, worker)
    lifecycle.reopen(case_id=task.case_id, reason="Still there", actor=agent)
    task.refresh_from_db()
    assert task.state == ItemState.DONE
    task.case.refresh_from_db()
    assert task.case.open_required == 0
    reopen_item(item_id=task.pk, reason="Roots grew back", actor=worker)
    with pytest.raises(Conflict):
        _close(task.case, worker)


# -- templates at intake


def test_a_service_without_templates_costs_no_query_more(
    file_case: FileCase, django_assert_num_queries: Any
) -> None:
    from lamppost.work.playbook import playbook
    from lamppost.work.services.reactions import on_received

    case = file_case()
    playbook()
    event = CaseEvent.objects.get(case=case)
    with django_assert_num_queries(0):
        on_received(case, event, ANONYMOUS)
    assert case.open_required == 0


def test_a_case_gets_the_items_its_answers_call_for(file_case: FileCase, cave_in: None) -> None:
    assert not WorkItem.objects.filter(case=file_case()).exists()
    case = file_case(answers={"WHERE": ("cave-in",)})
    items = list(WorkItem.objects.filter(case=case).order_by("order"))
    assert [(item.title["en"], item.order) for item in items] == [
        ("Check-Pipe", 1), ("Fill-Street", 2),
    ]  # fmt: skip
    assert case.open_required == 2
    assert items[0].checklist.count() == 2
    assert items[0].added_at >= case.requested_at
    assert {one.department.code for one in Participant.objects.filter(case=case)} == {
        "streets", "parks",
    }  # fmt: skip
    added = CaseEvent.objects.filter(case=case, kind=EventKind.WORK)
    assert {event.audience for event in added} == {EventAudience.STAFF}


def test_a_refused_filing_leaves_no_items(file_case: FileCase, cave_in: None) -> None:
    with pytest.raises(Invalid):
        file_case(answers={"WHERE": ("cave-in",), "SIZE": ("wide",)})
    assert not WorkItem.objects.exists()


def test_the_same_item_is_not_added_twice(
    file_case: FileCase, cave_in: None, worker: Actor
) -> None:
    case = file_case(answers={"WHERE": ("cave-in",)})
    made = WorkTemplate.objects.get(code="check-pipe")
    with pytest.raises(Conflict):
        add_from_template(case_id=case.pk, template_id=made.pk, actor=worker)
    drop(item_id=WorkItem.objects.get(template=made).pk, reason="No pipe", actor=worker)
    again = add_from_template(case_id=case.pk, template_id=made.pk, actor=worker)
    old = WorkItem.objects.filter(template=made).exclude(pk=again.pk).get()
    with pytest.raises(Conflict):
        reopen_item(item_id=old.pk, reason="Pipe", actor=worker)
    tree = file_case(service_code="TREE", answers={})
    with pytest.raises(NotFound):
        add_from_template(case_id=tree.pk, template_id=made.pk, actor=SYSTEM)


def test_another_service_calls_for_other_work(
    file_case: FileCase, cave_in: None, template: Any, agent: Actor, parks_worker: Actor
) -> None:
    template("look-at-tree", "parks", service="TREE")
    case = file_case(answers={"WHERE": ("cave-in",)})
    begun = WorkItem.objects.get(case=case, department__code="parks")
    start(item_id=begun.pk, actor=parks_worker)
    recategorize(case_id=case.pk, service_code="TREE", reason="A tree", actor=agent)
    states = {item.title["en"]: (item.state, item.drop_cause) for item in WorkItem.objects.all()}
    assert states == {
        "Check-Pipe": ("doing", ""),
        "Fill-Street": ("dropped", "service_changed"),
        "Look-At-Tree": ("open", ""),
    }
    case.refresh_from_db()
    assert case.open_required == 2


# -- two departments, one case (A11)


def test_a_cave_in_is_one_case_two_departments_two_steps(
    file_case: FileCase,
    cave_in: None,
    worker: Actor,
    parks_worker: Actor,
    actor: Callable[..., Actor],
) -> None:
    boss = actor(Role.MANAGER, "streets")
    case = file_case(
        answers={"WHERE": ("cave-in",)}, reporter=Reporter(name="Rosa", email="rosa@example.org")
    )
    pipe = WorkItem.objects.get(case=case, department__code="parks")
    street = WorkItem.objects.get(case=case, department__code="streets")
    with pytest.raises(Conflict, match=r"Check-Pipe.*Fill-Street"):
        _close(case, worker)
    for check in pipe.checklist.all():
        tick(item_id=pipe.pk, check_id=check.pk, is_done=True, actor=parks_worker)
    finish(item_id=pipe.pk, actor=parks_worker)
    with pytest.raises(Conflict, match="Fill-Street"):
        _close(case, worker)
    assert not StaffNotice.objects.filter(user_id=boss.user_id).exists()
    finish(item_id=street.pk, actor=worker)
    notice = StaffNotice.objects.get(user_id=boss.user_id)
    assert (notice.kind, notice.case_number) == ("work", case.number)
    assert "Rosa" not in notice.subject + notice.text
    closed = _close(case, worker)
    assert closed.state == "closed"
    assert case_for_desk(case.number, actor=parks_worker).number == case.number


def test_who_has_the_case_is_told_of_the_last_required_item(
    task: WorkItem, worker: Actor, parks_worker: Actor
) -> None:
    assign(case_id=task.case_id, user_id=worker.user_id, actor=worker)
    StaffNotice.objects.all().delete()
    drop(item_id=task.pk, reason="No", actor=parks_worker)
    assert StaffNotice.objects.get().user_id == worker.user_id
    reopen_item(item_id=task.pk, reason="Yes", actor=parks_worker)
    ChecklistItem.objects.update(is_required=False)
    finish(item_id=task.pk, actor=parks_worker)
    assert StaffNotice.objects.count() == 2


def test_every_step_is_an_event_with_codes_and_ids_only(
    task: WorkItem, parks_worker: Actor
) -> None:
    check = ChecklistItem.objects.get(item=task)
    tick(item_id=task.pk, check_id=check.pk, is_done=True, actor=parks_worker)
    finish(item_id=task.pk, actor=parks_worker)
    events = CaseEvent.objects.filter(case=task.case, kind=EventKind.WORK).order_by("seq")
    assert [event.data["change"] for event in events] == ["added", "ticked", "done"]
    assert {event.data["item"] for event in events} == {task.pk}
    assert "roots" not in str([event.data for event in events])


# -- late


def test_an_item_is_late_from_its_due_time_on_however_late_that_is_noticed(
    task: WorkItem,
) -> None:
    due = timezone.now() - timedelta(hours=3)
    WorkItem.objects.update(due_at=due)
    assert mark_late(now=due) == 0, "due exactly now is in time"
    assert mark_late(now=timezone.now()) == 1
    assert mark_late(now=timezone.now()) == 0
    task.refresh_from_db()
    assert task.breached_at == due
    late = CaseEvent.objects.get(case=task.case, data__change="late")
    assert (late.at, late.audience) == (due, EventAudience.STAFF)


def test_an_item_finished_late_was_late_at_its_due_time(
    task: WorkItem, parks_worker: Actor
) -> None:
    due = timezone.now() - timedelta(minutes=1)
    WorkItem.objects.update(due_at=due)
    ChecklistItem.objects.update(is_required=False)
    finish(item_id=task.pk, actor=parks_worker)
    task.refresh_from_db()
    assert task.breached_at == due
    assert mark_late(now=timezone.now()) == 0
