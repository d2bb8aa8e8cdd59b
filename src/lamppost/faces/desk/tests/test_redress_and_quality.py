"""Redress, second looks, the audit log and the roles at the desk, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case, QualitySample, Redress
from lamppost.cases.reports import Reporter
from lamppost.cases.services import lifecycle, redress
from lamppost.cases.services.bulk import bulk_close
from lamppost.cases.services.quality import sample_missing_days
from lamppost.cities.models import City
from lamppost.people import audit, denials
from lamppost.people.actors import ANONYMOUS, Actor, actor_of
from lamppost.people.choices import AuditWhat, Role

FileCase = Callable[..., Case]
Desk = Callable[..., Client]


def acting(client: Client) -> Actor:
    return actor_of(client.user)  # type: ignore[attr-defined]


@pytest.fixture
def supervisor(signed_in: Desk) -> Client:
    return signed_in(Role.SUPERVISOR, "center", "Sue")


@pytest.fixture
def disputed(file_case: FileCase, worker: Actor) -> Redress:
    return make_disputed(file_case, worker)


def make_disputed(file_case: FileCase, worker: Actor) -> Redress:
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled it", actor=worker)
    return redress.dispute(case_id=case.pk, text="Still there, deep", actor=ANONYMOUS)


@pytest.fixture
def samples(city: City, file_case: FileCase, worker: Actor, supervisor: Client) -> list[int]:
    """Two closings drawn for the supervisor's look."""
    city.quality_percent = 100
    city.save()
    for _number in range(2):
        case = file_case()
        lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled it", actor=worker)
    sample_missing_days(now=timezone.now() + timedelta(days=1))
    return list(QualitySample.objects.order_by("id").values_list("id", flat=True))


# -- refusals


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/desk/redress/", {Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN}),
        ("/desk/quality/", {Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN}),
        ("/desk/audit/", {Role.DIRECTOR, Role.ADMIN}),
        ("/desk/quality/figures/", {Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR, Role.ADMIN}),
    ],
)
def test_who_gets_in(path: str, allowed: set[Role], signed_in: Desk) -> None:
    for role in Role:
        department = {Role.WORKER: "streets", Role.MANAGER: "streets"}.get(role)
        status = signed_in(role, department, "X").get(path).status_code
        assert status == (200 if role in allowed else 403), role


@pytest.mark.parametrize(
    "path",
    [
        "/desk/redress/?after=x", "/desk/redress/?after=2025-01-01~1",
        "/desk/quality/?after=-1", "/desk/audit/?show=all", "/desk/audit/?person=me",
        "/desk/audit/?day=2025-13-40", "/desk/audit/?before=~",
        "/desk/audit/?day=0001-01-01",
    ],
)  # fmt: skip
def test_a_spoiled_address_is_told(path: str, signed_in: Desk) -> None:
    assert signed_in(Role.ADMIN).get(path).status_code == 400


@pytest.mark.parametrize("path", ["/desk/redress/999/", "/desk/quality/999/"])
def test_what_is_not_there(path: str, supervisor: Client) -> None:
    assert supervisor.get(path).status_code == 404


def test_a_decision_without_words_comes_back_with_the_form(
    disputed: Redress, supervisor: Client
) -> None:
    response = supervisor.post(f"/desk/redress/{disputed.pk}/refuse/", {"text": " "})
    assert response.status_code == 400
    assert "Say in a sentence why" in response.content.decode()


def test_the_closer_sees_that_a_colleague_decides(file_case: FileCase, supervisor: Client) -> None:
    found = make_disputed(file_case, acting(supervisor))
    body = supervisor.get(f"/desk/redress/{found.pk}/").content.decode()
    assert "only a colleague may let the result stand" in body
    assert "/refuse/" not in body
    response = supervisor.post(f"/desk/redress/{found.pk}/refuse/", {"text": "It is"})
    assert response.status_code == 403
    found.refresh_from_db()
    assert found.state == "open"


# -- a day's work


def test_a_redress_is_decided_from_the_queue(disputed: Redress, supervisor: Client) -> None:
    listed = supervisor.get("/desk/redress/").content.decode()
    assert "Still there, deep" in listed
    page = supervisor.get(f"/desk/redress/{disputed.pk}/").content.decode()
    assert "Filled it" in page
    response = supervisor.post(
        f"/desk/redress/{disputed.pk}/refuse/", {"text": "We looked: it is filled"}
    )
    assert (response.status_code, response["Location"]) == (302, "/desk/redress/")
    assert "The result stands" in supervisor.get("/desk/redress/?show=decided").content.decode()
    again = supervisor.post(f"/desk/redress/{disputed.pk}/uphold/", {"text": "No"})
    assert again.status_code == 409


