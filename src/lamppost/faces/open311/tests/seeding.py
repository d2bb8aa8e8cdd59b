"""Services of every type and questions of every kind, for a server that strangers will test."""

from __future__ import annotations

from django.utils import timezone

from lamppost.catalog.models import Question, QuestionValue, Service, ServiceGroup
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.people.models import Department


def seed_for_strangers() -> None:
    """Give Springfield a service that asks everything, and a slow one."""
    city = City.objects.get(slug="springfield")
    with city_scope(city.pk):
        add_services()
    City.objects.filter(pk=city.pk).update(catalog_changed_at=timezone.now())


def add_services() -> None:
    """Add a service with every datatype, and one that gives a token, to the city in scope."""
    # First in the list, so that a client's first choice is an ordinary service.
    group = ServiceGroup.objects.create(code="all", name={"en": "All kinds"})
    common = {"group": group, "department": Department.objects.get(code="streets")}
    Service.objects.create(code="LIGHT", name={"en": "Street light"}, **common)
    Service.objects.create(code="SURVEY", name={"en": "Survey"}, type="batch", **common)
    survey = Service.objects.create(code="WRECK", name={"en": "Wreck"}, **common)
    for order, datatype in enumerate(
        ("singlevaluelist", "multivaluelist", "string", "number", "datetime", "text"), start=1
    ):
        question = Question.objects.create(
            service=survey,
            code=f"Q{order}",
            order=order,
            text={"en": f"A question answered with a {datatype}?"},
            datatype=datatype,
            is_required=order == 1,
            is_public=True,
        )
        if datatype.endswith("list"):
            for place, key in enumerate(("red", "green", "blue")):
                QuestionValue.objects.create(
                    question=question, key=key, name={"en": key.title()}, order=place
                )
