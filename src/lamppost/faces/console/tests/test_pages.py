"""The console's pages: who may, what each step leaves, how many queries a page costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case, Diversion
from lamppost.cases.reports import Reporter
from lamppost.catalog.choices import Channel
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.contacts.models import (
    CallBack,
    CenterRules,
    Disposition,
    Handover,
    Interaction,
    InteractionCase,
)
from lamppost.contacts.selectors.said_status import in_groups
from lamppost.contacts.services import line
from lamppost.contacts.tests.scene import make_article
from lamppost.database.scope import city_scope
from lamppost.faces.console.tests.conftest import Console
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
POTHOLE = {
    "attribute[WHERE]": "roadway",
    "description": "Deep",
    "address": "Somewhere",
    "first_name": "Ana",
    "phone": "215 555 0100",
    "key": "one",
    "do": "file",
}


def begin(client: Client, **sent: str) -> Interaction:
    assert client.post("/console/begin/", {"channel": "phone", **sent}).status_code == 302
    return Interaction.objects.latest("id")


@pytest.mark.parametrize("role", [Role.WORKER, Role.EDITOR, Role.DIRECTOR, Role.RESIDENT])
def test_who_is_not_an_agent_stays_outside(role: Role, signed_in: Console) -> None:
    client = signed_in(role, "streets" if role is Role.WORKER else None)
    assert client.get("/console/").status_code == 403
    assert client.post("/console/begin/").status_code == 403
    assert not Interaction.objects.exists()


def test_nobody_is_asked_to_sign_in(city: City) -> None:
    answer = Client(HTTP_HOST=f"{city.slug}.example").get("/console/")
    assert (answer.status_code, "/sign-in/" in answer["Location"]) == (302, True)


def test_an_agent_lands_on_the_console_and_a_worker_at_the_desk(
    city: City, signed_in: Console
) -> None:
    from tests.support.fixtures import PASSWORD

    for role, department, lands in (
        (Role.AGENT, "center", "/console/"),
        (Role.WORKER, "streets", "/desk/"),
    ):
        email = signed_in(role, department).user.email  # type: ignore[attr-defined]
        client = Client(HTTP_HOST=f"{city.slug}.example")
        answer = client.post(
            "/desk/sign-in/?next=/desk/", {"username": email, "password": PASSWORD}
        )
        assert answer["Location"] == lands


def test_supervisors_see_everybodys_contacts_and_agents_do_not(
    agent_client: Client, signed_in: Console
) -> None:
    begin(agent_client)
    assert agent_client.get("/console/interactions/").status_code == 403
    supervisor = signed_in(Role.SUPERVISOR, "center")
    assert "Ada" in supervisor.get("/console/interactions/").content.decode()
    nothing = supervisor.get("/console/interactions/?day=2020-01-01").content.decode()
    assert "No contacts fit." in nothing
    for broken in ("?day=x", "?agent=x", "?before=x-y", "?before=9-9", "?code=x&channel=x"):
        assert supervisor.get(f"/console/interactions/{broken}").status_code == 200


def test_pages_of_contacts_follow_each_other(agent_client: Client, signed_in: Console) -> None:
    now = timezone.now()
    Interaction.objects.bulk_create(
        Interaction(channel="phone", offered_at=now - timedelta(minutes=at // 2), note=str(at))
        for at in range(70)
    )
    client = signed_in(Role.SUPERVISOR, "center")
    first = client.get("/console/interactions/")
    second = client.get("/console/interactions/" + first.context["older_url"])
    seen = [row["id"] for page in (first, second) for row in page.context["rows"]]
    assert (len(seen), len(set(seen)), second.context["older_url"]) == (70, 70, "")


def test_who_waits_is_taken_and_known_by_the_number(
    agent_client: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case(reporter=Reporter(name="Ana Ruiz", phone="215 555 0100", language="es"))
    line.offer(channel=Channel.PHONE, address="+12155550100")
    assert "1 caller waits" in agent_client.get("/console/line/").content.decode()
    agent_client.post("/console/take/")
    page = agent_client.get("/console/").content.decode()
    assert "Ana Ruiz" in page
    assert case.number in page
    assert "(215) 555-0100" in page
    call = Interaction.objects.get()
    assert (call.contact_id, call.language) == (case.contact_id, "es")
    # Somebody quicker took the next one: no error, a word.
    agent_client.post(f"/console/call/{call.pk}/code/", {"disposition": "status"})
    again = agent_client.post("/console/take/", follow=True)
    assert "Nobody is waiting." in again.content.decode()


def test_one_search_finds_services_answers_offices_and_cases(
    agent_client: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    make_article()
    call = begin(agent_client)
    for query, found in (
        ("pothole", "/console/services/POTHOLE/"),
        ("bache", "/console/services/POTHOLE/"),
        ("trash day", "/console/answers/trash-day/"),
        (case.number, f"/console/cases/{case.number}/"),
    ):
        Interaction.objects.filter(pk=call.pk).update(language="es")
        for headers in (HTMX, {}):
            answer = agent_client.post("/console/search/", {"q": query}, headers=headers)
            assert found in answer.content.decode(), query
    nothing = agent_client.post("/console/search/", {"q": "xyzzyq"}, headers=HTMX)
    assert "Nothing fits" in nothing.content.decode()
    assert agent_client.get("/console/search/?q=pothole").status_code == 302
    assert agent_client.post("/console/search/", {"q": "x" * 5000}).status_code == 200


def test_another_citys_case_is_not_found(
    agent_client: Client, other_city: City, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    with city_scope(other_city.pk):
        Case.objects.filter(number=case.number).delete()
    number = "9999999"
    assert agent_client.get(f"/console/cases/{number}/").status_code == 404
    assert agent_client.get("/console/answers/trash-day/").status_code == 404
    assert agent_client.get("/console/services/NOTHING/").status_code == 404
    assert agent_client.post("/console/call/999999/end/").status_code == 404
    assert agent_client.post("/console/call/999999/nonsense/").status_code == 404


def test_a_request_is_filed_without_a_script_and_read_out(agent_client: Client) -> None:
    call = begin(agent_client, address="215 555 0100", language="es")
    form = agent_client.get("/console/services/POTHOLE/").content.decode()
    assert "¿En qué parte de la calle está?" in form
    wrong = agent_client.post("/console/services/POTHOLE/", POTHOLE | {"attribute[WHERE]": ""})
    assert (wrong.status_code, Case.objects.count()) == (400, 0)
    filed = agent_client.post("/console/services/POTHOLE/", POTHOLE)
    again = agent_client.post("/console/services/POTHOLE/", POTHOLE)
    case = Case.objects.get()
    assert filed["Location"] == again["Location"] == f"/console/cases/{case.number}/"
    page = agent_client.get(filed["Location"]).content.decode()
    assert in_groups(case.number) in page
    assert "Streets takes care of it." in page
    assert (case.channel, case.language, case.source) == ("phone", "es", "console")
    assert InteractionCase.objects.get().interaction_id == call.pk


def test_nothing_is_filed_without_a_call(agent_client: Client) -> None:
    page = agent_client.get("/console/services/POTHOLE/").content.decode()
    assert "begin a call or a visit first" in page
    assert agent_client.post("/console/services/POTHOLE/", POTHOLE).status_code == 409
    assert not Case.objects.exists()


def test_triage_follows_the_answers(agent_client: Client) -> None:
    begin(agent_client)
    sent = {"attribute[WHERE]": "gas", "do": "check"}
    for headers in (HTMX, {}):
        answer = agent_client.post("/console/services/POTHOLE/", sent, headers=headers)
        assert "Stop: this is for 911" in answer.content.decode()
    refer = agent_client.post(
        "/console/services/POTHOLE/", {"attribute[WHERE]": "private"}, headers=HTMX
    ).content.decode()
    assert "The owner is responsible for it." in refer
    assert not Diversion.objects.exists()
    stopped = agent_client.post("/console/services/POTHOLE/", POTHOLE | sent | {"do": "file"})
    assert "Stop: this is for 911" in stopped.content.decode()
    assert (Case.objects.count(), Diversion.objects.count()) == (0, 1)


def test_the_emergency_key_works_with_nobody_on_the_line(agent_client: Client) -> None:
    agent_client.post("/console/emergency/", {"place": "5 Oak Street"})
    agent_client.post("/console/emergency/", {"place": "7 Oak Street"})
    page = agent_client.get("/console/emergency/").content.decode()
    assert "7 Oak Street" in page
    assert (Handover.objects.count(), Diversion.objects.count()) == (1, 1)
    assert (Interaction.objects.count(), Case.objects.count()) == (1, 0)


def test_an_inquiry_in_one_key(agent_client: Client) -> None:
    CenterRules.objects.update(inquiry_service=Service.objects.get(code="QUESTION"))
    make_article()
    call = begin(agent_client)
    page = agent_client.get("/console/answers/trash-day/").content.decode()
    assert 'name="article" value="trash-day"' in page
    coded = {"disposition": "information", "article": "trash-day"}
    agent_client.post(f"/console/call/{call.pk}/code/", coded)
    call.refresh_from_db()
    inquiry = Case.objects.get()
    assert (inquiry.kind, inquiry.state, inquiry.due_at) == ("inquiry", "closed", None)
    assert call.ended_at is not None
    page = agent_client.get("/console/").content.decode()
    assert "After-call work" in page
    agent_client.post(f"/console/call/{call.pk}/wrap/", {"note": "Kind."})
    assert "Nobody is waiting." in agent_client.get("/console/").content.decode()


def test_an_article_read_before_passing_on_is_no_answer(agent_client: Client) -> None:
    CenterRules.objects.update(inquiry_service=Service.objects.get(code="QUESTION"))
    make_article()
    call = begin(agent_client)
    coded = {"disposition": "transfer", "article": "trash-day"}
    agent_client.post(f"/console/call/{call.pk}/code/", coded)
    assert not Case.objects.exists()


def test_a_case_on_the_page_was_asked_about(
    agent_client: Client, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    call = begin(agent_client)
    page = agent_client.get(f"/console/cases/{case.number}/").content.decode()
    assert "who have not started yet" in page
    agent_client.post(
        f"/console/call/{call.pk}/code/", {"disposition": "status", "case": case.number}
    )
    assert InteractionCase.objects.get().tie == "asked"


def test_the_caller_is_passed_on(agent_client: Client) -> None:
    call = begin(agent_client)
    assert agent_client.get("/console/pass-on/?q=streets").status_code == 200
    assert agent_client.post("/console/pass-on/", {"kind": "cold"}).status_code == 400
    assert agent_client.post("/console/pass-on/", {"kind": "x", "name": "Y"}).status_code == 400
    agent_client.post("/console/pass-on/", {"kind": "warm", "to": "department:streets"})
    made = Handover.objects.get()
    assert (made.to_name, made.department is not None, made.kind) == ("Streets", True, "warm")
    agent_client.post("/console/pass-on/", {"kind": "cold", "name": "Gas", "phone": "555"})
    call.refresh_from_db()
    assert call.ended_at is not None


def test_a_call_back_is_promised_taken_and_kept(agent_client: Client) -> None:
    call = begin(agent_client, address="215 555 0100")
    assert agent_client.post("/console/call-back/", {"phone": ""}).status_code == 400
    said = agent_client.post("/console/call-back/", {"phone": "215 555 0100", "about": "permit"})
    assert "We will call you back on" in said.content.decode()
    agent_client.post(f"/console/call/{call.pk}/code/", {"disposition": "call_back"})
    queue = agent_client.get("/console/call-backs/").content.decode()
    assert "permit" in queue
    row = CallBack.objects.get()
    agent_client.post(f"/console/call-backs/{row.pk}/take/")
    assert "You are calling back" in agent_client.get("/console/").content.decode()
    agent_client.post(f"/console/call-backs/{row.pk}/reached/")
    row.refresh_from_db()
    assert row.done_at is not None
    assert agent_client.post(f"/console/call-backs/{row.pk}/nonsense/").status_code == 404


def test_three_uncoded_contacts_are_coded_on_ones_own_page(agent_client: Client) -> None:
    for _call in range(3):
        call = begin(agent_client)
        agent_client.post(f"/console/call/{call.pk}/end/")
        agent_client.post(f"/console/call/{call.pk}/wrap/")
    page = agent_client.get("/console/").content.decode()
    assert "3 contacts of yours are not coded yet." in page
    assert agent_client.post("/console/state/", {"state": "ready"}).status_code == 409
    mine = agent_client.get("/console/mine/")
    for row in mine.context["rows"]:
        agent_client.post(f"/console/mine/{row['id']}/", {"disposition": "status"})
    assert not Interaction.objects.filter(disposition=None).exists()
    agent_client.post(f"/console/call/{call.pk}/wrap/")
    assert agent_client.post("/console/state/", {"state": "break"}).status_code == 302


def test_who_calls_is_written_down(agent_client: Client, file_case: Callable[..., Case]) -> None:
    known = file_case(reporter=Reporter(name="Ana", phone="215 555 0100")).contact_id
    file_case(reporter=Reporter(name="Bob", phone="215 555 0100"))
    call = begin(agent_client)
    sent = {
        "address": "(215) 555-0100",
        "language": "es",
        "needs_interpreter": "on",
        "channel": "walk_in",
        "contact": str(known),
        "back": "/console/services/POTHOLE/",
    }
    answer = agent_client.post(f"/console/call/{call.pk}/caller/", sent)
    call.refresh_from_db()
    assert answer["Location"] == "/console/services/POTHOLE/"
    assert (call.address, call.language, call.needs_interpreter, call.channel) == (
        "+12155550100",
        "es",
        True,
        "walk_in",
    )
    assert call.contact_id == known
    for back in ("https://evil.example/", "//evil.example", "/console/../desk/", "/desk/"):
        answer = agent_client.post(f"/console/call/{call.pk}/hold/", {"back": back})
        assert answer["Location"] == "/console/"
    for broken in ({"language": "tlh"}, {"address": "1" * 50}, {"contact": "987654321"}):
        answer = agent_client.post(f"/console/call/{call.pk}/caller/", broken)
        assert answer.status_code in {400, 404}


def test_a_city_without_codes_still_works(agent_client: Client) -> None:
    Disposition.objects.all().delete()
    call = begin(agent_client)
    assert "contact_center.yaml" in agent_client.get("/console/").content.decode()
    assert (
        agent_client.post(f"/console/call/{call.pk}/code/", {"disposition": "x"}).status_code == 400
    )


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.parametrize("path", ["/console/", "/console/mine/", "/console/call-backs/"])
def test_a_page_costs_the_same_with_a_long_history(
    path: str, agent_client: Client, file_case: Callable[..., Case]
) -> None:
    reporter = Reporter(name="Ana", phone="215 555 0100")
    file_case(reporter=reporter)

    def one_more() -> None:
        call = begin(agent_client, address="215 555 0100")
        agent_client.post("/console/call-back/", {"phone": "215 555 0100"})
        number = Case.objects.latest("id").number
        coded = {"disposition": "status", "case": number}
        agent_client.post(f"/console/call/{call.pk}/code/", coded)

    one_more()
    begin(agent_client, address="215 555 0100")
    _queries(agent_client, path)
    before = _queries(agent_client, path)
    agent_client.post(
        f"/console/call/{Interaction.objects.latest('id').pk}/code/", {"disposition": "status"}
    )
    for _more in range(4):
        file_case(reporter=reporter)
        one_more()
    begin(agent_client, address="215 555 0100")
    assert _queries(agent_client, path) == before <= 24
