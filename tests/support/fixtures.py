"""Five people and two cities (style: one fixture per role, named as in the words table)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.kernel.ids import digest
from lamppost.people.actors import ANONYMOUS, Actor, actor_of
from lamppost.people.choices import Role
from lamppost.people.models import ApiKey, Department, Membership, User
from tests.support.cities import make_city

PASSWORD = "a-good-password-for-tests"
API_KEY = "test-key"


@pytest.fixture
def city(db: None) -> Iterator[City]:
    """A city, in scope."""
    made = make_city("springfield")
    with city_scope(made.pk):
        yield made


@pytest.fixture
def other_city(db: None) -> City:
    """Another city, not in scope: its numbers overlap the first one's."""
    return make_city("shelbyville", zone="Europe/Berlin")


@pytest.fixture
def person(city: City) -> Callable[..., User]:
    """Make a member of staff of ``city``: ``person(Role.WORKER, "streets")``."""

    def make(role: Role, department: str | None = None, name: str = "") -> User:
        user = User(email=f"{role}-{department or ''}{name}@staff.example", name=name or str(role))
        user.set_password(PASSWORD)
        user.save()
        Membership.objects.create(
            user=user,
            role=role,
            department=Department.objects.get(code=department) if department else None,
        )
        return user

    return make


@pytest.fixture
def actor(person: Callable[..., User]) -> Callable[..., Actor]:
    """Make a person and return them as an actor: ``actor(Role.WORKER, "streets")``."""

    def make(role: Role, department: str | None = None, name: str = "") -> Actor:
        return actor_of(person(role, department, name))

    return make


@pytest.fixture
def worker(actor: Callable[..., Actor]) -> Actor:
    """A worker of the streets department."""
    return actor(Role.WORKER, "streets")


@pytest.fixture
def agent(actor: Callable[..., Actor]) -> Actor:
    """A call-taker of the 311 center."""
    return actor(Role.AGENT, "center")


@pytest.fixture
def api_key(city: City) -> ApiKey:
    """A program's key, ``API_KEY``."""
    return ApiKey.objects.create(
        name="App", key_digest=digest(API_KEY), per_minute=1000, created_at=timezone.now()
    )


@pytest.fixture
def file_case(city: City) -> Callable[..., Case]:
    """File a pothole through intake and return the case; keywords change the report."""

    def make(actor: Actor = ANONYMOUS, **changes: Any) -> Case:
        fields: dict[str, Any] = {
            "service_code": "POTHOLE",
            "channel": Channel.WEB,
            "description": "A deep hole",
            "answers": {"WHERE": ("roadway",)},
            "point": Point(-75.1636, 39.9526),
        }
        filed = submit(Report(**(fields | changes)), actor=actor)
        return Case.objects.get(pk=filed.case_id)

    return make
