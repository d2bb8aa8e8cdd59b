"""Transfers beside offering and accepting: taken back, counted, slow ones found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lamppost.cases.choices import EventAudience, EventKind, TransferState
from lamppost.cases.models import Case, CaseEvent, Transfer
from lamppost.cases.selectors.transfers import Wandering, is_slow, wanderings
from lamppost.cases.services.transfers import (
    accept_transfer,
    offer_transfer,
    refuse_transfer,
    take_back_offer,
)
from lamppost.kernel.refusals import Conflict, Forbidden, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Department, StaffNotice

pytestmark = pytest.mark.django_db


def _offer(case: Case, to: str, actor: Actor) -> Transfer:
    department = Department.objects.get(code=to)
    return offer_transfer(case_id=case.pk, department_id=department.pk, reason="x", actor=actor)


@pytest.fixture
def parks(actor: Callable[..., Actor]) -> Actor:
    """A worker of the parks department."""
    return actor(Role.WORKER, "parks")


def test_only_the_giver_takes_an_offer_back_and_only_while_it_is_open(
    file_case: Callable[..., Case], worker: Actor, parks: Actor
) -> None:
    case = file_case()
    offer = _offer(case, "parks", worker)
    with pytest.raises(Forbidden):
        take_back_offer(transfer_id=offer.pk, actor=parks)
    with pytest.raises(NotFound):
        take_back_offer(transfer_id=10**9, actor=worker)
    take_back_offer(transfer_id=offer.pk, actor=worker)
    offer.refresh_from_db()
    assert (offer.state, offer.decided_by_id) == (TransferState.WITHDRAWN, worker.user_id)
    event = CaseEvent.objects.filter(case=case).latest("seq")
    assert (event.kind, event.audience) == (EventKind.TRANSFER_WITHDRAWN, EventAudience.STAFF)
    for step in (
        lambda: take_back_offer(transfer_id=offer.pk, actor=worker),
        lambda: accept_transfer(transfer_id=offer.pk, actor=parks),
    ):
        with pytest.raises(Conflict):
            step()
    assert _offer(case, "parks", worker).pk != offer.pk


def test_every_hand_over_is_counted_and_the_third_is_told(
    file_case: Callable[..., Case], worker: Actor, parks: Actor, actor: Callable[..., Actor]
) -> None:
    supervisor = actor(Role.SUPERVISOR, "center")
    streets_id, parks_id = worker.department_id, parks.department_id
    case = file_case()
    assert wanderings([case.pk]) == {}
    refuse_transfer(
        transfer_id=_offer(case, "parks", worker).pk, reason="No tree there", actor=parks
    )
    assert wanderings([case.pk]) == {}, "what was refused went nowhere"
    accept_transfer(transfer_id=_offer(case, "parks", worker).pk, actor=parks)
    accept_transfer(transfer_id=_offer(case, "streets", parks).pk, actor=worker)
    assert wanderings([case.pk]) == {
        case.pk: Wandering(2, frozenset({streets_id, parks_id}))  # type: ignore[arg-type]
    }
    told = StaffNotice.objects.filter(user_id=supervisor.user_id, kind=NoticeKind.TRANSFER)
    assert not told.exists()
    accept_transfer(transfer_id=_offer(case, "parks", worker).pk, actor=parks)
    assert told.get().subject == f"Case {case.number} was handed on 3 times"
    accept_transfer(transfer_id=_offer(case, "streets", parks).pk, actor=worker)
    assert told.count() == 2


def test_who_offered_hears_of_the_answer(
    file_case: Callable[..., Case], worker: Actor, parks: Actor
) -> None:
    case = file_case()
    refuse_transfer(transfer_id=_offer(case, "parks", worker).pk, reason="No", actor=parks)
    accept_transfer(transfer_id=_offer(case, "parks", worker).pk, actor=parks)
    subjects = StaffNotice.objects.filter(user_id=worker.user_id).order_by("id")
    assert [one.subject for one in subjects] == [
        f"Parks sent case {case.number} back to you",
        f"Parks took over case {case.number}",
    ]


@pytest.mark.parametrize(
    ("offered", "now", "slow", "why"),
    [
        ("2026-03-10T13:00", "2026-03-10T20:59", False, "9:00 to 16:59, a minute short of 8 hours"),
        ("2026-03-10T13:00", "2026-03-10T21:00", True, "9:00 to 17:00 on the same day: 8 hours"),
        ("2026-03-13T20:00", "2026-03-16T18:59", False, "Fri 16:00, one hour; Mon 8:00 to 14:59"),
        ("2026-03-13T20:00", "2026-03-16T19:00", True, "Fri 16:00, one hour; Mon 8:00 to 15:00"),
        ("2026-03-14T12:00", "2026-03-16T11:59", False, "a week-end has no business hours"),
    ],
)
def test_slow_by_business_hours(
    offered: str, now: str, slow: bool, why: str, file_case: Callable[..., Case], worker: Actor
) -> None:
    offer = _offer(file_case(), "parks", worker)
    offer.offered_at = datetime.fromisoformat(offered).replace(tzinfo=UTC)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert is_slow(offer, now=moment) is slow, why
