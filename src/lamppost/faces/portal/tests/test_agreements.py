"""What the city promises, for everybody to read: today, before, and who approved it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case, Clock
from lamppost.cases.services.clocks import waive
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department
from lamppost.sla.choices import Side, StepMoment, Verdict
from lamppost.sla.models import Agreement, BusinessCalendar, EscalationStep
from lamppost.sla.services import proposals
from lamppost.sla.services.proposals import Terms
from lamppost.sla.services.publishing import TargetFacts, stamp_catalogue, write_version

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
LIST, POTHOLE = "/performance/agreements/", "/performance/agreements/POTHOLE/"


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def publish(day: date, *targets: TargetFacts) -> None:
    write_version(
        agreement_id=Agreement.objects.get().pk, effective_from=day, effective_to=None,
        calendar_id=BusinessCalendar.objects.get().pk, targets=targets,
        approved_by="City Council", evidence="Minutes 7",
    )  # fmt: skip
    stamp_catalogue()


@pytest.mark.parametrize("code", ["NOPE", "QUESTION", "%00", "POTHOLE'--"])
def test_what_is_not_there(code: str, client: Client, city: City) -> None:
    assert client.get(f"{LIST}{code}/").status_code == 404


def test_a_service_for_staff_only_is_not_shown(client: Client, city: City) -> None:
    Service.objects.filter(code="POTHOLE").update(is_public=False)
    stamp_catalogue()
    assert client.get(POTHOLE).status_code == 404
    assert "Pothole" not in text(client.get(LIST))


def test_nothing_is_changed_here(client: Client, city: City) -> None:
    assert client.post(LIST).status_code == 405
    assert client.post(POTHOLE).status_code == 405


def test_the_list(client: Client, city: City) -> None:
    page = text(client.get(LIST))
    assert "Pothole First answer within 4 business hours Done within 3 business days" in page
    assert "Street tree No fixed time" in page
    assert "Pothole" not in text(client.get(f"{LIST}?q=tree"))
    assert "Street tree" not in text(client.get(f"{LIST}?department=streets"))
    assert "Nothing found" in text(client.get(f"{LIST}?q=zebra"))


def test_the_history_in_words(client: Client, city: City) -> None:
    """3 business days until 31 Jan, 46 since: both versions, and who approved."""
    publish(date(2026, 2, 1), TargetFacts("resolve", 46, "business_days"))
    page = text(client.get(POTHOLE))
    assert (
        "3 business days until Jan. 31, 2026, approved by Council; "
        "46 business days since Feb. 1, 2026, approved by City Council."
    ) in page
    assert "Since Feb. 1, 2026 Holds now" in page
    assert "Jan. 1, 2015 to Jan. 31, 2026" in page
    assert "First answer within 4 business hours" in page
    assert "Minutes 7" in page
    assert "Weather" in page


def test_one_to_come_is_told(client: Client, city: City) -> None:
    day = timezone.localdate(timezone.now(), city.zone) + timedelta(days=30)
    publish(day, TargetFacts("resolve", 24, "hours", priority="urgent"))
    page = text(client.get(POTHOLE))
    assert "Done within 24 hours, if urgent" in page
    assert re.search(r"From \w+\.? \d+, \d+ on", page)


def test_both_sides_stand_with_their_names(
    client: Client, city: City, actor: Callable[..., Actor]
) -> None:
    manager, director = actor(Role.MANAGER, "streets", "Mia"), actor(Role.DIRECTOR, None, "Dana")
    made = proposals.draft(
        service_id=Service.objects.get(code="POTHOLE").pk,
        department_id=Department.objects.get(code="streets").pk,
        terms=Terms(
            effective_from=timezone.localdate(timezone.now(), city.zone),
            calendar_id=BusinessCalendar.objects.get().pk,
            targets=(TargetFacts("resolve", 5, "business_days"),),
            reason="Staff only words",
        ),
        actor=manager,
    )
    proposals.propose(proposal_id=made.pk, actor=manager)
    assert "5 business days" not in text(client.get(POTHOLE))
    for side, by in ((Side.CENTER, director), (Side.DEPARTMENT, manager)):
        proposals.decide(
            proposal_id=made.pk, side=side, verdict=Verdict.APPROVED, words="", actor=by
        )
    page = text(client.get(POTHOLE))
    assert "approved by Dana (311 center)" in page
    assert "approved by Mia (Department)" in page
    assert "Staff only words" not in page
    assert "Done within 5 business days" in text(client.get(LIST))


def test_escalation_is_not_public(client: Client, city: City) -> None:
    EscalationStep.objects.create(
        code="soon", moment=StepMoment.BEFORE, amount=4, unit="business_hours",
        wording={"en": "Tell the boss"}, since=timezone.now(),
    )  # fmt: skip
    page = text(client.get(POTHOLE))
    assert "Tell the boss" not in page
    assert "before it is due" not in page


def test_the_list_costs_the_same_for_a_hundred_services(
    client: Client, city: City, django_assert_max_num_queries: Any
) -> None:
    tree = Service.objects.get(code="TREE")
    Service.objects.bulk_create(
        Service(
            code=f"T{number}", name={"en": f"Tree {number}"}, group=tree.group,
            department=tree.department,
        )
        for number in range(100)
    )  # fmt: skip
    stamp_catalogue()
    client.get(LIST)
    with django_assert_max_num_queries(5):
        assert "Tree 99" in text(client.get(LIST))


def test_the_history_costs_the_same_for_many_versions(
    client: Client, city: City, django_assert_max_num_queries: Any
) -> None:
    for year in range(2016, 2026):
        publish(date(year, 1, 1), TargetFacts("resolve", year - 2000, "business_days"))
    client.get(POTHOLE)
    with django_assert_max_num_queries(12):
        assert "25 business days" in text(client.get(POTHOLE))


def test_the_pages_of_requests_and_services_lead_here(client: Client, file_case: FileCase) -> None:
    case = file_case()
    for path in (f"/requests/{case.number}/", "/report/POTHOLE/"):
        assert f'href="{POTHOLE}"' in client.get(path).content.decode(), path
    assert f'href="{LIST}"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("resolve", "The promised time no longer applies"),
        ("acknowledge", "The time promised for a first answer no longer applies"),
    ],
)
def test_a_waiver_is_told_on_the_requests_page(
    kind: str, words: str, client: Client, file_case: FileCase, actor: Callable[..., Actor]
) -> None:
    case = file_case()
    clock = Clock.objects.get(case=case, kind=kind)
    waive(clock, at=timezone.now(), actor=actor(Role.DIRECTOR), reason="The river flooded.")
    page = text(client.get(f"/requests/{case.number}/"))
    assert words in page
    assert "The river flooded." in page
