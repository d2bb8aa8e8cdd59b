"""The life of a case: what is refused, what each step leaves behind."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from lamppost.cases.choices import ClockState, EventAudience, EventKind, TransferState
from lamppost.cases.models import Case, CaseEvent, CaseLink, Clock, ClockEvent, EventText
from lamppost.cases.selectors.clock_history import pauses_of
from lamppost.cases.services import lifecycle, links, transfers
from lamppost.cases.services.bulk import bulk_close, bulk_move
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.clocks import waive
from lamppost.cases.services.corrections import recategorize, set_visibility
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import State, Visibility
from lamppost.cities.models import City
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, Department

FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))


def resolve_clock(case: Case) -> Clock:
    return Clock.objects.exclude(state=ClockState.SUPERSEDED).get(case=case, kind="resolve")


# -- refusals


def test_another_department_may_not_work_a_case(file_case: FileCase, actor: MakeActor) -> None:
    case = file_case()
    parks = actor(Role.WORKER, "parks")
    with pytest.raises(Forbidden):
        lifecycle.move(case_id=case.pk, status_code="in-progress", actor=parks)
    with pytest.raises(Forbidden):
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Done", actor=parks)
    assert kinds(case) == ["received"]
    assert Denial.objects.filter(user_id=parks.user_id).count() == 2


def test_an_anonymous_caller_is_asked_to_sign_in(file_case: FileCase) -> None:
    case = file_case()
    with pytest.raises(Unauthenticated):
        lifecycle.move(case_id=case.pk, status_code="in-progress", actor=ANONYMOUS)


def test_a_case_of_another_city_does_not_exist(
    file_case: FileCase, worker: Actor, other_city: City
) -> None:
    from lamppost.database.scope import city_scope

    case = file_case()
    with city_scope(other_city.pk), pytest.raises((NotFound, Forbidden)):
        lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)


@pytest.mark.parametrize(
    ("arguments", "refusal", "field"),
    [
        ({"status_code": "nowhere"}, Invalid, "status"),
        ({"status_code": "closed"}, Invalid, "status"),
        ({"status_code": "waiting-weather"}, Conflict, "status"),
        ({"status_code": "in-progress", "note": "x" * 4001}, Invalid, "note"),
    ],
)
def test_a_wrong_move_is_refused(
    file_case: FileCase, worker: Actor, arguments: dict[str, Any], refusal: type, field: str
) -> None:
    case = file_case()
    with pytest.raises(refusal) as refused:
        lifecycle.move(case_id=case.pk, actor=worker, **arguments)
    assert refused.value.problems[0].field == field
    assert kinds(case) == ["received"]


def test_a_step_that_needs_a_reason_gets_one(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)
    with pytest.raises(Invalid):
        lifecycle.move(case_id=case.pk, status_code="waiting-weather", actor=worker)


@pytest.mark.parametrize(
    ("outcome", "text", "field"),
    [("", "Done", "outcome"), ("nope", "Done", "outcome"), ("done", " \x00 ", "text")],
)
def test_closing_needs_an_outcome_and_a_sentence(
    file_case: FileCase, worker: Actor, outcome: str, text: str, field: str
) -> None:
    case = file_case()
    with pytest.raises(Invalid) as refused:
        lifecycle.close(case_id=case.pk, outcome_code=outcome, text=text, actor=worker)
    assert refused.value.problems[0].field == field


def test_a_service_may_need_a_photo_of_the_finished_work(
    file_case: FileCase, actor: MakeActor
) -> None:
    case = file_case(service_code="TREE", answers={})
    parks = actor(Role.WORKER, "parks")
    with pytest.raises(Invalid) as refused:
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Cut", actor=parks)
    assert refused.value.problems[0].field == "photos"
    lifecycle.close(case_id=case.pk, outcome_code="not-found", text="No tree", actor=parks)


def test_a_closed_case_is_not_closed_twice(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    with pytest.raises(Conflict):
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    with pytest.raises(Conflict):
        lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)


# -- what each step leaves


def test_the_first_answer_meets_the_acknowledge_clock(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker, note="On it")
    clock = Clock.objects.get(case=case, kind="acknowledge")
    assert clock.state in {ClockState.MET, ClockState.MISSED}
    case.refresh_from_db()
    assert (case.state, case.status_note) == (State.OPEN, "On it")


def test_waiting_stops_the_clock_and_going_on_moves_the_due_date(
    file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    before = resolve_clock(case).due_at
    at = timezone.now()
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker, at=at)
    lifecycle.move(
        case_id=case.pk, status_code="waiting-weather", actor=worker, note="Frost", at=at
    )
    assert resolve_clock(case).state == ClockState.PAUSED
    later = at + timedelta(days=14)
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker, at=later)
    clock = resolve_clock(case)
    assert clock.state == ClockState.RUNNING
    assert before is not None
    assert clock.due_at is not None
    assert clock.due_at > before + timedelta(days=10)
    case.refresh_from_db()
    assert case.due_at == clock.due_at
    pause = ClockEvent.objects.get(clock=clock, kind="pause")
    assert pause.reason is not None
    assert pause.reason.code == "weather"


def test_reopening_counts_the_closed_time_as_a_pause(
    file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    case = file_case()
    closed_at = case.requested_at + timedelta(minutes=5)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker, at=closed_at)
    assert resolve_clock(case).state == ClockState.MET
    reopened_at = closed_at + timedelta(days=21)
    lifecycle.reopen(
        case_id=case.pk, reason="Still there", actor=actor(Role.MANAGER, "streets"), at=reopened_at
    )
    clock = resolve_clock(case)
    assert clock.state == ClockState.RUNNING
    assert clock.due_at is not None
    assert clock.due_at > reopened_at
    assert [(span.start, span.end) for span in pauses_of(clock)] == [(closed_at, reopened_at)]
    case.refresh_from_db()
    assert (case.state, case.outcome_id, case.closed_at) == ("open", None, None)
    assert case.reopen_count == 1


def test_due_exactly_at_the_due_time_is_on_time(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    due = resolve_clock(case).due_at
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker, at=due)
    assert resolve_clock(case).state == ClockState.MET


def test_a_microsecond_after_is_late(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    due = resolve_clock(case).due_at
    assert due is not None
    late = due + timedelta(microseconds=1)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker, at=late)
    clock = resolve_clock(case)
    assert (clock.state, clock.breached_at) == (ClockState.MISSED, due)


def test_a_breach_is_written_with_the_time_it_truly_was(file_case: FileCase) -> None:
    case = file_case(requested_at=timezone.now() - timedelta(days=40))
    due = resolve_clock(case).due_at
    assert mark_breaches(now=timezone.now()) == 2
    assert mark_breaches(now=timezone.now()) == 0
    assert resolve_clock(case).breached_at == due
    breaches = CaseEvent.objects.filter(case=case, kind=EventKind.CLOCK)
    assert due in {event.at for event in breaches}


def test_a_transfer_leaves_owner_and_clock_with_the_giver_until_accepted(
    file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    case = file_case()
    parks = Department.objects.get(code="parks")
    offer = transfers.offer_transfer(
        case_id=case.pk, department_id=parks.pk, reason="In the park", actor=worker
    )
    case.refresh_from_db()
    assert case.department.code == "streets"
    assert resolve_clock(case).department.code == "streets"
    with pytest.raises(Conflict):
        transfers.offer_transfer(
            case_id=case.pk, department_id=parks.pk, reason="Again", actor=worker
        )
    with pytest.raises(Forbidden):
        transfers.accept_transfer(transfer_id=offer.pk, actor=worker)
    receiver = actor(Role.WORKER, "parks")
    transfers.accept_transfer(transfer_id=offer.pk, actor=receiver)
    case.refresh_from_db()
    assert case.department.code == "parks"
    assert not Clock.objects.filter(case=case, state=ClockState.RUNNING).exists()
    with pytest.raises(Conflict):
        transfers.refuse_transfer(transfer_id=offer.pk, reason="No", actor=receiver)
    offer.refresh_from_db()
    assert offer.state == TransferState.ACCEPTED
    assert kinds(case) == ["received", "transfer_offered", "transfer_accepted"]


def test_a_duplicate_is_closed_through_and_can_be_undone(
    file_case: FileCase, worker: Actor
) -> None:
    first, second, third = file_case(), file_case(), file_case()
    links.mark_duplicate(case_id=second.pk, of_number=first.number, actor=worker)
    links.mark_duplicate(case_id=third.pk, of_number=second.number, actor=worker)
    assert CaseLink.objects.get(from_case=third).to_case_id == first.pk
    second.refresh_from_db()
    assert second.state == State.CLOSED
    assert first.number in second.status_note
    assert second.due_at is None
    assert resolve_clock_state(second) == ClockState.CANCELLED
    links.unmark_duplicate(case_id=second.pk, reason="Another hole", actor=worker)
    second.refresh_from_db()
    assert second.state == State.OPEN


def resolve_clock_state(case: Case) -> str:
    return Clock.objects.get(case=case, kind="resolve").state


def test_a_case_cannot_repeat_itself(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    with pytest.raises(Invalid):
        links.mark_duplicate(case_id=case.pk, of_number=case.number, actor=worker)


def test_a_new_service_makes_new_clocks_from_the_original_start(
    file_case: FileCase, agent: Actor
) -> None:
    case = file_case()
    recategorize(case_id=case.pk, service_code="TREE", reason="It is a root", actor=agent)
    case.refresh_from_db()
    assert (case.service.code, case.department.code) == ("TREE", "parks")
    states = set(Clock.objects.filter(case=case).values_list("state", flat=True))
    assert states == {ClockState.SUPERSEDED}
    recategorize(case_id=case.pk, service_code="POTHOLE", reason="It is a hole", actor=agent)
    assert resolve_clock(case).started_at == case.requested_at


def test_recategorizing_never_makes_a_case_more_public(file_case: FileCase, agent: Actor) -> None:
    case = file_case(service_code="POLICE", answers={}, point=None)
    recategorize(case_id=case.pk, service_code="TREE", reason="A tree", actor=agent)
    case.refresh_from_db()
    assert case.visibility == Visibility.PRIVATE


def test_many_cases_move_with_a_reason_each_judged_by_itself(
    file_case: FileCase, worker: Actor
) -> None:
    cases = [file_case() for _ in range(3)]
    lifecycle.close(case_id=cases[0].pk, outcome_code="done", text="Filled", actor=worker)
    ids = [case.pk for case in cases]
    with pytest.raises(Invalid):
        bulk_move(case_ids=ids, status_code="in-progress", reason="", actor=worker)
    result = bulk_move(case_ids=ids, status_code="in-progress", reason="Crew out", actor=worker)
    assert (len(result.done), list(result.refused)) == (2, [cases[0].pk])
    result = bulk_close(case_ids=ids[1:], outcome_code="done", reason="All filled", actor=worker)
    assert len(result.done) == 2


def test_staff_cannot_close_their_own_report(
    file_case: FileCase, actor: MakeActor, worker: Actor
) -> None:
    case = file_case()
    from lamppost.people.models import Contact

    case.contact = Contact.objects.create(user_id=worker.user_id, created_at=timezone.now())
    case.save()
    with pytest.raises(Forbidden):
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)


def test_a_waiver_needs_right_and_reason(
    file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    clock = resolve_clock(file_case())
    with pytest.raises(Forbidden):
        waive(clock, at=timezone.now(), actor=worker, reason="Storm")
    director = actor(Role.DIRECTOR)
    with pytest.raises(Invalid):
        waive(clock, at=timezone.now(), actor=director, reason=" ")
    waive(clock, at=timezone.now(), actor=director, reason="Storm")
    clock.refresh_from_db()
    assert clock.state == ClockState.WAIVED


def test_an_internal_note_is_not_public(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    add_note(case_id=case.pk, text="Ask the crew", actor=worker, audience=EventAudience.STAFF)
    event = CaseEvent.objects.get(case=case, kind=EventKind.NOTE)
    assert event.audience == EventAudience.STAFF
    case.refresh_from_db()
    assert case.status_note == ""


# -- the chain


def _tamper(sql: str, parameters: list[Any]) -> None:
    """Change a row as somebody with the owner's rights would, past the guards."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_events_cannot_be_changed_or_removed_by_the_application(
    file_case: FileCase,
) -> None:
    case = file_case()
    for statement in (
        "UPDATE cases_caseevent SET kind = 'note' WHERE case_id = %s",
        "DELETE FROM cases_caseevent WHERE case_id = %s",
        "UPDATE cases_casechain SET seq = 0 WHERE case_id = %s",
        "DELETE FROM cases_casechain WHERE case_id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            _tamper(statement, [case.pk])


def test_words_can_be_redacted_and_not_reworded(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    add_note(case_id=case.pk, text="Call Ana", actor=worker, audience=EventAudience.STAFF)
    with pytest.raises(DatabaseError), transaction.atomic():
        EventText.objects.update(text="Call Bob")
    EventText.objects.update(text="[removed]", redacted_at=timezone.now())
    assert list(verify()) == []


def test_a_status_changed_behind_the_services_is_found(file_case: FileCase, worker: Actor) -> None:
    honest, altered = file_case(), file_case()
    lifecycle.close(case_id=honest.pk, outcome_code="done", text="Filled", actor=worker)
    Case.objects.filter(pk=altered.pk).update(state=State.OPEN)
    assert [finding.number for finding in verify()] == [altered.number]


def test_the_chain_holds_event_by_event(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=worker)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled", actor=worker)
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for before, after in itertools.pairwise(events):
        assert after.prev_hash == before.hash


def test_visibility_changes_with_a_reason(file_case: FileCase, actor: MakeActor) -> None:
    case = file_case()
    manager = actor(Role.MANAGER, "streets")
    with pytest.raises(Invalid):
        set_visibility(case_id=case.pk, visibility=Visibility.PRIVATE, reason="", actor=manager)
    set_visibility(
        case_id=case.pk, visibility=Visibility.PRIVATE, reason="Names a child", actor=manager
    )
    case.refresh_from_db()
    assert case.visibility == Visibility.PRIVATE
