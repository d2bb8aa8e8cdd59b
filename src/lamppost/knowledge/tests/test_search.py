"""People find the answer in their own words, with their own typing errors."""

from __future__ import annotations

import pytest

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import NotFound
from lamppost.knowledge.models import IndexedText, KnownWord
from lamppost.knowledge.selectors.articles import article
from lamppost.knowledge.selectors.search import search
from lamppost.knowledge.tests.writing import publish

pytestmark = pytest.mark.django_db


def codes(query: str, *, language: str = "en", staff: bool = False) -> list[str]:
    return [hit.code for hit in search(query, language=language, staff=staff)]


def test_a_question_is_found_by_its_words_and_by_its_keywords(city: City) -> None:
    publish("trash-day", "When is my trash picked up?", keywords="garbage day, rubbish")
    publish("pothole", "How do I report a pothole?", answer="Tell us where the trash is not.")
    assert codes("when do they pick up the trash")[0] == "trash-day"
    assert codes("GARBAGE") == ["trash-day"]
    assert codes("garbge") == ["trash-day"]
    assert codes("pot hole") == ["pothole"]
    assert codes("potholes") == ["pothole"]
    assert codes("rubb") == ["trash-day"]
    assert codes("xyzzy") == []
    assert codes("the and of") == []
    assert codes("") == []


def test_a_replaced_text_is_not_found_any_more(city: City) -> None:
    publish("trash-day", "When is my trash picked up?", keywords="garbage")
    publish("trash-day", "Which day is collection?")
    assert codes("garbage") == []
    assert codes("collection") == ["trash-day"]
    assert not KnownWord.objects.filter(word="garbage").exists()
    assert IndexedText.objects.count() == 1


def test_another_citys_articles_are_not_found(city: City, other_city: City) -> None:
    publish("trash-day", "When is my trash picked up?")
    with city_scope(other_city.pk):
        publish("pothole", "How do I report a pothole?")
        assert codes("trash") == []
        with pytest.raises(NotFound):
            article("trash-day", language="en")
    assert codes("pothole") == []


def test_what_only_staff_may_read_is_found_by_staff_only(city: City) -> None:
    publish("angry-caller", "What do I do with an angry caller?", readers="staff")
    assert codes("angry caller") == []
    assert codes("angry caller", staff=True) == ["angry-caller"]
    with pytest.raises(NotFound):
        article("angry-caller", language="en")
    assert article("angry-caller", language="en", staff=True).code == "angry-caller"
