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
from lamppost.people.models import Membership, User
from lamppost.people.services import create_account, set_password

pytestmark = pytest.mark.django_db
GOOD = {
    "email": "New@Staff.example",
    "name": "New Person",
    "password": "a-good-long-one",
    "role": Role.WORKER,
    "department_code": "streets",
}


def _make(actor: Actor = SYSTEM, **changes: Any) -> User:
    return create_account(actor=actor, **{**GOOD, **changes})


def test_an_account_gets_its_role_and_department(city: City) -> None:
    user = _make()
    assert user.email == "new@staff.example"
    assert user.check_password("a-good-long-one")
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.department.code) == ("worker", "streets")  # type: ignore[union-attr]


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
