"""Whoever has to know is told once, in working time, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent, Clock, ClockEvent
from lamppost.cases.services import assignment, lifecycle
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.clocks import waive
from lamppost.cases.services.escalation import escalate
from lamppost.cases.services.priority import set_priority
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Membership, StaffNotice, User
from lamppost.sla.choices import Audience, StepMoment
from lamppost.sla.models import Agreement, EscalationAudience, EscalationStep
from lamppost.sla.services.publishing import stamp_catalogue

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakePerson = Callable[..., User]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def rung(
    code: str, moment: StepMoment, amount: int, unit: str, *whom: Audience, **more: object
) -> EscalationStep:
    facts = {"kind": "resolve", "since": LONG_AGO, "wording": {}} | more
    step = EscalationStep.objects.create(
        code=code, moment=moment, amount=amount, unit=unit, **facts
    )
    for one in whom:
        EscalationAudience.objects.create(step=step, whom=one)
    stamp_catalogue()
    return step


@pytest.fixture
def ladder(city: City) -> None:
    """Four hours before: who has it; when late: managers; two days later: supervisor, director."""
    rung("soon", StepMoment.BEFORE, 4, "business_hours", Audience.ASSIGNEE)
    rung("late", StepMoment.AFTER, 0, "business_hours", Audience.MANAGERS)
    rung(
        "very-late", StepMoment.AFTER, 2, "business_days", Audience.SUPERVISORS, Audience.DIRECTOR,
        wording={"en": "very late", "es": "muy tarde"},
    )  # fmt: skip


@pytest.fixture
def monday(city: City) -> datetime:
    """A Monday at ten in the morning in the city, far from any change of clocks."""
    return datetime(2026, 6, 8, 10, tzinfo=city.zone)


def clock_of(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="resolve", state__in=["running", "paused"])


def pass_at(now: datetime) -> None:
    """What the task does every minute."""
    mark_breaches(now=now)
    escalate(now=now)


def told(case: Case) -> list[str]:
    events = CaseEvent.objects.filter(case=case, kind=EventKind.ESCALATED).order_by("seq")
    return [event.data["step"] for event in events]


def test_nobody_is_told_without_a_ladder(file_case: FileCase, monday: datetime) -> None:
    case = file_case(requested_at=monday)
    pass_at(monday + timedelta(days=30))
    assert told(case) == []
    assert not StaffNotice.objects.filter(kind=NoticeKind.ESCALATION).exists()


def test_the_ladder(
    ladder: None, file_case: FileCase, monday: datetime, person: MakePerson
) -> None:
    worker, manager = person(Role.WORKER, "streets"), person(Role.MANAGER, "streets")
    person(Role.MANAGER, "parks")
    supervisor, director = person(Role.SUPERVISOR, "center"), person(Role.DIRECTOR)
    User.objects.filter(pk=director.pk).update(language="es")
    # Three business days from Monday: Thursday at five.
    case = file_case(requested_at=monday)
    assignment.assign(case_id=case.pk, user_id=worker.pk, actor=SYSTEM)
    due = clock_of(case).due_at
    assert due == monday.replace(day=11, hour=17)
    noon = monday.replace(day=11, hour=13)

    pass_at(noon)
    assert told(case) == []
    pass_at(noon + timedelta(seconds=1))
    assert told(case) == ["soon"]
    pass_at(due)
    assert told(case) == ["soon"]
    pass_at(due + timedelta(minutes=1))
    assert told(case) == ["soon", "late"]
    pass_at(monday.replace(day=15, hour=16))
    assert told(case) == ["soon", "late"]
    pass_at(monday.replace(day=15, hour=17, minute=1))
    assert told(case) == ["soon", "late", "very-late"]

    notices = StaffNotice.objects.filter(kind=NoticeKind.ESCALATION)
    assert {(notice.user_id, notice.subject) for notice in notices} == {
        (worker.pk, f"{case.number} is due soon (Resolve)"),
        (manager.pk, f"{case.number} is late (Resolve)"),
        (supervisor.pk, f"{case.number}: very late"),
        (director.pk, f"{case.number}: muy tarde"),
    }
    assert clock_of(case).breached_at == due
    assert clock_of(case).next_check_at is None
    event = CaseEvent.objects.filter(case=case, kind=EventKind.ESCALATED).earliest("seq")
    assert event.audience == EventAudience.STAFF
    assert event.data["planned"] == noon.astimezone(UTC).isoformat()
    assert event.data["told"] == [worker.pk]


def test_a_case_nobody_has_is_its_managers(
    ladder: None, file_case: FileCase, monday: datetime, person: MakePerson
) -> None:
    manager = person(Role.MANAGER, "streets")
    file_case(requested_at=monday)
    pass_at(monday.replace(day=11, hour=14))
    assert StaffNotice.objects.get().user_id == manager.pk


def test_what_somebody_had_who_left_is_its_managers(
    ladder: None, file_case: FileCase, monday: datetime, person: MakePerson
) -> None:
    worker, manager = person(Role.WORKER, "streets"), person(Role.MANAGER, "streets")
    case = file_case(requested_at=monday)
    assignment.assign(case_id=case.pk, user_id=worker.pk, actor=SYSTEM)
    Membership.objects.filter(user=worker).update(is_active=False)
    StaffNotice.objects.all().delete()
    pass_at(monday.replace(day=11, hour=14))
    assert told(case) == ["soon"]
    assert [row.user_id for row in StaffNotice.objects.all()] == [manager.pk]


def test_again_and_again_tells_once(
    ladder: None, file_case: FileCase, monday: datetime, person: MakePerson
) -> None:
    person(Role.MANAGER, "streets")
    case = file_case(requested_at=monday)
    for _ in range(3):
        pass_at(monday.replace(day=11, hour=14))
        # As if the worker had been killed before it wrote when to look again.
        Clock.objects.filter(case=case).update(next_check_at=monday)
    assert told(case) == ["soon"]
    assert StaffNotice.objects.count() == 1


def test_found_at_night_it_waits_for_the_morning(
    ladder: None, file_case: FileCase, monday: datetime, person: MakePerson
) -> None:
    """The breach has its true time; people are told when they work."""
    person(Role.MANAGER, "streets")
    case = file_case(requested_at=monday)
    night = monday.replace(day=12, hour=3)
    pass_at(night)
    assert told(case) == []
    clock = clock_of(case)
    assert clock.breached_at == monday.replace(day=11, hour=17)
    assert clock.next_check_at == monday.replace(day=12, hour=8)
    pass_at(monday.replace(day=12, hour=8, minute=1))
    assert told(case) == ["soon", "late"]


def test_a_pause_silences_and_a_new_date_counts(
    ladder: None, file_case: FileCase, monday: datetime
) -> None:
    case = file_case(requested_at=monday)
    step = lifecycle.move
    step(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=monday)
    step(
        case_id=case.pk, status_code="waiting-weather", actor=SYSTEM, note="Rain",
        at=monday + timedelta(minutes=1),
    )  # fmt: skip
    pass_at(monday.replace(day=20))
    assert told(case) == []
    step(case_id=case.pk, status_code="in-progress", actor=SYSTEM, at=monday.replace(day=22))
    assert clock_of(case).due_at == monday.replace(day=24, hour=17)
    pass_at(monday.replace(day=24, hour=12))
    assert told(case) == []
    pass_at(monday.replace(day=24, hour=14))
    assert told(case) == ["soon"]


@pytest.mark.parametrize("end", ["closed", "waived"])
def test_what_has_ended_is_told_no_more(
    end: str, ladder: None, file_case: FileCase, monday: datetime, actor: Callable[..., Actor]
) -> None:
    case = file_case(requested_at=monday)
    if end == "closed":
        lifecycle.close(
            case_id=case.pk, outcome_code="done", text="x", actor=SYSTEM,
            at=monday + timedelta(hours=1),
        )  # fmt: skip
    else:
        waive(clock_of(case), at=monday, actor=actor(Role.DIRECTOR), reason="A flood")
    pass_at(monday + timedelta(days=40))
    assert told(case) == []


def test_an_agreement_with_its_own_ladder_does_not_use_the_citys(
    ladder: None, file_case: FileCase, monday: datetime
) -> None:
    rung(
        "own", StepMoment.BEFORE, 1, "business_days", Audience.MANAGERS,
        agreement=Agreement.objects.get(),
    )  # fmt: skip
    case = file_case(requested_at=monday)
    pass_at(monday.replace(day=11, hour=16))
    assert told(case) == ["own"]


def test_the_same_date_after_a_change_is_no_news(
    ladder: None, file_case: FileCase, monday: datetime
) -> None:
    case = file_case(requested_at=monday)
    pass_at(monday.replace(day=11, hour=14))
    assert told(case) == ["soon"]
    set_priority(case_id=case.pk, priority="high", reason="x", actor=SYSTEM)
    pass_at(monday.replace(day=11, hour=15))
    assert told(case) == ["soon"]


def test_a_new_ladder_does_not_cry_over_old_cases(file_case: FileCase, monday: datetime) -> None:
    case = file_case(requested_at=monday)
    rung("late", StepMoment.AFTER, 0, "business_hours", Audience.MANAGERS, since=timezone.now())
    pass_at(timezone.now())
    assert told(case) == []
    assert clock_of(case).breached_at is not None


def test_other_cities_are_left_alone(
    ladder: None, file_case: FileCase, monday: datetime, other_city: City
) -> None:
    case = file_case(requested_at=monday)
    with city_scope(other_city.pk):
        assert escalate(now=monday + timedelta(days=40)) == 0
    assert ClockEvent.objects.filter(clock__case=case, kind="escalate").count() == 0
