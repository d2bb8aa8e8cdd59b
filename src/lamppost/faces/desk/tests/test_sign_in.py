"""The door: right and wrong passwords, guessers, strangers, leaving."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from tests.support.fixtures import PASSWORD

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.choices import Role
from lamppost.people.models import Membership, RateWindow, User
from lamppost.people.sign_in import MAX_FAILURES, MAX_FAILURES_OF_ADDRESS

pytestmark = pytest.mark.django_db
URL = "/desk/sign-in/"


def _try(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(URL, {"username": email, "password": password, **more})


def test_the_right_password_opens_with_a_new_session(
    visitor: Client, person: Callable[..., User]
) -> None:
    user = person(Role.WORKER, "streets")
    visitor.get(URL)
    visitor.session["x"] = 1
    before = visitor.session.session_key
    response = _try(visitor, user.email.upper())
    assert response.status_code == 302  # type: ignore[attr-defined]
    assert response["Location"] == "/desk/"  # type: ignore[index]
    assert visitor.session[SESSION_KEY] == str(user.pk)
    assert visitor.session.session_key != before


def test_back_to_the_page_asked_for_and_never_to_another_site(
    visitor: Client, person: Callable[..., User]
) -> None:
    user = person(Role.WORKER, "streets")
    inside = _try(visitor, user.email, next="/desk/mine/")
    assert inside["Location"] == "/desk/mine/"  # type: ignore[index]
    outside = _try(visitor, user.email, next="https://evil.example/")
    assert outside["Location"] == "/desk/"  # type: ignore[index]


def test_wrong_password_and_unknown_account_sound_alike(
    visitor: Client, person: Callable[..., User]
) -> None:
    user = person(Role.WORKER, "streets")
    wrong = _try(visitor, user.email, "nope")
    unknown = _try(visitor, "nobody@staff.example", "nope")
    for response in (wrong, unknown):
        assert response.status_code == 400  # type: ignore[attr-defined]
        assert b"E-mail or password is wrong." in response.content  # type: ignore[attr-defined]
        assert b"nope" not in response.content  # type: ignore[attr-defined]


def test_guessing_is_slowed_down_even_for_the_right_password(
    visitor: Client, person: Callable[..., User], city: City
) -> None:
    user = person(Role.WORKER, "streets")
    for _ in range(MAX_FAILURES):
        assert _try(visitor, user.email, "nope").status_code == 400  # type: ignore[attr-defined]
    blocked = _try(visitor, user.email)
    assert blocked.status_code == 429  # type: ignore[attr-defined]
    assert SESSION_KEY not in visitor.session
    elsewhere = Client(HTTP_HOST=f"{city.slug}.example", REMOTE_ADDR="203.0.113.9")
    assert _try(elsewhere, user.email).status_code == 302  # type: ignore[attr-defined]


def test_one_address_cannot_go_through_many_accounts(
    visitor: Client, person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamppost.people.sign_in.MAX_FAILURES_OF_ADDRESS", 3)
    assert MAX_FAILURES_OF_ADDRESS > MAX_FAILURES
    for number in range(3):
        _try(visitor, f"a{number}@staff.example", "nope")
    user = person(Role.WORKER, "streets")
    assert _try(visitor, user.email).status_code == 429  # type: ignore[attr-defined]


def test_success_starts_the_count_anew(visitor: Client, person: Callable[..., User]) -> None:
    user = person(Role.WORKER, "streets")
    for _ in range(MAX_FAILURES - 1):
        _try(visitor, user.email, "nope")
    _try(visitor, user.email)
    assert _try(visitor, user.email, "nope").status_code == 400  # type: ignore[attr-defined]


def test_the_counter_names_nobody(visitor: Client) -> None:
    _try(visitor, "somebody@staff.example", "nope")
    assert not RateWindow.objects.filter(subject__contains="somebody").exists()


def test_an_account_of_another_city_is_refused_politely(visitor: Client, other_city: City) -> None:
    user = User(email="s@shelbyville.example", name="S")
    user.set_password(PASSWORD)
    user.save()
    with city_scope(other_city.pk):
        Membership.objects.create(user=user, role=Role.ADMIN)
    response = _try(visitor, user.email)
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert b"You have no account in this city." in response.content  # type: ignore[attr-defined]
    assert SESSION_KEY not in visitor.session


@pytest.mark.parametrize(
    "data",
    [
        {}, {"username": "x"}, {"username": "\x00", "password": "\x00"},
        {"username": "a" * 5000, "password": "b" * 5000},
        {"username": "<script>", "password": "x"},
        {"username": "'; --@x.example", "password": "x"},
        {"username": "😀@x.example", "password": "😀"},
    ],
)  # fmt: skip
def test_strange_input_is_refused_in_words(data: dict[str, str], visitor: Client) -> None:
    response = visitor.post(URL, data)
    assert response.status_code == 400
    assert b"<script>" not in response.content


def test_leaving_needs_a_post(worker_client: Client) -> None:
    assert worker_client.get("/desk/sign-out/").status_code == 405
    assert worker_client.post("/desk/sign-out/").status_code == 302
    assert SESSION_KEY not in worker_client.session


@pytest.mark.parametrize(
    ("old", "new", "repeated", "words"),
    [
        ("wrong", "a-much-better-one", "a-much-better-one", "not your present password"),
        (PASSWORD, "a-much-better-one", "another-one-here", "not the same"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "password123", "password123", "too common"),
    ],
)
def test_a_weak_or_unproven_password_is_refused(
    old: str, new: str, repeated: str, words: str, worker_client: Client
) -> None:
    data = {"old_password": old, "password": new, "repeated": repeated}
    response = worker_client.post("/desk/password/", data)
    assert response.status_code == 400
    assert words in response.content.decode()
    user = User.objects.get(pk=worker_client.user.pk)  # type: ignore[attr-defined]
    assert user.check_password(PASSWORD)


def test_a_new_password_keeps_this_session(worker_client: Client) -> None:
    data = {
        "old_password": PASSWORD,
        "password": "a-much-better-one",
        "repeated": "a-much-better-one",
    }
    assert worker_client.post("/desk/password/", data).status_code == 302
    assert worker_client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.RESIDENT, "This is for the city&#x27;s staff"),
        (Role.LIAISON, "This is for the city&#x27;s staff"),
        (Role.COUNCIL, "Your role works without the desk"),
    ],
)
def test_others_land_on_an_explanation(
    role: Role, words: str, signed_in: Callable[..., Client]
) -> None:
    response = signed_in(role).get("/desk/")
    assert response.status_code == 403
    page = response.content.decode()
    assert words in page.replace("city's", "city&#x27;s")
    assert "Go to the front page" in page
