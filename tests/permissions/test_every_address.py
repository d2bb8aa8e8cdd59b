"""Every address, by every method, as everybody: nobody, each role, staff of another city.

Who gets through stands in ``addresses.py``. What happens to single cases behind the door is in
``test_desk_matrix.py`` and beside the services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.choices import Role
from lamppost.people.models import Department, Membership, User
from tests.permissions.addresses import (
    ANSWER_ANY,
    ANSWER_OPTIONS,
    NOBODY,
    STRANGER,
    TABLE,
    At,
)
from tests.permissions.walking import METHODS, Address, Answer, addresses, ask

pytestmark = pytest.mark.django_db
_IN_A_DEPARTMENT = {Role.WORKER: "streets", Role.MANAGER: "streets"}
PEOPLE = [NOBODY, STRANGER, *(role.value for role in Role)]


@pytest.fixture
def case(file_case: object) -> Case:
    """A case of the streets department, for addresses that name one."""
    return file_case()  # type: ignore[operator, no-any-return]


@pytest.fixture(autouse=True)
def _plain_static(settings: object) -> None:
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def client_of(who: str, city: City, other_city: City) -> Client:
    """A browser of somebody at ``city``: a role of its own, or another city's administrator."""
    client = Client(HTTP_HOST=f"{city.slug}.example", raise_request_exception=False)
    if who == NOBODY:
        return client
    role, home = (Role.ADMIN, other_city) if who == STRANGER else (Role(who), city)
    user = User.objects.create(email=f"{who}@walk.example", name=who)
    with city_scope(home.pk):
        code = _IN_A_DEPARTMENT.get(role)
        department = Department.objects.get(code=code) if code else None
        Membership.objects.create(user=user, role=role, department=department)
    client.force_login(user)
    return client


def values_for(address: Address, case: Case) -> dict[str, str]:
    """What stands in for the placeholders: things there are, where we know some."""
    values = {"code": "POTHOLE", "service": "POTHOLE", "department": "streets"}
    if re.search(r"(?<!P)<(str:)?number>", address.route):
        values["number"] = case.number
    return values


def wrong(address: Address, method: str, line: At, who: str, answer: Answer) -> str:
    """What is wrong with an answer; '' for the one expected."""
    expected = line.post if method == "POST" else line.get
    if answer.status >= 500 and answer.status != 503:
        return f"{answer.status}"
    if expected is None:
        return "" if answer.status == 405 else f"{answer.status}, but it is not in the table"
    if who in expected:
        return "" if answer.let_in else f"{answer.status} instead of letting through"
    if answer.let_in:
        return f"{answer.status}: let through"
    # A refused program is no person whose denial would be kept.
    is_known = who != NOBODY and bool(expected)
    if answer.status == 403 and is_known and not answer.kept:
        return "refused, but no denial was kept"
    return ""


def test_every_address_has_its_line_and_no_line_is_left_over() -> None:
    names = {address.name for address in addresses()}
    missing = "\n".join(f'    "{name}": at(DESK),' for name in sorted(names - set(TABLE)))
    assert not missing, f"add to TABLE in tests/permissions/addresses.py, who may:\n{missing}"
    assert not set(TABLE) - names, "these addresses are gone: take their lines out"


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_through(who: str, city: City, other_city: City, case: Case) -> None:
    client = client_of(who, city, other_city)
    surprises = []
    for address in addresses():
        line = TABLE.get(address.name)
        if line is None:
            continue  # the test above says so
        if line.is_open and who not in {NOBODY, STRANGER, Role.ADMIN}:
            continue  # three people are enough to see that a door is open to all
        path = address.path(values_for(address, case))
        for method in ("GET", "POST"):
            problem = wrong(address, method, line, who, ask(client, method, path))
            if problem:
                surprises.append(f"{address.name} {method} {path}: {problem}")
    assert surprises == []


def _others(address: Address) -> Iterator[str]:
    if address.name in ANSWER_ANY:
        return
    for method in METHODS:
        if method in {"GET", "POST", "HEAD"}:
            continue
        if method in {"OPTIONS", "PUT"} and address.name in ANSWER_OPTIONS:
            continue
        yield method


@pytest.mark.parametrize("who", [NOBODY, "admin"])
def test_no_address_answers_other_methods(
    who: str, city: City, other_city: City, case: Case
) -> None:
    client = client_of(who, city, other_city)
    surprises = []
    for address in addresses():
        path = address.path(values_for(address, case))
        for method in _others(address):
            status = ask(client, method, path).status
            if status not in {405, 404}:
                surprises.append(f"{address.name} {method} {path}: {status}")
    assert surprises == []


def test_the_walk_would_notice_an_open_door(city: City, other_city: City, case: Case) -> None:
    """The walk itself is tried on a line that says too little and one that says too much."""
    client = client_of("worker", city, other_city)
    address = next(one for one in addresses() if one.name == "desk:mine")
    answer = ask(client, "GET", address.path({}))
    assert wrong(address, "GET", At(get=frozenset()), "worker", answer) == "200: let through"
    address = next(one for one in addresses() if one.name == "desk:audit")
    answer = ask(client, "GET", address.path({}))
    assert (answer.status, answer.kept) == (403, True)
    everybody = frozenset({"worker"})
    assert "instead" in wrong(address, "GET", At(get=everybody), "worker", answer)
