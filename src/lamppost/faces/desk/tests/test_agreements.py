"""Agreements at the desk: read them, propose a change, decide, and what was waived."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
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
from lamppost.sla.choices import ProposalState, StepMoment
from lamppost.sla.models import (
    Agreement,
    AgreementProposal,
    AgreementVersion,
    BusinessCalendar,
    EscalationAudience,
    EscalationStep,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
FileCase = Callable[..., Case]
POTHOLE = "/desk/agreements/POTHOLE/streets/"


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def typed(city: City, **changes: str) -> dict[str, str]:
    """The form as a manager fills it in: 46 business days instead of 3."""
    day = timezone.localdate(timezone.now(), city.zone) + timedelta(days=30)
    row = {"kind": "resolve", "amount": "46", "unit": "business_days", "day_end": "close"}
    return {
        "effective_from": day.isoformat(),
        "calendar": str(BusinessCalendar.objects.get(code="office").pk),
        "reason": "Two crews fewer",
        "evidence": "Budget 2027",
        **{f"target-0-{name}": value for name, value in row.items()},
        "target-0-priority": "",
        **changes,
    }


def drafted(client: Client, city: City, **changes: str) -> AgreementProposal:
    response = client.post(f"{POTHOLE}propose/", typed(city, **changes))
    assert response.status_code == 302, text(response)
    return AgreementProposal.objects.latest("id")


# -- refusals


@pytest.mark.parametrize(
    "path",
    ["/desk/agreements/", POTHOLE, f"{POTHOLE}propose/", "/desk/waivers/",
     "/desk/agreements/proposals/1/"],
)  # fmt: skip
def test_strangers_are_sent_to_the_door(path: str, visitor: Client) -> None:
    response = visitor.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/desk/sign-in/")


@pytest.mark.parametrize(
    ("role", "department"), [(Role.WORKER, "streets"), (Role.MANAGER, "parks")]
)
def test_who_may_not_propose_sees_no_button_and_no_form(
    role: Role, department: str, signed_in: SignIn, city: City
) -> None:
    client = signed_in(role, department)
    assert "Propose a change" not in text(client.get(POTHOLE))
    assert client.get(f"{POTHOLE}propose/").status_code == 403
    assert client.post(f"{POTHOLE}propose/", typed(city)).status_code == 403
    assert not AgreementProposal.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/desk/agreements/NOPE/streets/", "/desk/agreements/POTHOLE/nope/",
     "/desk/agreements/QUESTION/center/", "/desk/agreements/proposals/999999/",
     "/desk/agreements/proposals/999999999999999999/"],
)  # fmt: skip
def test_what_is_not_there(path: str, signed_in: SignIn) -> None:
    assert signed_in(Role.ADMIN).get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"effective_from": ""}, "Choose the first day."),
        ({"effective_from": "2020-01-01"}, "The first day has passed"),
        ({"reason": ""}, "Say why the promise should change."),
        ({"target-0-amount": ""}, "Promise at least one thing."),
        ({"target-0-amount": "-3"}, "Write a number from 1 up"),
        ({"target-0-amount": "٣"}, "Write a number from 1 up"),
        ({"target-0-unit": "weeks"}, "Choose a unit."),
        ({"calendar": "x"}, "Choose a calendar."),
    ],
)
def test_a_refused_form_comes_back_as_typed(
    changes: dict[str, str], message: str, signed_in: SignIn, city: City
) -> None:
    client = signed_in(Role.MANAGER, "streets")
    response = client.post(f"{POTHOLE}propose/", typed(city, **changes))
    assert response.status_code == 400
    assert message in text(response)
    assert "Budget 2027" in response.content.decode()
    assert not AgreementProposal.objects.exists()


def test_a_draft_is_nobody_elses_business(signed_in: SignIn, city: City) -> None:
    proposal = drafted(signed_in(Role.MANAGER, "streets"), city)
    path = f"/desk/agreements/proposals/{proposal.pk}/"
    assert signed_in(Role.WORKER, "streets").get(path).status_code == 404
    assert signed_in(Role.AGENT, "center").get(path).status_code == 404


def test_only_the_sides_decide(signed_in: SignIn, city: City) -> None:
    manager = signed_in(Role.MANAGER, "streets")
    proposal = drafted(manager, city)
    path = f"/desk/agreements/proposals/{proposal.pk}/"
    manager.post(f"{path}propose/")
    for role, department in ((Role.WORKER, "streets"), (Role.SUPERVISOR, "center")):
        client = signed_in(role, department)
        assert "Approve" not in text(client.get(path))
        sent = {"side": "department", "verdict": "approved"}
        assert client.post(f"{path}decide/", sent).status_code == 403
    sent = {"side": "center", "verdict": "approved"}
    assert manager.post(f"{path}decide/", sent).status_code == 403
    assert manager.post(f"{path}decide/", {"side": "x", "verdict": "y"}).status_code == 400
    assert manager.get(f"{path}decide/").status_code == 405


# -- from the idea to the promise


def test_a_change_from_draft_to_public(signed_in: SignIn, city: City) -> None:
    manager, director = signed_in(Role.MANAGER, "streets", "Mia"), signed_in(Role.DIRECTOR)
    assert 'value="3"' in manager.get(f"{POTHOLE}propose/").content.decode()
    proposal = drafted(manager, city)
    path = f"/desk/agreements/proposals/{proposal.pk}/"

    page = text(manager.get(path))
    assert "Done within 46 business days instead of 3 business days" in page
    assert "No longer promised: First answer within 4 business hours" in page
    assert "Two crews fewer" in page
    assert manager.post(f"{path}propose/").status_code == 302

    page = text(director.get(path))
    assert "Decide for: 311 center" in page
    assert "Decide for: Department" not in page
    assert (
        director.post(
            f"{path}decide/", {"side": "center", "verdict": "approved", "words": "Agreed"}
        ).status_code
        == 302
    )
    page = text(manager.get(path))
    assert "has not decided yet" in page
    assert "Agreed" in page
    assert (
        manager.post(f"{path}decide/", {"side": "department", "verdict": "approved"}).status_code
        == 302
    )

    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PUBLISHED
    page = text(manager.get(POTHOLE))
    assert "Done within 46 business days" in page
    assert "To come" in page
    assert "approved by director (311 center), Mia (Department)" in page
    assert "Holds now" in page
    assert AgreementVersion.objects.count() == 2


def test_a_refused_decision_keeps_the_words(signed_in: SignIn, city: City) -> None:
    manager = signed_in(Role.MANAGER, "streets")
    proposal = drafted(manager, city)
    path = f"/desk/agreements/proposals/{proposal.pk}/"
    manager.post(f"{path}propose/")
    response = manager.post(f"{path}decide/", {"side": "department", "verdict": "rejected"})
    assert response.status_code == 400
    assert "Say why you reject it." in text(response)
    manager.post(f"{path}withdraw/")
    assert "Withdrawn" in text(manager.get(path))
    assert manager.post(f"{path}withdraw/").status_code == 409


def test_rows_are_added_and_a_draft_is_changed_without_a_script(
    signed_in: SignIn, city: City
) -> None:
    manager = signed_in(Role.MANAGER, "streets")
    sent = typed(city) | {"more": "1"}
    page = manager.post(f"{POTHOLE}propose/", sent).content.decode()
    assert 'name="target-2-kind"' in page
    assert not AgreementProposal.objects.exists()
    proposal = drafted(manager, city)
    path = f"/desk/agreements/proposals/{proposal.pk}/edit/"
    assert 'value="46"' in manager.get(path).content.decode()
    more = {
        "target-1-kind": "resolve", "target-1-amount": "24", "target-1-unit": "hours",
        "target-1-day_end": "close", "target-1-priority": "urgent",
    }  # fmt: skip
    assert manager.post(path, typed(city, **more)).status_code == 302
    page = text(manager.get(f"/desk/agreements/proposals/{proposal.pk}/"))
    assert "New: Done within 24 hours, if urgent" in page


def test_one_open_change_hides_the_button(signed_in: SignIn, city: City) -> None:
    manager = signed_in(Role.MANAGER, "streets")
    drafted(manager, city)
    assert "Propose a change" not in text(manager.get(POTHOLE))
    assert manager.post(f"{POTHOLE}propose/", typed(city)).status_code == 409


# -- reading


def test_the_list_has_every_service_and_finds_by_words(signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT, "center")
    page = text(client.get("/desk/agreements/"))
    assert "Pothole" in page
    assert "Done within 3 business days" in page
    assert "Street tree" in page
    assert "Nothing is promised." in page
    assert "Question" not in page
    found = text(client.get("/desk/agreements/?q=tree"))
    assert "Street tree" in found
    assert "Pothole" not in found
    assert "Pothole" not in text(client.get("/desk/agreements/?department=parks"))
    assert "Pothole" in text(client.get("/desk/agreements/?department=%00nope"))


def test_the_list_costs_the_same_for_a_hundred_services(
    signed_in: SignIn, city: City, django_assert_max_num_queries: Any
) -> None:
    tree = Service.objects.get(code="TREE")
    for number in range(100):
        service = Service.objects.create(
            code=f"T{number}", name={"en": f"Tree {number}"}, group=tree.group,
            department=tree.department,
        )  # fmt: skip
        Agreement.objects.create(service=service, department=tree.department)
    City.objects.filter(pk=city.pk).update(catalog_changed_at=timezone.now())
    client = signed_in(Role.AGENT, "center")
    client.get("/desk/agreements/")
    with django_assert_max_num_queries(14):
        assert "Tree 99" in text(client.get("/desk/agreements/"))


def test_the_ladder_stands_on_the_agreements_page(signed_in: SignIn) -> None:
    step = EscalationStep.objects.create(
        code="soon", moment=StepMoment.BEFORE, amount=4, unit="business_hours",
        wording={"en": "Nearly late"}, since=timezone.now(),
    )  # fmt: skip
    EscalationAudience.objects.create(step=step, whom="managers")
    page = text(signed_in(Role.WORKER, "streets").get(POTHOLE))
    assert "4 business hours before it is due" in page
    assert "the department's managers" in page.replace("&#x27;", "'")
    assert "Nearly late" in page


def test_waivers_are_listed_by_department_and_page(
    signed_in: SignIn, file_case: FileCase, actor: Callable[..., Actor]
) -> None:
    director = actor(Role.DIRECTOR, None, "Dana")
    cases = [file_case() for _ in range(52)]
    for number, case in enumerate(cases):
        clock = Clock.objects.get(case=case, kind="resolve")
        at = timezone.now() - timedelta(days=number)
        waive(clock, at=at, actor=director, reason=f"Flood {number}.")
    old = Clock.objects.get(case=file_case(), kind="resolve")
    waive(old, at=timezone.now() - timedelta(days=400), actor=director, reason="Long ago")

    client = signed_in(Role.WORKER, "streets")
    page = text(client.get("/desk/waivers/"))
    assert "Flood 0." in page
    assert "Dana" in page
    assert "Long ago" not in page
    assert "Flood 51." not in page
    older = re.search(
        r'href="(/desk/waivers/\?older=[^"]+)"', client.get("/desk/waivers/").content.decode()
    )
    assert older is not None
    rest = text(client.get(older[1]))
    assert "Flood 51." in rest
    assert "Flood 49." not in rest

    assert "Nothing was waived" in text(signed_in(Role.WORKER, "parks").get("/desk/waivers/"))
    agent = signed_in(Role.AGENT, "center")
    assert "Flood 0." in text(agent.get("/desk/waivers/?department=streets"))
    assert "Nothing was waived" in text(agent.get("/desk/waivers/?department=parks"))
    assert agent.get("/desk/waivers/?older=x").status_code == 400


def test_the_priority_is_changed_on_the_cases_page(signed_in: SignIn, file_case: FileCase) -> None:
    case = file_case()
    client = signed_in(Role.MANAGER, "streets")
    path = f"/desk/cases/{case.number}/"
    page = client.get(path).content.decode()
    assert "Change the priority" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    sent = {"seen": seen[1], "priority": "urgent", "reason": "A school is near"}
    assert client.post(f"{path}priority/", sent).status_code == 302
    case.refresh_from_db()
    assert case.priority == "urgent"
    assert "Urgent" in text(client.get(path))
    worker = signed_in(Role.WORKER, "streets")
    assert "Change the priority" not in text(worker.get(path))
