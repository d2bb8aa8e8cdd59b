"""Water and Streets, and the work they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from lamppost.catalog.models import QuestionValue, Service
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department
from lamppost.work.choices import Begins
from lamppost.work.models import TemplateAnswer, TemplateCheck, WorkTemplate

Make = Callable[..., Any]


@pytest.fixture
def streets(city: City) -> Department:
    """The department that owns potholes."""
    return Department.objects.get(code="streets")


@pytest.fixture
def parks(city: City) -> Department:
    """Another department."""
    return Department.objects.get(code="parks")


@pytest.fixture
def parks_worker(actor: Make) -> Actor:
    """A worker of the other department."""
    return actor(Role.WORKER, "parks")


@pytest.fixture
def template(city: City) -> Callable[..., WorkTemplate]:
    """Prepare a work item: ``template("water", "parks", answer="cave-in", checks=("One",))``."""

    def make(
        code: str,
        department: str,
        *,
        service: str = "POTHOLE",
        answer: str = "",
        checks: tuple[str, ...] = (),
        begins: Begins = Begins.INTAKE,
        **more: Any,
    ) -> WorkTemplate:
        made = WorkTemplate.objects.create(
            service=Service.objects.get(code=service),
            code=code,
            order=WorkTemplate.objects.count() + 1,
            department=Department.objects.get(code=department),
            title={"en": code.title()},
            begins=begins,
            **more,
        )
        for order, text in enumerate(checks, start=1):
            TemplateCheck.objects.create(
                template=made, order=order, code=f"c{order}", text={"en": text}
            )
        if answer:
            value = QuestionValue.objects.get(key=answer)
            TemplateAnswer.objects.create(template=made, value=value)
        City.objects.filter(pk=city.pk).update(catalog_changed_at=timezone.now())
        forget_cities()
        return made

    return make


@pytest.fixture
def cave_in(template: Callable[..., WorkTemplate]) -> None:
    """A cave-in calls for both departments: the pipe first, then the street."""
    template(
        "check-pipe",
        "parks",
        answer="cave-in",
        checks=("Look at the main", "Shut it off"),
        public_label={"en": "The pipe is checked", "es": "Se revisa la tubería"},
        amount=1,
        unit="business_days",
    )
    template(
        "fill-street",
        "streets",
        answer="cave-in",
        public_label={"en": "The street is filled"},
    )
