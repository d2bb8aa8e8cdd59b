"""Filing for somebody else, and finding cases again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lamppost.cases.models import Case, Diversion
from lamppost.cases.reports import Reporter
from lamppost.people.choices import Role

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]

GOOD = {
    "service": "POTHOLE",
    "channel": "phone",
    "attribute[WHERE]": "roadway",
    "description": "A deep hole",
    "address": "12 Elm Street",
    "lat": "39.9526",
    "long": "-75.1636",
    "first_name": "Rosa Reporter",
    "phone": "(215) 555-0100",
    "language": "es",
    "may_notify": "on",
    "key": "k1",
}


@pytest.fixture
def agent_client(signed_in: Callable[..., Client]) -> Client:
    """A call-taker."""
    return signed_in(Role.AGENT, "center")


def _page(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_call_becomes_a_case_once(agent_client: Client) -> None:
    assert "How wide is it" in _page(agent_client.get("/desk/new/?service=POTHOLE"))
    for _ in range(2):  # pressed twice
        response = agent_client.post("/desk/new/", GOOD | {"checked": "1"})
        assert response.status_code == 302
    case = Case.objects.get()
    assert (case.channel, case.language, case.address) == ("phone", "es", "12 Elm Street")
    assert case.entered_by == agent_client.user  # type: ignore[attr-defined]
    assert case.contact is not None
    assert (case.contact.name, case.contact.phone) == ("Rosa Reporter", "+12155550100")
    assert case.contact.user is None


def test_cases_nearby_are_shown_before_another_is_filed(
    agent_client: Client, file_case: FileCase
) -> None:
    first = file_case()
    shown = agent_client.post("/desk/new/", GOOD)
    assert shown.status_code == 200
    assert "Is it one of these?" in _page(shown)
    assert first.number in _page(shown)
    assert "12 Elm Street" in _page(shown)
    assert Case.objects.count() == 1
    agent_client.post("/desk/new/", GOOD | {"checked": "1"})
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [("gas", "the caller must dial 911"), ("private", "The owner is responsible for it.")],
)
def test_what_is_not_for_the_city_is_said_and_not_filed(
    answer: str, words: str, agent_client: Client
) -> None:
    response = agent_client.post("/desk/new/", GOOD | {"attribute[WHERE]": answer})
    assert words in _page(response)
    assert not Case.objects.exists()
    assert Diversion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"attribute[WHERE]": ""}, 400, "Please answer: Where on the street is it?"),
        ({"attribute[WHERE]": "moon"}, 400, "Choose from the list"),
        ({"attribute[SIZE]": "wide"}, 400, "Write a number"),
        ({"channel": "pigeon"}, 400, "Choose how the report reached you."),
        ({"channel": "import"}, 400, "Choose how the report reached you."),
        ({"lat": "", "long": "", "address": ""}, 400, "Say where it is"),
        ({"lat": "91"}, 400, "between -90 and 90"),
        ({"lat": "x"}, 400, "Enter a number"),
        ({"long": ""}, 400, "Enter a number"),
        ({"email": "no"}, 400, "Write an e-mail address"),
        ({"phone": "x"}, 400, "Write a phone number"),
        ({"language": "xx"}, 400, "Choose a language"),
        ({"description": "x" * 4001}, 400, "at most 4000"),
        ({"first_name": "x" * 201}, 400, "at most 200"),
        ({"unit": "x" * 61}, 400, "at most 60"),
        ({"service": "NOPE"}, 404, "This service does not exist here."),
        ({"service": "\x00"}, 404, "This service does not exist here."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_filed(
    change: dict[str, str], status: int, words: str, agent_client: Client
) -> None:
    response = agent_client.post("/desk/new/", GOOD | {"checked": "1"} | change)
    assert response.status_code == status
    assert words in _page(response)
    assert not Case.objects.exists()
    if status == 400:
        assert "Rosa" in _page(response) or "first_name" in change


def test_search_finds_by_number_phone_mail_and_words(
    agent_client: Client, file_case: FileCase
) -> None:
    case = file_case(
        address="12 Elm Street",
        reporter=Reporter(name="Rosa", phone="+12155550100", email="rosa@mail.example"),
    )
    file_case(description="Nothing alike", point=None, address="1 Oak Lane")
    for text in (case.number, "(215) 555-0100", "+1 215 555 0100", "Rosa@Mail.example", "elm st"):
        page = _page(agent_client.get("/desk/search/", {"q": text}))
        assert f"/desk/cases/{case.number}/" in page, text
        assert "1 Oak Lane" not in page, text
        assert f"/desk/cases/{case.number}/" in _page(
            agent_client.post("/desk/search/", {"q": text})
        )


def test_who_searches_for_two_letters_is_told_what_was_searched(
    agent_client: Client, file_case: FileCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, *_others = (file_case() for _number in range(3))
    monkeypatch.setattr("lamppost.cases.selectors.words._WALK_FOR_LETTERS", 2)
    told = "only the newest 2 requests are searched"
    assert told in _page(agent_client.get("/desk/search/?q=zz"))
    for text in (case.number, "zzz", "rosa@mail.example"):
        assert told not in _page(agent_client.get("/desk/search/", {"q": text})), text


def test_search_stays_in_the_department(worker_client: Client, file_case: FileCase) -> None:
    tree = file_case(service_code="TREE", answers={}, address="12 Elm Street")
    assert tree.number not in _page(worker_client.get("/desk/search/?q=Elm"))
    assert f"cases/{tree.number}" not in _page(worker_client.get(f"/desk/search/?q={tree.number}"))


def test_who_may_not_read_contacts_does_not_find_by_them(
    signed_in: Callable[..., Client], file_case: FileCase
) -> None:
    case = file_case(reporter=Reporter(email="rosa@mail.example"))
    page = _page(signed_in(Role.DIRECTOR).get("/desk/search/?q=rosa@mail.example"))
    assert f"cases/{case.number}" not in page


@pytest.mark.parametrize("text", ["", "\x00", "%", "_", "' OR 1=1 --", "😀", "<script>", "9" * 200])
def test_strange_searches_find_nothing_and_break_nothing(
    text: str, worker_client: Client, file_case: FileCase
) -> None:
    file_case()
    response = worker_client.get("/desk/search/", {"q": text})
    assert response.status_code == 200
    assert "data-open" not in response.content.decode()
    assert b'<script>"' not in response.content


def test_a_search_too_long_to_mean_anything(worker_client: Client) -> None:
    assert worker_client.get("/desk/search/", {"q": "x" * 201}).status_code == 400


def test_thousands_of_fields_are_refused(worker_client: Client) -> None:
    fields = {f"f{number}": "x" for number in range(1500)}
    assert worker_client.post("/desk/bulk/", fields).status_code == 400
