"""Steps that follow each other in a day's work and must not stumble over what came before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.cases.models import Case, CaseEvent, Clock, Transfer
from lamppost.cases.services.assignment import assign
from lamppost.cases.services.corrections import recategorize
from lamppost.cases.services.lifecycle import move
from lamppost.cases.services.links import mark_duplicate, unmark_duplicate
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.kernel.refusals import Conflict
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _parks() -> int:
    return int(Department.objects.get(code="parks").pk)


def test_a_case_already_answered_can_still_be_transferred(
    file_case: FileCase, worker: Actor, actor: Callable[..., Actor]
) -> None:
    """The first answer has its verdict; taking the case over must not promise it again."""
    case = file_case()
    move(case_id=case.pk, status_code="in-progress", actor=worker)
    offer = offer_transfer(case_id=case.pk, department_id=_parks(), reason="Tree", actor=worker)
    accept_transfer(transfer_id=offer.pk, actor=actor(Role.WORKER, "parks"))
    assert Clock.objects.get(case=case, kind="acknowledge").state == "met"


def test_an_offer_ends_when_the_case_is_sent_elsewhere(
    file_case: FileCase, worker: Actor, actor: Callable[..., Actor]
) -> None:
    case = file_case()
    offer = offer_transfer(case_id=case.pk, department_id=_parks(), reason="Tree", actor=worker)
    recategorize(case_id=case.pk, service_code="POLICE", reason="Complaint", actor=worker)
    assert Transfer.objects.get(pk=offer.pk).state == "withdrawn"
    with pytest.raises(Conflict):
        accept_transfer(transfer_id=offer.pk, actor=actor(Role.WORKER, "parks"))


def test_a_case_that_repeats_nothing_after_all_has_its_clock_again(
    file_case: FileCase, worker: Actor
) -> None:
    first, second = file_case(), file_case()
    due = second.due_at
    mark_duplicate(case_id=second.pk, of_number=first.number, actor=worker)
    unmark_duplicate(case_id=second.pk, reason="Another corner", actor=worker)
    second.refresh_from_db()
    assert second.due_at is not None
    assert due is not None
    assert second.due_at >= due
    assert not second.is_paused
    first.refresh_from_db()
    assert first.follower_count == 0


def test_repeats_of_a_repeat_count_for_the_first_case(file_case: FileCase, worker: Actor) -> None:
    first, second, third = file_case(), file_case(), file_case()
    mark_duplicate(case_id=third.pk, of_number=second.number, actor=worker)
    mark_duplicate(case_id=second.pk, of_number=first.number, actor=worker)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.follower_count, second.follower_count) == (2, 0)


def test_giving_a_case_to_who_has_it_writes_nothing(file_case: FileCase, worker: Actor) -> None:
    case = file_case()
    assign(case_id=case.pk, user_id=worker.user_id, actor=worker)
    events = CaseEvent.objects.count()
    assign(case_id=case.pk, user_id=worker.user_id, actor=worker)
    assert CaseEvent.objects.count() == events
