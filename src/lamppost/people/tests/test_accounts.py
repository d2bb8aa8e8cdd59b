"""Accounts: who may make them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Membership, User
from lamppost.people.services import create_account, make_administrator, set_password

pytestmark = pytest.mark.django_db
GOOD = {
    "email": "New@Staff.example",
    "name": "New Person",
    "role": Role.WORKER,
    "department_code": "streets",
}


def _make(actor: Actor = SYSTEM, password: str = "a-good-long-one", **changes: Any) -> User:
    return create_account(actor=actor, ask_password=lambda: password, **{**GOOD, **changes})


def test_an_account_gets_its_role_and_department(city: City) -> None:
    user = _make()
    assert user.email == "new@staff.example"
    assert user.check_password("a-good-long-one")
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.department.code) == ("worker", "streets")  # type: ignore[union-attr]
    entry = AuditEntry.objects.get()
    assert (entry.label, entry.detail) == (f"account {user.pk}", "worker")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_make_accounts(role: Role, actor: Callable[..., Actor]) -> None:
    with pytest.raises(Forbidden):
        _make(actor(role))
    assert not User.objects.filter(email="new@staff.example").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no"}, "email"),
        ({"email": "\x00"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"department_code": ""}, "department"),
        ({"department_code": "nowhere"}, "department"),
        ({"role": Role.ADMIN, "department_code": "nowhere"}, "department"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str, city: City) -> None:
    with pytest.raises(Invalid) as refused:
        _make(**changes)
    assert field in {problem.field for problem in refused.value.problems}
    assert not User.objects.exists()


def test_nobody_is_a_member_twice(city: City) -> None:
    _make()
    with pytest.raises(Conflict):
        _make(email="NEW@staff.example")


def test_somebody_known_from_another_city_keeps_their_password(
    city: City, other_city: City
) -> None:
    """The administrator of one city must not be able to take over an account of another."""
    with city_scope(other_city.pk):
        user = _make()
    again = _make(password="another-long-one", name="Somebody Else")
    assert again.pk == user.pk
    again.refresh_from_db()
    assert again.check_password("a-good-long-one")
    assert again.name == "New Person"


def test_passwords_of_others_only_by_the_administrator_of_their_city(
    city: City, other_city: City, actor: Callable[..., Actor]
) -> None:
    worker, admin = actor(Role.WORKER, "streets"), actor(Role.ADMIN)
    with city_scope(other_city.pk):
        stranger = _make(email="far@away.example")
    assert worker.user_id is not None
    assert admin.user_id is not None
    with pytest.raises(Forbidden):
        set_password(user_id=admin.user_id, password="a-good-long-one", actor=worker)
    with pytest.raises(NotFound):
        set_password(user_id=stranger.pk, password="another-long-one", actor=admin)
    changed = set_password(user_id=worker.user_id, password="another-long-one", actor=admin)
    assert changed.check_password("another-long-one")


# -- the first administrator


def _not_asked() -> str:
    raise AssertionError("a known account keeps its password: nobody is asked for one")


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [("rosa", "a long and odd one", "email"), ("rosa@city.example", "short", "password")],
)
def test_a_wrong_address_or_a_weak_password_makes_no_administrator(
    email: str, password: str, field: str, city: City
) -> None:
    with pytest.raises(Invalid) as refused:
        make_administrator(email=email, name="Rosa Diaz", ask_password=lambda: password)
    assert {one.field for one in refused.value.problems} == {field}
    assert not User.objects.filter(email__startswith="rosa").exists()


def test_the_first_administrator_can_sign_in_and_is_on_record(city: City) -> None:
    user = make_administrator(
        email=" Rosa@City.example ", name="", ask_password=lambda: "a long and odd one"
    )
    assert (user.email, user.name) == ("rosa@city.example", "rosa")
    assert user.check_password("a long and odd one")
    assert Membership.objects.get(user=user).role == Role.ADMIN
    assert AuditEntry.objects.get().label == f"account {user.pk}"


def test_somebody_known_becomes_administrator_and_keeps_the_password(
    actor: Callable[..., Actor], city: City
) -> None:
    worker = User.objects.get(pk=actor(Role.WORKER, "streets").user_id)
    before = worker.password
    made = make_administrator(email=worker.email, name="Else", ask_password=_not_asked)
    assert (made.pk, made.password, made.name) == (worker.pk, before, worker.name)
    membership = Membership.objects.get(user=worker)
    assert (membership.role, membership.department_id) == (Role.ADMIN, None)
