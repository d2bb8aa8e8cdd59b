"""Numbers and providers at the desk: refusals first; a secret goes in and never comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.vault import opened
from lamppost.notify.models import Gateway
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry

GOOD = {
    "kind": "sms",
    "provider": "twilio",
    "address": "(215) 555-0311",
    "account": "AC123",
    "secret": "a-token-of-the-account",
}
NEW = "/desk/gateways/new/"


@pytest.fixture
def desk(city: City, person: Any, static_files: Path) -> Any:
    def sign_in(role: Role = Role.ADMIN, department: str | None = None) -> Client:
        client = Client(HTTP_HOST="springfield.example")
        client.force_login(person(role, department))
        return client

    return sign_in


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.SUPERVISOR, "center"), (Role.DIRECTOR, None), (Role.MANAGER, "streets")],
)
def test_other_roles_neither_see_nor_set(desk: Any, role: Role, department: str | None) -> None:
    client = desk(role, department)
    assert client.get("/desk/gateways/").status_code == 403
    assert client.post(NEW, GOOD).status_code == 403
    assert not Gateway.objects.exists()


# What is entered, and the field that is refused.
WRONG = [
    ({"address": "not a number"}, "address", "no number"),
    ({"kind": "pigeon"}, "kind", "no such kind"),
    ({"secret": "short"}, "secret", "a guessable token"),
    ({"account": "a b"}, "account", "no account's name"),
    ({"endpoint": "http://10.0.0.1/"}, "endpoint", "an address inside"),
    ({"provider": "stand_in"}, "provider", "the stand-in in a real city"),
    ({"kind": "email", "provider": "lmtp", "address": "215-555-0311"}, "address", "no mailbox"),
]


@pytest.mark.parametrize(("changes", "field", "why"), WRONG)
def test_what_is_wrong_is_said_at_its_field(
    desk: Any, changes: dict[str, str], field: str, why: str
) -> None:
    answer = desk().post(NEW, GOOD | changes)
    assert answer.status_code == 400, why
    wrong = [one["name"] for one in answer.context["fields"] if one["errors"]]
    assert wrong == [field], why
    assert not Gateway.objects.exists()


def test_an_account_is_entered_changed_and_switched_off(desk: Any) -> None:
    client = desk()
    assert client.post(NEW, GOOD)["Location"] == "/desk/gateways/"
    row = Gateway.objects.get()
    assert (row.address, opened(row.secret)) == ("+12155550311", GOOD["secret"])
    assert GOOD["secret"] not in row.secret
    page = client.get(f"/desk/gateways/{row.pk}/").content.decode()
    assert GOOD["secret"] not in page
    assert row.secret not in page
    client.post(f"/desk/gateways/{row.pk}/", GOOD | {"secret": "", "account": "AC9"})
    row.refresh_from_db()
    assert (row.account, opened(row.secret)) == ("AC9", GOOD["secret"])
    for _time in range(2):
        client.post(f"/desk/gateways/{row.pk}/off/")
    row.refresh_from_db()
    assert not row.is_active
    assert AuditEntry.objects.filter(what="setting").count() == 3
    assert "secret" not in " ".join(AuditEntry.objects.values_list("detail", flat=True))


def test_the_same_number_twice_is_refused(desk: Any) -> None:
    client = desk()
    client.post(NEW, GOOD)
    assert client.post(NEW, GOOD).status_code == 409
    assert Gateway.objects.count() == 1


def test_another_citys_account_is_not_there(desk: Any, other_city: City) -> None:
    with city_scope(other_city.pk):
        theirs = Gateway.objects.create(kind="sms", address="+12155550999")
    client = desk()
    assert client.get(f"/desk/gateways/{theirs.pk}/").status_code == 404
    assert client.post(f"/desk/gateways/{theirs.pk}/off/").status_code == 404
    assert "0999" not in client.get("/desk/gateways/").content.decode()


def test_a_demo_may_have_the_stand_in(desk: Any, city: City) -> None:
    City.objects.filter(pk=city.pk).update(is_demo=True)
    forget_cities()
    assert desk().post(NEW, GOOD | {"provider": "stand_in"}).status_code == 302
