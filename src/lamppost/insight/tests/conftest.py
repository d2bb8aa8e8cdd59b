"""Who meets, and about what: shared by the tests of reviews and stat meetings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.cities.models import City
from lamppost.insight.models import (
    Review,
)
from lamppost.insight.services import reviews
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.sla.models import Agreement

MakeActor = Callable[..., Actor]


@pytest.fixture
def director(actor: MakeActor) -> Actor:
    """The director of the 311 center."""
    return actor(Role.DIRECTOR, name="Dana")


@pytest.fixture
def manager(actor: MakeActor) -> Actor:
    """The manager of the streets department."""
    return actor(Role.MANAGER, "streets", "Max")


@pytest.fixture
def agreement(city: City) -> Agreement:
    """The agreement on potholes, in force since 2015."""
    return Agreement.objects.get(service__code="POTHOLE")


@pytest.fixture
def review(agreement: Agreement) -> Review:
    """The review of the agreement on potholes, open."""
    reviews.open_due_reviews()
    return Review.objects.get(subject__agreement=agreement)
