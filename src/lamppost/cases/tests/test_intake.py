"""Filing a case: refusals first, then what a filing leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.choices import ClockState, EventKind
from lamppost.cases.models import Case, CaseEvent, Clock, Diversion
from lamppost.cases.reports import Filed, Report, Reporter
from lamppost.cases.services import intake
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel, State, TriageOutcome
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import UnscopedQuery, city_scope, no_city
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.models import Contact

PLACE = Point(-75.1636, 39.9526)


def report(**changes: Any) -> Report:
    fields: dict[str, Any] = {
        "service_code": "POTHOLE",
        "channel": Channel.WEB,
        "description": "A deep hole",
        "answers": {"WHERE": ("roadway",)},
        "point": PLACE,
    }
    return Report(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service_code": ""}, "service_code"),
        ({"answers": {}}, "attribute[WHERE]"),
        ({"answers": {"WHERE": ("nowhere",)}}, "attribute[WHERE]"),
        ({"answers": {"WHERE": ("roadway", "private")}}, "attribute[WHERE]"),
        ({"answers": {"WHERE": ("roadway",), "SIZE": ("wide",)}}, "attribute[SIZE]"),
        ({"answers": {"WHERE": ("roadway",), "SIZE": ("NaN",)}}, "attribute[SIZE]"),
        ({"answers": {"WHERE": ("roadway",), "SIZE": ("Infinity",)}}, "attribute[SIZE]"),
        ({"point": None}, "location"),
        ({"point": Point(-75.0, 91.0)}, "lat"),
        ({"point": Point(-181.0, 39.0)}, "long"),
        ({"point": Point(float("nan"), 39.0)}, "long"),
        ({"point": Point(0.0, 0.0)}, "lat"),
        ({"description": "x" * 4001}, "description"),
        ({"address": "x" * 301}, "address"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"reporter": Reporter(email="not an address")}, "email"),
        ({"reporter": Reporter(phone="call me")}, "phone"),
        ({"reporter": Reporter(name="x" * 201)}, "first_name"),
        ({"photos": ("a",) * 6}, "photos"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    city: City, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        submit(report(**changes), actor=ANONYMOUS)
    assert field in {problem.field for problem in refused.value.problems}
    assert not Case.objects.exists()
    assert not Contact.objects.exists()


def test_every_wrong_field_is_named_at_once(city: City) -> None:
    with pytest.raises(Invalid) as refused:
        submit(report(answers={}, point=None, media_url="x"), actor=ANONYMOUS)
    assert {problem.field for problem in refused.value.problems} == {
        "attribute[WHERE]", "location", "media_url",
    }  # fmt: skip


def test_an_unknown_service_is_not_found(city: City) -> None:
    with pytest.raises(NotFound):
        submit(report(service_code="NOPE"), actor=ANONYMOUS)


def test_outside_a_city_nothing_can_be_filed(city: City) -> None:
    with no_city(), pytest.raises(UnscopedQuery):
        submit(report(), actor=ANONYMOUS)


def test_a_filing_gets_number_owner_clocks_and_first_event(city: City) -> None:
    filed = submit(report(), actor=ANONYMOUS)
    case = Case.objects.get(number=filed.number)
    assert filed.number == str(city.first_number)
    assert case.state == State.RECEIVED
    assert case.department.code == "streets"
    assert case.routing_reason == "service:POTHOLE"
    clocks = {clock.kind: clock for clock in Clock.objects.filter(case=case)}
    assert set(clocks) == {"resolve", "acknowledge"}
    assert {clock.state for clock in clocks.values()} == {ClockState.RUNNING}
    assert case.due_at == clocks["resolve"].due_at
    event = CaseEvent.objects.get(case=case)
    assert (event.kind, event.seq, event.prev_hash) == (EventKind.RECEIVED, 1, "")
    assert len(event.hash) == 64


def test_private_property_is_referred_and_not_filed(city: City) -> None:
    filed = submit(report(answers={"WHERE": ("private",)}), actor=ANONYMOUS)
    assert filed.triage.outcome is TriageOutcome.REFER
    assert filed.triage.refer_to == "Property owner"
    assert filed.number == ""
    assert not Case.objects.exists()
    assert Diversion.objects.get().outcome == TriageOutcome.REFER


def test_gas_is_sent_to_the_emergency_number(city: City) -> None:
    filed = submit(report(answers={"WHERE": ("gas",)}), actor=ANONYMOUS)
    assert filed.triage.outcome is TriageOutcome.EMERGENCY
    assert "911" in filed.triage.text
    assert not Case.objects.exists()


def test_a_cave_in_is_accepted_as_a_hazard(city: City) -> None:
    filed = submit(report(answers={"WHERE": ("cave-in",)}), actor=ANONYMOUS)
    assert Case.objects.get(pk=filed.case_id).is_hazard


def test_a_question_never_has_a_due_date(city: City) -> None:
    filed = submit(
        Report(service_code="QUESTION", channel=Channel.PHONE, description="When?"),
        actor=ANONYMOUS,
    )
    case = Case.objects.get(pk=filed.case_id)
    assert case.due_at is None
    assert not Clock.objects.filter(case=case).exists()


def test_the_same_idempotency_key_gives_the_same_case(city: City) -> None:
    first = submit(report(idempotency_key="k", caller="app"), actor=ANONYMOUS)
    again = submit(report(idempotency_key="k", caller="app"), actor=ANONYMOUS)
    assert (again.number, again.repeated) == (first.number, True)
    assert Case.objects.count() == 1
    assert CaseEvent.objects.count() == 1


def test_two_copies_that_arrive_together_are_one_case(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = report(idempotency_key="k-1", caller="a")
    first = submit(copy, actor=ANONYMOUS)
    looked: list[Report] = []

    def too_early(sent: Report) -> Filed | None:
        looked.append(sent)
        return None if len(looked) == 1 else repeated(sent)

    repeated = intake._repeated
    monkeypatch.setattr(intake, "_repeated", too_early)
    second = submit(copy, actor=ANONYMOUS)
    assert (second.number, second.repeated) == (first.number, True)
    assert Case.objects.count() == CaseEvent.objects.count() == 1


def test_a_filing_is_written_by_one_statement(city: City) -> None:
    submit(report(), actor=ANONYMOUS)
    with CaptureQueriesContext(connection) as queries:
        filed = submit(report(), actor=ANONYMOUS)
    assert sum("INSERT INTO" in query["sql"] for query in queries) == 1
    case = Case.objects.get(number=filed.number)
    assert (case.answers.count(), case.clocks.count(), case.events.count()) == (1, 2, 1)


def test_a_key_used_for_something_else_is_a_conflict(city: City) -> None:
    submit(report(idempotency_key="k", caller="app"), actor=ANONYMOUS)
    with pytest.raises(Conflict):
        submit(report(idempotency_key="k", caller="app", description="Other"), actor=ANONYMOUS)


def test_two_callers_may_use_the_same_key(city: City) -> None:
    one = submit(report(idempotency_key="k", caller="a"), actor=ANONYMOUS)
    two = submit(report(idempotency_key="k", caller="b"), actor=ANONYMOUS)
    assert one.number != two.number


def test_each_city_counts_and_keeps_its_own(city: City, other_city: City) -> None:
    here = submit(report(), actor=ANONYMOUS)
    with city_scope(other_city.pk):
        there = submit(report(), actor=ANONYMOUS)
        assert Case.objects.count() == 1
    assert here.number == there.number
    assert Case.objects.count() == 1


def test_text_keeps_every_letter_and_loses_controls(city: City) -> None:
    text = "Bache 🕳️ حفرة\u200f \x00\x07كبيرة\r\nzwei\x1b"
    filed = submit(report(description=text), actor=ANONYMOUS)
    stored = Case.objects.get(pk=filed.case_id).description
    assert stored == "Bache 🕳️ حفرة\u200f كبيرة\nzwei"


def test_the_reporter_is_a_contact_and_the_typist_is_not(city: City, agent: Actor) -> None:
    filed = submit(
        report(reporter=Reporter(name="Ana", phone="215-686-8686"), channel=Channel.PHONE),
        actor=agent,
    )
    case = Case.objects.get(pk=filed.case_id)
    assert case.contact is not None
    assert (case.contact.name, case.contact.phone) == ("Ana", "+12156868686")
    assert case.entered_by_id == agent.user_id


def test_a_time_of_request_may_be_given(city: City) -> None:
    at = timezone.datetime(2025, 1, 1, 0, 0, 34, tzinfo=timezone.get_fixed_timezone(0))
    filed = submit(report(requested_at=at), actor=ANONYMOUS)
    assert Case.objects.get(pk=filed.case_id).requested_at == at


def test_anonymous_people_cannot_act_on_cases(city: City, file_case: Callable[..., Case]) -> None:
    from lamppost.cases.services.lifecycle import close
    from lamppost.kernel.refusals import Unauthenticated

    case = file_case()
    with pytest.raises((Unauthenticated, Forbidden)):
        close(case_id=case.pk, outcome_code="done", text="Done", actor=ANONYMOUS)
    case.refresh_from_db()
    assert case.state == State.RECEIVED
