"""Records: who may, what is refused, sent twice, late, older; the clock; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamppost.cases.choices import ClockState, EventKind
from lamppost.cases.models import Attachment, Case, CaseEvent, Clock
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.lifecycle import close
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.fieldwork.choices import InspectionState, Standing
from lamppost.fieldwork.models import Inspection, InspectionPhoto, InspectionRecord
from lamppost.fieldwork.selectors.rounds import today
from lamppost.fieldwork.services.planning import plan_inspections
from lamppost.fieldwork.services.recording import Recorded, Seen, record_inspection
from lamppost.fieldwork.tests.conftest import PlanOne, jpeg
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Denial, Department, StaffNotice

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


def send(inspection: Inspection, actor: Actor, **changes: Any) -> Recorded:
    """Record an inspection as a phone would; keywords change what is sent."""
    key, photos = changes.pop("key", KEY), changes.pop("photos", ())
    seen = Seen(**({"condition": "found"} | changes))
    return record_inspection(
        inspection_id=inspection.pk, key=key, seen=seen, actor=actor, photos=photos
    )


def test_somebody_else_s_inspection_is_refused_and_that_is_kept(
    actor: MakeActor, plan_one: PlanOne, file_case: FileCase
) -> None:
    inspection = plan_one(file_case())
    for other in (actor(Role.WORKER, "streets", "2"), actor(Role.MANAGER, "streets"),
                  actor(Role.SUPERVISOR), actor(Role.ADMIN), actor(Role.RESIDENT)):  # fmt: skip
        with pytest.raises(Forbidden):
            send(inspection, other)
    assert Denial.objects.filter(permission="inspection.record").count() == 4
    assert not InspectionRecord.objects.exists()


def test_another_city_knows_nothing_of_it(
    plan_one: PlanOne, file_case: FileCase, worker: Actor, other_city: City
) -> None:
    inspection = plan_one(file_case())
    with city_scope(other_city.pk), pytest.raises(NotFound):
        send(inspection, worker)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("condition", {"condition": "perfect"}),
        ("key", {"key": ""}),
        ("key", {"key": "x" * 65}),
        ("key", {"key": "../../etc/passwd"}),
        ("size", {"size": "x" * 101}),
        ("note", {"note": "x" * 4001}),
        ("status", {"status_code": "no-such"}),
        ("status", {"status_code": "closed"}),
        ("lat", {"place": (0.0, 91.0)}),
        ("accuracy", {"place": (1.0, 1.0), "accuracy_m": float("nan")}),
        ("photos", {"photos": [b"GIF89a, or so it says"]}),
        ("photos", {"photos": [jpeg(shade) for shade in range(6)]}),
    ],
)
def test_what_is_refused_names_its_field_and_writes_nothing(
    field: str, changes: dict[str, Any], plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    inspection = plan_one(file_case())
    events = CaseEvent.objects.count()
    with pytest.raises(Invalid) as refused:
        send(inspection, worker, **changes)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not InspectionRecord.objects.exists()
    assert CaseEvent.objects.count() == events


def test_the_same_twice_is_one_and_a_key_is_for_one_record(
    plan_one: PlanOne, file_case: FileCase, worker: Actor, actor: MakeActor
) -> None:
    inspection, other = plan_one(file_case()), plan_one(file_case())
    first = send(inspection, worker, note="Deep", photos=[jpeg(1)])
    events = CaseEvent.objects.count()
    again = send(inspection, worker, note="Deep", photos=[jpeg(1)])
    assert (again.record.pk, again.repeated) == (first.record.pk, True)
    assert CaseEvent.objects.count() == events
    assert Attachment.objects.count() == InspectionPhoto.objects.count() == 1
    for changed in ({"note": "Shallow"}, {"note": "Deep", "condition": "unsafe"}):
        with pytest.raises(Conflict):
            send(inspection, worker, **changed)
    with pytest.raises(Conflict):
        send(other, worker, note="Deep")


def test_a_record_ends_the_inspection_is_in_the_history_and_moves_the_case(
    plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    inspection = plan_one(case)
    done = send(inspection, worker, note="Two of them", size="60 cm", status_code="scheduled",
                place=(-75.16, 39.95), accuracy_m=8.0)  # fmt: skip
    inspection.refresh_from_db()
    case.refresh_from_db()
    assert (inspection.state, inspection.record_id) == (InspectionState.DONE, done.record.pk)
    assert (case.status.code, done.told) == ("scheduled", [])
    event = CaseEvent.objects.get(case=case, kind=EventKind.INSPECTED, data__change="recorded")
    assert event.audience == "public"
    assert event.data["record"] == done.record.pk
    assert "Two of them" not in str(event.data)
    assert (done.record.location.long, done.record.accuracy_m) == (-75.16, 8.0)


def test_a_status_no_longer_possible_is_told_and_the_record_stays(
    plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    done = send(plan_one(case), worker, status_code="waiting-weather", note="Rain")
    assert done.record.standing == Standing.TAKEN
    assert any("status was not changed" in text for text in done.told)
    case.refresh_from_db()
    assert case.status.code == "received"


def test_a_photo_of_an_inspection_does_not_stand_for_finished_work(
    file_case: FileCase, actor: MakeActor
) -> None:
    gardener = actor(Role.WORKER, "parks")
    case = file_case(service_code="TREE", answers={})
    planned = plan_inspections(
        case_ids=[case.pk], on=today(), inspector_id=gardener.user_id, actor=gardener
    )
    send(Inspection.objects.get(pk=planned.done[0]), gardener, photos=[jpeg(3)])
    with pytest.raises(Invalid, match="photo of the finished work"):
        close(case_id=case.pk, outcome_code="done", text="Planted", actor=gardener)


def test_photos_the_case_has_no_room_for_are_told(
    plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    inspection = plan_one(case)
    for number in range(2):
        send(inspection, worker, key=f"key-number-{number}",
             photos=[jpeg((number * 5 + shade) * 20) for shade in range(5)])  # fmt: skip
    full = send(inspection, worker, key="key-number-9", photos=[jpeg(250)])
    assert any("1 photo was not kept" in text for text in full.told)
    assert InspectionRecord.objects.count() == 3


def test_the_clock_is_met_when_the_inspector_was_there_however_late_we_hear(
    plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    """Written offline in time, sent after the due time had passed and been marked."""
    case = file_case()
    requested = timezone.now() - timedelta(hours=5)
    Case.objects.filter(pk=case.pk).update(requested_at=requested)
    clock = Clock.objects.create(
        case=case, kind="inspect", department_id=case.department_id, state=ClockState.RUNNING,
        started_at=requested, due_at=requested + timedelta(hours=4),
        next_check_at=requested + timedelta(hours=4),
    )  # fmt: skip
    inspection = plan_one(case)
    assert mark_breaches(now=timezone.now()) == 1
    seen_at = requested + timedelta(hours=3)
    send(inspection, worker, device_at=seen_at)
    clock.refresh_from_db()
    assert (clock.state, clock.stopped_at, clock.breached_at) == (ClockState.MET, seen_at, None)


def test_a_clock_met_late_is_missed_and_a_wrong_phone_clock_is_told(
    plan_one: PlanOne, file_case: FileCase, worker: Actor
) -> None:
    case = file_case()
    clock = Clock.objects.create(
        case=case, kind="inspect", department_id=case.department_id, state=ClockState.RUNNING,
        started_at=case.requested_at, due_at=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip
    done = send(plan_one(case), worker, device_at=case.requested_at - timedelta(days=1))
    clock.refresh_from_db()
    assert clock.state == ClockState.MISSED
    assert done.record.at == done.record.received_at
    assert any("clock of your phone" in text for text in done.told)


def _closed(case: Case, inspection: Inspection, worker: Actor) -> None:
    close(case_id=case.pk, outcome_code="not-done", text="x", actor=SYSTEM)


def _elsewhere(case: Case, inspection: Inspection, worker: Actor) -> None:
    parks = Department.objects.get(code="parks")
    Case.objects.filter(pk=case.pk).update(department=parks)


def _replanned(case: Case, inspection: Inspection, worker: Actor) -> None:
    plan_inspections(
        case_ids=[case.pk], on=today() + timedelta(days=1), inspector_id=worker.user_id,
        actor=worker,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("meanwhile", "standing"),
    [
        (_closed, Standing.CASE_CLOSED),  # somebody closed the case
        (_elsewhere, Standing.ELSEWHERE),  # it went to another department
        (_replanned, Standing.REPLANNED),  # it was given to another day
    ],
)
def test_what_was_written_offline_is_kept_flagged_and_told(
    meanwhile: Callable[..., None], standing: Standing, plan_one: PlanOne,
    file_case: FileCase, worker: Actor, actor: MakeActor,
) -> None:  # fmt: skip
    actor(Role.MANAGER, "streets")
    case = file_case()
    inspection = plan_one(case)
    meanwhile(case, inspection, worker)
    case.refresh_from_db()
    before = (case.state, case.status_id)
    StaffNotice.objects.all().delete()
    done = send(inspection, worker, note="Deep", status_code="scheduled", photos=[jpeg(7)])
    case.refresh_from_db()
    assert done.record.standing == standing
    assert done.told
    assert (case.state, case.status_id) == before
    assert InspectionPhoto.objects.filter(record=done.record).count() == 1
    event = CaseEvent.objects.filter(case=case, kind=EventKind.INSPECTED).latest("seq")
    assert (event.audience, event.data["standing"]) == ("staff", standing)
    assert StaffNotice.objects.exists() == (standing != Standing.ELSEWHERE)


ACTIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=8)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ACTIONS)
def test_whatever_the_order_and_the_repeats_the_latest_seen_holds(
    file_case: FileCase, plan_one: PlanOne, worker: Actor, sent: list[tuple[int, int]]
) -> None:
    """Four records of one inspection, sent in any order and any number of times: each key is
    one row, and the one seen last is the one that holds."""
    case = file_case()
    start = timezone.now() - timedelta(hours=3)
    Case.objects.filter(pk=case.pk).update(requested_at=start)
    inspection = plan_one(case)
    times = {key: start + timedelta(minutes=10 * key + 1) for key, _again in sent}
    for key, _again in sent:
        send(inspection, worker, key=f"{case.pk}-record-{key}", note=str(key),
             device_at=times[key])  # fmt: skip
    rows = InspectionRecord.objects.filter(inspection=inspection)
    assert rows.count() == len(times)
    inspection.refresh_from_db()
    assert inspection.record is not None
    assert inspection.record.device_at == max(times.values())
    events = CaseEvent.objects.filter(case=case, kind=EventKind.INSPECTED, data__change="recorded")
    assert events.count() == len(times)


def test_nobody_signed_in_and_a_system_are_no_inspectors(
    plan_one: PlanOne, file_case: FileCase
) -> None:
    inspection = plan_one(file_case())
    with pytest.raises(Refusal):
        send(inspection, SYSTEM)
