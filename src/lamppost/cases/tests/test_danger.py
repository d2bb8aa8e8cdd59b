"""Words of danger: what is stopped, in which words, who is told, what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from lamppost.cases.choices import DiversionSource, EventKind, OnDanger, Priority
from lamppost.cases.models import Case, CaseEvent, Diversion
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.cases.services.reporter import comment
from lamppost.cases.tests.test_intake import report
from lamppost.catalog.choices import Channel, TriageOutcome
from lamppost.cities.models import City
from lamppost.people.actors import ANONYMOUS
from lamppost.people.models import StaffNotice

GAS = "It smells like gas in the hallway"


def filing(**changes: Any) -> Report:
    return report(**({"description": GAS} | changes))


@pytest.mark.parametrize(
    "channel", [Channel.WEB, Channel.API, Channel.PHONE, Channel.SMS, Channel.STAFF, Channel.APP]
)
def test_words_of_danger_stop_a_filing(city: City, channel: Channel) -> None:
    filed = submit(filing(channel=channel), actor=ANONYMOUS)
    assert filed.triage.outcome is TriageOutcome.EMERGENCY
    assert filed.triage.may_go_on
    assert city.emergency_number in filed.triage.text
    assert not Case.objects.exists()
    row = Diversion.objects.get()
    assert (row.source, row.what, row.heard_in) == (DiversionSource.WORDS, "gas", "en")
    assert row.pk == filed.diversion_id


def test_a_crisis_names_the_crisis_line(city: City) -> None:
    filed = submit(filing(description="I don't want to live anymore"), actor=ANONYMOUS)
    assert filed.triage.outcome is TriageOutcome.CRISIS
    assert (city.crisis_number or city.emergency_number) in filed.triage.text


def test_a_language_the_city_does_not_speak_stops_too(city: City) -> None:
    filed = submit(filing(description="옆집에 불났어요"), actor=ANONYMOUS)
    assert filed.triage.outcome is TriageOutcome.EMERGENCY


def test_chosen_answers_are_no_words(city: City) -> None:
    filed = submit(report(answers={"WHERE": ("cave-in",)}), actor=ANONYMOUS)
    assert Case.objects.get(pk=filed.case_id).is_hazard
    assert filed.triage.danger is None


def test_who_says_that_nobody_is_in_danger_files_a_hazard(city: City) -> None:
    filed = submit(filing(on_danger=OnDanger.SAID_SAFE), actor=ANONYMOUS)
    case = Case.objects.get(pk=filed.case_id)
    assert (case.is_hazard, case.priority) == (True, Priority.URGENT)
    data = CaseEvent.objects.get(case=case, kind=EventKind.RECEIVED).data
    assert (data["danger"], data["said_safe"]) == ("gas", True)
    assert not Diversion.objects.exists()


def test_an_email_is_never_held_back_and_staff_are_told(city: City, agent: Any) -> None:
    filed = submit(filing(channel=Channel.EMAIL), actor=ANONYMOUS)
    case = Case.objects.get(pk=filed.case_id)
    assert case.is_hazard
    assert filed.triage.is_danger
    assert city.emergency_number in filed.triage.text
    told = StaffNotice.objects.filter(kind="danger", case_number=case.number)
    assert told.exists()
    assert not any(GAS in one.text + one.subject for one in told)


@pytest.mark.parametrize("changes", [{"channel": Channel.IMPORT}, {"on_danger": OnDanger.UNHEEDED}])
def test_what_already_happened_is_not_looked_at(city: City, changes: dict[str, Any]) -> None:
    filed = submit(filing(**changes), actor=ANONYMOUS)
    case = Case.objects.get(pk=filed.case_id)
    assert not case.is_hazard
    assert "danger" not in CaseEvent.objects.get(case=case, kind=EventKind.RECEIVED).data


def test_what_a_resident_adds_is_kept_and_told_to_staff_at_once(city: City, agent: Any) -> None:
    filed = submit(report(), actor=ANONYMOUS)
    comment(case_id=filed.case_id or 0, text="Thank you", actor=ANONYMOUS)
    assert not StaffNotice.objects.filter(kind="danger").exists()
    comment(case_id=filed.case_id or 0, text=GAS, actor=ANONYMOUS)
    assert CaseEvent.objects.filter(kind=EventKind.RESIDENT_COMMENT).count() == 2
    assert StaffNotice.objects.filter(kind="danger", case_number=filed.number).exists()


def test_who_writes_another_language_is_told_in_both(city: City) -> None:
    city.languages = ["en", "es"]
    city.save()
    with translation.override("en"):
        filed = submit(filing(description="huele mucho a gas aquí"), actor=ANONYMOUS)
    assert filed.triage.heard_in == "es"
