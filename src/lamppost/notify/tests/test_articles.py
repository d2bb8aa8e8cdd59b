"""Who watches an answer hears when it changes, in their language and once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.knowledge.tests.writing import publish
from lamppost.notify.choices import MessageChannel, SubscriptionKind
from lamppost.notify.models import Message
from lamppost.notify.services.subscribing import Target, confirm, subscribe

pytestmark = pytest.mark.django_db


def watch(address: str, language: str) -> None:
    target = Target(kind=SubscriptionKind.ARTICLE, article="trash-day")
    found = subscribe(
        target=target, channel=MessageChannel.EMAIL, address=address, language=language
    )
    confirm(subscription=found)


def told() -> list[str]:
    rows = Message.objects.filter(template="article_changed").order_by("id")
    return [row.address for row in rows]


def test_a_change_is_told_to_who_reads_that_language(city: City, other_city: City) -> None:
    publish("trash-day", "When is the trash collected?")
    for address, language in (("e@x.example", "en"), ("s@x.example", "es"), ("a@x.example", "ar")):
        watch(address, language)
    publish("trash-day", "¿Cuándo se recoge la basura?", language="es")
    assert told() == [], "the first Spanish one changes nothing"
    publish("trash-day", "When is the trash collected now?")
    assert told() == ["e@x.example", "a@x.example"], "Arabic readers read the original"
    publish("trash-day", "¿Cuándo se recoge ahora la basura?", language="es")
    assert told()[2:] == ["s@x.example"]
    assert "trash collected now" in Message.objects.filter(address="e@x.example").last().subject  # type: ignore[union-attr]
    with city_scope(other_city.pk):
        assert not Message.objects.exists()


def test_it_costs_the_same_however_many_watch(city: City) -> None:
    publish("trash-day", "When is the trash collected?")
    watch("first@x.example", "en")
    # The first one of a process reads the city's words.
    cost_of_change("What day?")
    few = cost_of_change("Which day?")
    for number in range(10):
        watch(f"p{number}@x.example", "en")
    assert cost_of_change("Which day is it?") == few
    assert len(told()) == 1 + 1 + 11


def cost_of_change(words: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        publish("trash-day", words)
    return len(queries)
