"""Answers for other programs: public ones only, in JSON and XML, nothing to write."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.knowledge.models import DirectoryEntry, Topic
from lamppost.knowledge.tests.writing import publish

BASE = "/open311/inquiry/v1"


@pytest.fixture
def knowing(client: Client, city: City, other_city: City) -> Client:
    """A program calling a city with two public articles and one for staff."""
    Topic.objects.create(code="trash", name={"en": "Trash", "es": "Basura"})
    publish(
        "trash-day", "When is my trash picked up?", topic="trash", spoken="On Mondays.",
        links=(("page", "Schedule", "https://example.org/"),), related=("pothole",),
    )  # fmt: skip
    publish("trash-day", "¿Cuándo recogen la basura?", language="es")
    publish("pothole", "What about potholes?", service_id=Service.objects.get(code="POTHOLE").pk)
    publish("angry", "What do I do with an angry caller?", readers="staff", topic="trash")
    DirectoryEntry.objects.create(code="gas", name={"en": "Gas Works"}, phone="555-0100")
    with city_scope(other_city.pk):
        publish("theirs", "What is theirs?")
    return client


def read(client: Client, path: str, expect: int = 200, **params: str) -> Any:
    response = client.get(f"{BASE}/{path}", params)
    assert response.status_code == expect, response.content
    return response.json()


@pytest.mark.parametrize(
    "path",
    ["faqs/angry", "faqs/theirs", "faqs/nowhere", "faqs", "services/nowhere", "facilities/no",
     "requests/all", "services", "tokens/1"],
)  # fmt: skip
def test_what_is_not_public_or_not_there_is_404_in_the_form_asked(
    knowing: Client, path: str
) -> None:
    assert read(knowing, f"{path}.json", 404)[0]["code"] == 404
    response = knowing.get(f"{BASE}/{path}.xml")
    assert ElementTree.fromstring(response.content).tag == "errors"


def test_nothing_can_be_written(knowing: Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        response = knowing.generic(method, f"{BASE}/faqs/all.json")
        assert response.status_code == 405, method
        assert "GET" in response["Allow"]


def test_answers_by_all_category_id_and_words(knowing: Client) -> None:
    rows = read(knowing, "faqs/all.json")
    assert {row["id"] for row in rows} == {"trash-day", "pothole"}
    row = read(knowing, "faqs/trash-day.json")[0]
    assert row["question"] == "When is my trash picked up?"
    assert row["categories"] == ["Trash"]
    assert row["web_actions"] == [{"label": "Schedule", "url": "https://example.org/"}]
    assert row["expiration"].endswith("Z")
    assert [one["id"] for one in read(knowing, "faqs/trash.json")] == ["trash-day"]
    assert [one["id"] for one in read(knowing, "faqs/all.json", q="poth0le potholes")] == [
        "pothole"
    ]
    assert read(knowing, "faqs/all.json", q="angry caller") == []
    spanish = read(knowing, "faqs/trash-day.json", locale="es")
    assert spanish[0]["question"] == "¿Cuándo recogen la basura?"


def test_xml_says_the_same(knowing: Client) -> None:
    response = knowing.get(f"{BASE}/faqs/all.xml")
    assert response["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(response.content)
    assert root.tag == "faqs"
    found = {faq.findtext("id"): faq for faq in root.findall("faq")}
    assert found["trash-day"].findtext("categories/category") == "Trash"
    assert found["trash-day"].findtext("related/id") == "pothole"


def test_services_name_their_answers_and_facilities_their_numbers(knowing: Client) -> None:
    row = read(knowing, "services/POTHOLE.json")[0]
    assert row["related"] == ["pothole"]
    assert row["service_name"] == "Pothole"
    assert len(read(knowing, "services/all.json")) > 1
    assert read(knowing, "facilities/all.json")[0]["phone"] == "555-0100"
    assert read(knowing, "facilities/gas.json")[0]["facility_name"] == "Gas Works"
