"""Priorities, areas and what is promised for them; clocks through every change of a case."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from lamppost.cases.choices import ClockEventKind, ClockState, EventKind
from lamppost.cases.models import Case, CaseArea, CaseEvent, Clock, ClockEvent, EventText
from lamppost.cases.selectors import clock_history
from lamppost.cases.services import clocks, corrections, lifecycle, transfers
from lamppost.cases.services.priority import set_priority
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department
from lamppost.places.models import Area, AreaKind
from lamppost.sla.choices import Priority, TargetKind
from lamppost.sla.explain import describe
from lamppost.sla.models import Agreement, AgreementVersion, BusinessCalendar
from lamppost.sla.promises import promises
from lamppost.sla.services.publishing import TargetFacts, stamp_catalogue, write_version

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
HISTORY = (ClockState.SUPERSEDED, ClockState.CANCELLED)


def publish(day: date, *targets: TargetFacts, service: str = "POTHOLE", by: str = "streets") -> int:
    agreement, _made = Agreement.objects.get_or_create(
        service=Service.objects.get(code=service), department=Department.objects.get(code=by)
    )
    version = write_version(
        agreement_id=agreement.pk, effective_from=day, effective_to=None, targets=targets,
        calendar_id=BusinessCalendar.objects.get().pk, approved_by="Council", evidence="",
    )  # fmt: skip
    stamp_catalogue()
    return version.pk


@pytest.fixture
def center_city(city: City) -> Area:
    """An area cases can lie in."""
    kind = AreaKind.objects.create(code="district", name={"en": "District"}, order=1)
    return Area.objects.create(kind=kind, code="1", name={"en": "Center City"})


def live(case: Case) -> list[Clock]:
    return list(Clock.objects.filter(case=case).exclude(state__in=HISTORY).order_by("kind"))


def the(case: Case, kind: str = "resolve") -> Clock:
    return Clock.objects.exclude(state__in=HISTORY).get(case=case, kind=kind)


# -- refusals


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.WORKER, "streets"), (Role.AGENT, "center"), (Role.MANAGER, "parks"),
     (Role.DIRECTOR, None), (Role.RESIDENT, None), (Role.COUNCIL, None)],
)  # fmt: skip
def test_who_may_not_change_a_priority(
    role: Role, department: str | None, file_case: FileCase, actor: MakeActor
) -> None:
    case = file_case()
    with pytest.raises(Forbidden):
        set_priority(
            case_id=case.pk, priority="urgent", reason="Deep", actor=actor(role, department)
        )
    case.refresh_from_db()
    assert case.priority == Priority.NORMAL
    assert not CaseEvent.objects.filter(kind=EventKind.PRIORITY).exists()


def test_other_refusals(file_case: FileCase, actor: MakeActor, other_city: City) -> None:
    case, manager = file_case(), actor(Role.MANAGER, "streets")

    def ask(priority: str = "urgent", reason: str = "Deep", by: Actor = manager) -> None:
        set_priority(case_id=case.pk, priority=priority, reason=reason, actor=by)

    with pytest.raises(Unauthenticated):
        ask(by=ANONYMOUS)
    for priority, reason in (("", "x"), ("soon", "x"), ("normal", "x"), ("urgent", " ")):
        with pytest.raises(Invalid):
            ask(priority, reason)
    with city_scope(other_city.pk), pytest.raises(NotFound):
        ask(by=SYSTEM)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Done", actor=SYSTEM)
    with pytest.raises(Conflict):
        ask()


# -- what is promised


def test_a_hazard_starts_urgent(file_case: FileCase) -> None:
    assert file_case(answers={"WHERE": ("cave-in",)}).priority == Priority.URGENT
    assert file_case().priority == Priority.NORMAL


# (in the area?, priority) -> amount in business hours, by the table of targets below
PROMISED = [
    (False, "normal", 40, "the general promise"),
    (False, "high", 30, "a priority is narrower than none"),
    (False, "urgent", 40, "no promise for urgent: the general one"),
    (True, "normal", 20, "an area is narrower than none"),
    (True, "high", 20, "a place says more than a priority"),
    (True, "urgent", 10, "both fit: the narrowest"),
]


@pytest.mark.parametrize(("inside", "priority", "hours", "why"), PROMISED)
def test_targets_by_area_and_priority(
    inside: bool, priority: str, hours: int, why: str, center_city: Area
) -> None:
    day = timezone.localdate()
    publish(
        day,
        TargetFacts("resolve", 40, "business_hours"),
        TargetFacts("resolve", 30, "business_hours", priority="high"),
        TargetFacts("resolve", 20, "business_hours", area_id=center_city.pk),
        TargetFacts("resolve", 10, "business_hours", area_id=center_city.pk, priority="urgent"),
    )
    found = promises().for_case(
        service_id=Service.objects.get(code="POTHOLE").pk,
        department_id=Department.objects.get(code="streets").pk,
        on=day,
        areas={center_city.pk} if inside else set(),
        priority=priority,
    )
    assert [one.target.length for one in found] == [timedelta(hours=hours)], why


def test_an_urgent_case_is_due_earlier_and_keeps_its_old_clock(
    file_case: FileCase, actor: MakeActor
) -> None:
    publish(
        timezone.localdate() - timedelta(days=1),
        TargetFacts("resolve", 3, "business_days"),
        TargetFacts("acknowledge", 4, "business_hours"),
        TargetFacts("resolve", 24, "hours", priority="urgent"),
    )
    case = file_case()
    before = the(case)
    case = set_priority(case_id=case.pk, priority="urgent", reason="A wheel broke", actor=SYSTEM)
    after = the(case)
    assert after.due_at == case.requested_at + timedelta(hours=24) == case.due_at
    assert after.started_at == case.requested_at
    before.refresh_from_db()
    assert before.state == ClockState.SUPERSEDED
    event = CaseEvent.objects.get(case=case, kind=EventKind.PRIORITY)
    assert event.data == {"from": "normal", "to": "urgent"}
    assert EventText.objects.get(event=event).text == "A wheel broke"


def test_a_change_in_mid_year(file_case: FileCase) -> None:
    """3 business days until 31 Jan, 46 from 1 Feb on; each case by its own version."""
    publish(date(2026, 2, 1), TargetFacts("resolve", 46, "business_days"))
    zone = BusinessCalendar.objects.get().city.zone

    def filed(text: str) -> Case:
        return file_case(requested_at=datetime.fromisoformat(text).replace(tzinfo=zone))

    # 31 Jan 2026 is a Saturday; at 23:30 there it is 1 Feb in Greenwich already.
    before, after = filed("2026-01-31 23:30"), filed("2026-02-01 00:10")

    def due(case: Case) -> date:
        moment = the(case).due_at
        assert moment is not None
        return moment.astimezone(zone).date()

    assert due(before) == date(2026, 2, 4)
    assert due(after) == date(2026, 4, 6)
    # Whatever happens to the old case now, it is judged by what held when it was requested.
    set_priority(case_id=before.pk, priority="high", reason="x", actor=SYSTEM)
    assert due(before) == date(2026, 2, 4)
    explained = clock_history.due_of(the(after))
    assert explained is not None
    assert describe(explained.explanation) == (
        "46 business days from Sun Feb 1; skipped 9 weekends; due Mon Apr 6"
    )


# -- pauses through changes


def _wait(case: Case, days: int, at: Any) -> None:
    step = lifecycle.move
    step(case_id=case.pk, status_code="waiting-weather", actor=SYSTEM, note="Frost", at=at)
    step(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=at + timedelta(days=days))


def test_pauses_and_closed_time_go_along(file_case: FileCase) -> None:
    case = file_case(requested_at=timezone.now() - timedelta(days=60))
    at = case.requested_at + timedelta(minutes=1)
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=at)
    _wait(case, 10, at + timedelta(minutes=1))
    closed, reopened = at + timedelta(days=11), at + timedelta(days=31)
    lifecycle.close(case_id=case.pk, outcome_code="done", text="x", actor=SYSTEM, at=closed)
    lifecycle.reopen(case_id=case.pk, reason="x", actor=SYSTEM, at=reopened)
    before = the(case)
    spans = clock_history.pauses_of(before)
    assert len(spans) == 2
    set_priority(case_id=case.pk, priority="high", reason="x", actor=SYSTEM)
    after = the(case)
    assert after.pk != before.pk
    assert clock_history.pauses_of(after) == spans
    assert after.due_at == before.due_at
    reasons = ClockEvent.objects.filter(clock=after, kind=ClockEventKind.PAUSE)
    assert [event.reason.code if event.reason else None for event in reasons] == ["weather", None]


def test_a_retargeted_clock_explains_itself(file_case: FileCase) -> None:
    case = file_case()
    at = case.requested_at
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=at)
    _wait(case, 14, at + timedelta(minutes=1))
    due = clock_history.due_of(the(case))
    assert due is not None
    words = describe(due.explanation)
    assert "paused once" in words
    assert "10 paused days" in words
    assert due.at == the(case).due_at


def test_pauses_survive_a_service_without_a_promise(file_case: FileCase) -> None:
    case = file_case(requested_at=timezone.now() - timedelta(days=30))
    at = case.requested_at
    lifecycle.move(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=at)
    _wait(case, 10, at + timedelta(minutes=1))
    due, spans = the(case).due_at, clock_history.pauses_of(the(case))
    for code in ("TREE", "POTHOLE"):
        corrections.recategorize(case_id=case.pk, service_code=code, reason="Wrong", actor=SYSTEM)
        if code == "TREE":
            assert live(case) == [the(case, "acknowledge")]
    assert clock_history.pauses_of(the(case)) == spans
    assert the(case).due_at == due


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_leaves_one_clock_per_kind_and_all_history(
    seed: int, file_case: FileCase, center_city: Area
) -> None:
    """Whatever happens in whatever order: at most one clock per kind, none ever lost."""
    day = timezone.localdate() - timedelta(days=400)
    publish(
        day, TargetFacts("resolve", 9, "business_days"), TargetFacts("inspect", 2, "hours"),
        TargetFacts("resolve", 1, "business_days", priority="urgent"),
        service="TREE", by="parks",
    )  # fmt: skip
    chance = random.Random(seed)
    case = file_case(requested_at=timezone.now() - timedelta(days=chance.randrange(30)))
    CaseArea.objects.create(case=case, area=center_city)
    seen: set[int] = set()
    for _ in range(12):
        step = chance.choice([_prioritize, _recategorize, _hand_over, _pause_or_go_on])
        with transaction.atomic():
            step(case, chance)
        case.refresh_from_db()
        kinds = [clock.kind for clock in live(case)]
        assert len(kinds) == len(set(kinds))
        ids = set(Clock.objects.filter(case=case).values_list("pk", flat=True))
        assert seen <= ids
        seen = ids
        for clock in live(case):
            if clock.state in clocks.LIVE:
                assert clock.started_at == case.requested_at
                assert (clock.state == ClockState.PAUSED) == case.is_paused
                due = clock_history.due_of(clock)
                assert due is not None
                if due.at is not None:
                    assert due.at == clock.due_at
        resolve = [clock for clock in live(case) if clock.kind == TargetKind.RESOLVE]
        assert case.due_at == (resolve[0].due_at if resolve else None)
    for clock in Clock.objects.filter(case=case, state=ClockState.SUPERSEDED):
        assert ClockEvent.objects.filter(clock=clock, kind=ClockEventKind.CANCEL).exists()


def _prioritize(case: Case, chance: random.Random) -> None:
    others = [one for one in Priority.values if one != case.priority]
    set_priority(case_id=case.pk, priority=chance.choice(others), reason="x", actor=SYSTEM)


def _recategorize(case: Case, chance: random.Random) -> None:
    code = "TREE" if case.service.code == "POTHOLE" else "POTHOLE"
    corrections.recategorize(case_id=case.pk, service_code=code, reason="x", actor=SYSTEM)


def _hand_over(case: Case, chance: random.Random) -> None:
    taker = Department.objects.exclude(pk=case.department_id).order_by("?").first()
    assert taker is not None
    offer = transfers.offer_transfer(
        case_id=case.pk, department_id=taker.pk, reason="x", actor=SYSTEM
    )
    transfers.accept_transfer(transfer_id=offer.pk, actor=SYSTEM)


def _pause_or_go_on(case: Case, chance: random.Random) -> None:
    code = {"received": "in-progress", "in-progress": "waiting-weather"}.get(
        case.status.code, "in-progress"
    )
    lifecycle.move(case_id=case.pk, status_code=code, actor=SYSTEM, note="x")


def test_versions_are_named(city: City) -> None:
    """The agreement of the fixture and the one published here are one agreement."""
    publish(date(2026, 2, 1), TargetFacts("resolve", 46, "business_days"))
    assert Agreement.objects.count() == 1
    assert AgreementVersion.objects.count() == 2
