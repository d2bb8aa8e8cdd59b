"""The stage is what the figures prove, and a department's list what it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lamppost.cities.models import City
from lamppost.insight.choices import OnboardingItem
from lamppost.insight.maturity import CRITERIA, Evidence, Stage, assess
from lamppost.insight.models import OnboardingRecord
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.maturity import assessment, evidence_of_city
from lamppost.insight.selectors.onboarding import onboarding
from lamppost.insight.services.onboarding import record_onboarding
from lamppost.kernel.refusals import Forbidden, Invalid, Unauthenticated
from lamppost.people.actors import ANONYMOUS, Actor
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Department, User

MakeActor = Callable[..., Actor]

WORKING = Evidence(
    public_services=57, departments=10, staffed_departments=8,
    escalation_steps=3, received_90=1000, promised_90=600, closed_90=800, channels_90=4,
    stranded_90=20,
)  # fmt: skip
GROWING = replace(
    WORKING, agreements=40, agreed_by_both=30, judged_year=4000, on_time_year=3000,
    reviews_year=25, samples_90=50, samples_seen_90=45, redress_90=10, redress_decided_90=9,
    languages=2, other_languages_90=80, through_programs_90=60,
)  # fmt: skip
LASTING = replace(
    GROWING, on_time_year=3500, overdue_reviews=0, departments_at_reviews=9,
    stat_meetings_year=4, budget_quarters_year=4, actions_due=20, actions_done=18,
)  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "stage"),
    [
        pytest.param(Evidence(), Stage.INITIATION, id="a fresh installation is at its beginning"),
        pytest.param(WORKING, Stage.OPERATIONAL, id="requests come in, are promised and closed"),
        pytest.param(GROWING, Stage.EXPANSIVE, id="both sides agree, review and check"),
        pytest.param(LASTING, Stage.SUSTAINABLE, id="it goes on whoever is in office"),
        pytest.param(
            replace(LASTING, channels_90=1),
            Stage.INITIATION,
            id="a later stage does not make up for an earlier one",
        ),
        pytest.param(
            replace(GROWING, staffed_departments=1),
            Stage.OPERATIONAL,
            id="one department on board is a beginning",
        ),
        pytest.param(
            replace(WORKING, promised_90=499),
            Stage.INITIATION,
            id="most requests are promised nothing",
        ),
        pytest.param(
            replace(GROWING, on_time_year=2799),
            Stage.OPERATIONAL,
            id="just under 70 % on time is not 70 %",
        ),
        pytest.param(
            replace(GROWING, redress_90=0, redress_decided_90=0),
            Stage.EXPANSIVE,
            id="nobody said that something is not fixed",
        ),
    ],
)
def test_the_stage_follows_from_the_figures(evidence: Evidence, stage: Stage) -> None:
    found = assess(evidence)
    assert found.stage == stage
    assert [one.criterion.stage for one in found.next_steps] == [found.next_stage] * len(
        found.next_steps
    )
    assert bool(found.next_steps) == (stage != Stage.SUSTAINABLE)


def test_every_criterion_can_fail() -> None:
    assert [one.code for one in CRITERIA if one.is_met(Evidence())] == []


def test_a_city_without_a_case_is_at_its_beginning_and_is_told_why(city: City) -> None:
    found = assessment()
    assert found.stage == Stage.INITIATION
    assert {"channels", "closing"} <= {one.criterion.code for one in found.next_steps}


@pytest.mark.parametrize("role", [Role.WORKER, Role.AGENT, Role.COUNCIL])
def test_who_holds_no_reviews_writes_nothing_down(role: Role, actor: MakeActor, city: City) -> None:
    streets = Department.objects.get(code="streets")
    who = actor(role, "streets" if role is Role.WORKER else None)
    with pytest.raises(Forbidden):
        record_onboarding(department_id=streets.pk, item="training", done_on=today(), actor=who)
    with pytest.raises(Unauthenticated):
        record_onboarding(
            department_id=streets.pk, item="training", done_on=today(), actor=ANONYMOUS
        )
    assert not OnboardingRecord.objects.exists()


def test_a_manager_writes_for_the_own_department_only(actor: MakeActor, city: City) -> None:
    other = Department.objects.exclude(code="streets").first()
    assert other is not None
    with pytest.raises(Forbidden):
        record_onboarding(
            department_id=other.pk, item="training", done_on=today(),
            actor=actor(Role.MANAGER, "streets"),
        )  # fmt: skip


def test_what_cannot_be_is_named_field_by_field(actor: MakeActor, city: City) -> None:
    streets, director = Department.objects.get(code="streets"), actor(Role.DIRECTOR)
    with pytest.raises(Invalid) as refused:
        record_onboarding(
            department_id=streets.pk, item="magic", done_on=today() + timedelta(days=1),
            actor=director,
        )  # fmt: skip
    assert {one.field for one in refused.value.problems} == {"item", "done_on"}
    with pytest.raises(Invalid) as refused:
        record_onboarding(
            department_id=streets.pk, item=OnboardingItem.LIAISON, done_on=today(),
            actor=director,
        )  # fmt: skip
    assert [one.field for one in refused.value.problems] == ["person"]


def test_what_is_written_down_counts_until_it_is_taken_back(actor: MakeActor, city: City) -> None:
    streets = Department.objects.get(code="streets")
    manager = actor(Role.MANAGER, "streets")
    missing = onboarding(department_id=streets.pk)[0].missing

    record_onboarding(
        department_id=streets.pk, item="liaison", done_on=today(), person_id=manager.user_id,
        actor=manager,
    )  # fmt: skip
    assert onboarding(department_id=streets.pk)[0].missing == missing - 1

    record_onboarding(department_id=streets.pk, item="liaison", done_on=None, actor=manager)
    assert onboarding(department_id=streets.pk)[0].missing == missing
    assert AuditEntry.objects.filter(label="streets: liaison").count() == 2


def test_an_account_that_is_closed_is_no_manager(actor: MakeActor, city: City) -> None:
    manager = actor(Role.MANAGER, "streets", "Max")
    streets = Department.objects.get(code="streets").pk

    def met() -> bool:
        (found,) = onboarding(department_id=streets)
        return next(one.is_met for one in found.items if one.code == "manager")

    staffed = evidence_of_city().staffed_departments
    assert met()
    User.objects.filter(pk=manager.user_id).update(is_active=False)
    assert not met()
    assert evidence_of_city().staffed_departments == staffed - 1