def test_a_second_look_is_kept_and_opens_the_case_again(
    samples: list[int], supervisor: Client
) -> None:
    assert len(samples) == 2
    path = f"/desk/quality/{samples[0]}/"
    assert "Filled it" in supervisor.get(path).content.decode()
    answers = {"is_true": "no", "is_clear": "yes", "reopen": "on"}
    assert supervisor.post(path, answers).status_code == 400
    response = supervisor.post(path, answers | {"note": "There is nothing filled"})
    assert response.status_code == 302
    sample = QualitySample.objects.select_related("case").get(pk=samples[0])
    assert (sample.verdict, sample.reopened, sample.case.state) == ("wrong", True, "open")
    assert supervisor.post(path, answers | {"note": "Again"}).status_code == 409
    figures = supervisor.get("/desk/quality/figures/").content.decode()
    assert "too few" in figures


def test_lists_cost_the_same_however_long(
    file_case: FileCase, worker: Actor, supervisor: Client, signed_in: Desk
) -> None:
    admin = signed_in(Role.ADMIN)

    def cost(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    pages = [
        (supervisor, "/desk/redress/"), (admin, "/desk/audit/"),
        (admin, "/desk/audit/?show=bulk"), (admin, "/desk/audit/?show=changes"),
        (supervisor, "/desk/quality/figures/"),
    ]  # fmt: skip

    def grow() -> None:
        made = [file_case() for _ in range(3)]
        bulk_close(
            case_ids=[one.pk for one in made], outcome_code="done", reason="Crew", actor=worker
        )
        make_disputed(file_case, worker)
        denials.keep(worker, "case.close", detail="case 1")
        audit.note(what=AuditWhat.TEAM, label="yard", actor=worker)

    grow()
    before = [cost(client, path) for client, path in pages]
    for _number in range(3):
        grow()
    assert [cost(client, path) for client, path in pages] == before
    assert max(before) <= 12


def test_the_audit_log_shows_who_was_refused_what(
    file_case: FileCase, worker_client: Client, signed_in: Desk
) -> None:
    case = file_case(service_code="TREE", answers={}, description="Private words of Ada")
    assert worker_client.get(f"/desk/cases/{case.number}/").status_code == 403
    director = signed_in(Role.DIRECTOR)
    page = director.get("/desk/audit/").content.decode()
    assert "Wanda" in page
    assert "Open the desk" in page
    assert "Ada" not in page
    today = timezone.now().date().isoformat()
    user = worker_client.user.pk  # type: ignore[attr-defined]
    found = director.get(f"/desk/audit/?person={user}&kind=desk.see").content.decode()
    assert "<strong>Open the desk</strong>" in found
    other = director.get("/desk/audit/?kind=case.close").content.decode()
    assert "<strong>" not in other.split("</form>")[-1]
    assert director.get(f"/desk/audit/?day={today}").status_code == 200


def test_many_at_once_stands_in_the_log_with_its_reason(
    file_case: FileCase, worker: Actor, signed_in: Desk
) -> None:
    cases = [file_case() for _ in range(2)]
    ids = [one.pk for one in cases] + [0]
    bulk_close(case_ids=ids, outcome_code="done", reason="Whole block paved", actor=worker)
    page = signed_in(Role.DIRECTOR).get("/desk/audit/?show=bulk").content.decode()
    assert "Whole block paved" in page
    assert "2 of 3 cases" in page


def test_everybody_at_the_desk_reads_the_roles(worker_client: Client) -> None:
    page = worker_client.get("/desk/roles/").content.decode()
    assert "Take a second look at closed cases" in page
    assert "(you)" in page


def test_an_agent_takes_it_down_for_a_caller(
    file_case: FileCase, worker: Actor, signed_in: Desk
) -> None:
    case = file_case()
    lifecycle.close(case_id=case.pk, outcome_code="done", text="Filled it", actor=worker)
    agent = signed_in(Role.AGENT, "center")
    assert "A caller says" in agent.get(f"/desk/cases/{case.number}/").content.decode()
    path = f"/desk/redress/for/{case.number}/"
    assert agent.post(path, {"text": ""}).status_code == 400
    assert agent.post(path, {"text": "She says it is deep"}).status_code == 302
    assert Redress.objects.get().source == "caller"
    page = agent.get(f"/desk/cases/{case.number}/").content.decode()
    assert "She says it is deep" in page
    assert "Being looked at" in page


def test_looking_at_a_contact_is_on_record_once(
    file_case: FileCase, worker_client: Client, signed_in: Desk
) -> None:
    person = Reporter(name="Ada", email="ada@example.org")
    case, other = file_case(reporter=person), file_case()
    for _time in range(2):
        worker_client.get(f"/desk/cases/{case.number}/")
    worker_client.get(f"/desk/cases/{other.number}/")
    page = signed_in(Role.DIRECTOR).get("/desk/audit/?show=changes").content.decode()
    assert page.count("<strong>Contact looked at</strong>") == 1
    assert case.number in page
    assert "ada@example.org" not in page
