"""Residents find answers: what they may not see, then what they see, then what is counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import etree

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.knowledge.models import (
    Article,
    ArticleFeedback,
    ArticleUse,
    DirectoryEntry,
    Gap,
    KnowledgeSearch,
    Topic,
)
from lamppost.knowledge.services.indexing import index_entries
from lamppost.knowledge.tests.writing import publish

WEB = {"topic": "trash", "spoken": "On Mondays."}


@pytest.fixture
def answers(web: Client, city: City) -> Client:
    """A visitor of a city with three public articles, one for staff and a number."""
    Topic.objects.create(code="trash", name={"en": "Trash", "es": "Basura"})
    publish(
        "trash-day",
        "When is my trash picked up?",
        keywords="garbage",
        answer="On **Mondays**.\n\n<script>alert(1)</script>\n\n[Page](javascript:alert(1))",
        is_featured=True,
        related=("bulk", "angry", "nowhere"),
        **WEB,
    )
    publish("trash-day", "¿Cuándo recogen la basura?", answer="Los lunes.", language="es")
    publish("bulk", "How do I get rid of a couch?", topic="trash")
    publish("pothole", "What happens to my pothole?", service_id=_pothole(), topic="trash",
            answers=(("WHERE", "roadway"), ("WHERE", "nowhere")))  # fmt: skip
    publish("angry", "What do I do with an angry caller?", readers="staff", topic="trash")
    entry = DirectoryEntry.objects.create(code="gas", name={"en": "Gas Works"}, phone="555-0100")
    index_entries([entry])
    return web


def _pothole() -> int:
    from lamppost.catalog.models import Service

    return Service.objects.get(code="POTHOLE").pk


def words(response: Any) -> str:
    return str(response.content.decode())


def test_what_is_for_staff_or_nowhere_is_not_found(answers: Client) -> None:
    for path in ("answers/angry/", "answers/nowhere/", "answers/topics/nowhere/", "answers/x_y/"):
        assert answers.get(f"/{path}").status_code == 404, path
    for path in ("answers/", "answers/?q=angry+caller", "answers/topics/trash/", "answers.atom"):
        assert "angry caller?" not in words(answers.get(f"/{path}")), path
    assert answers.post("/answers/angry/helped/", {"helped": "yes"}).status_code == 404
    assert answers.get("/answers/trash-day/helped/").status_code == 405
    assert answers.post("/answers/trash-day/helped/", {"helped": "maybe"}).status_code == 400


def test_another_citys_articles_are_not_found(answers: Client, other_city: City) -> None:
    with city_scope(other_city.pk):
        publish("secret", "What is only in Shelbyville?")
    assert answers.get("/answers/secret/").status_code == 404
    assert "only in Shelbyville" not in words(answers.get("/answers/?q=shelbyville+only"))


@pytest.mark.parametrize("query", ["%00", "%F0%9F%95%B3", "'%29%3B--", "%E2%80%AEx", "x" * 3000])
def test_odd_words_break_nothing(answers: Client, query: str) -> None:
    assert answers.get(f"/answers/?q={query}").status_code == 200
    assert answers.get(f"/answers/trash-day/?s={query}&said={query}").status_code == 200


def test_an_article_shows_its_answer_and_nothing_dangerous(answers: Client) -> None:
    page = words(answers.get("/answers/trash-day/"))
    assert "On <strong>Mondays</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert 'href="/answers/bulk/"' in page
    assert "/answers/angry/" not in page
    spanish = words(answers.get("/es/answers/trash-day/"))
    assert "Los lunes." in spanish
    assert "not yet in your language" not in spanish


def test_an_answer_not_yet_translated_is_shown_as_what_it_is(answers: Client) -> None:
    page = words(answers.get("/es/answers/bulk/"))
    assert '<h1 lang="en"' in page
    assert "usa-alert--info" in page
    publish("trash-day", "When is my trash picked up?", answer="On Tuesdays.", topic="trash")
    assert "usa-alert--warning" in words(answers.get("/es/answers/trash-day/"))


def test_the_button_starts_the_service_with_answers_filled_in(answers: Client) -> None:
    page = words(answers.get("/answers/pothole/"))
    start = "/report/POTHOLE/details/?attribute%5BWHERE%5D="
    assert start in page
    form = words(answers.get("/report/POTHOLE/details/?attribute[WHERE]=roadway&attribute[X]=y"))
    assert 'value="roadway" checked' in form or "checked" in form.split('value="roadway"')[1][:80]
    assert "checked" not in words(answers.get("/report/POTHOLE/details/?attribute[WHERE]=lost"))


def test_searching_opening_and_judging_are_counted_without_who(answers: Client) -> None:
    found = answers.get("/answers/", {"q": "Garbage for bob@x.example at 215-555-0123"})
    assert "When is my trash picked up?" in words(found)
    row = KnowledgeSearch.objects.get()
    assert (row.query, row.hits) == ("garbage for at", 1)
    link = next(part for part in words(found).split('"') if part.startswith("/answers/trash-day/?"))
    answers.get(link.replace("&amp;", "&"))
    row.refresh_from_db()
    assert row.opened == Article.objects.get(code="trash-day")
    assert ArticleUse.objects.get().opened == 1
    said = {"helped": "no", "words": "Call me at 215 555 0123, I am at a@b.example"}
    response = answers.post("/answers/trash-day/helped/", said)
    assert response["Location"] == "/answers/trash-day/?said=no#helped"
    feedback = ArticleFeedback.objects.get()
    assert "0123" not in feedback.words
    assert "@" not in feedback.words
    assert Gap.objects.get().kind == "not_helped"


def test_a_search_that_finds_nothing_is_a_gap_counted_once_per_question(answers: Client) -> None:
    for query in ("Xyzzy", "xyzzy!", " XYZZY "):
        assert "Nothing fits" in words(answers.get("/answers/", {"q": query}))
    gap = Gap.objects.get()
    assert (gap.kind, gap.query, gap.times) == ("no_hit", "xyzzy", 3)


def test_a_yes_while_reporting_is_a_report_spared(answers: Client) -> None:
    page = words(answers.get("/report/?q=garbage"))
    assert "/answers/trash-day/?at=report" in page
    assert 'name="at" value="report"' in words(answers.get("/answers/trash-day/?at=report"))
    answers.post("/answers/trash-day/helped/", {"helped": "yes", "at": "report"})
    answers.post("/answers/trash-day/helped/", {"helped": "yes"})
    assert [row.spared_report for row in ArticleFeedback.objects.order_by("id")] == [True, False]


def test_home_service_directory_feed_and_sitemap_name_the_answers(answers: Client) -> None:
    assert "/answers/trash-day/" in words(answers.get("/"))
    assert "/answers/pothole/?at=report" in words(answers.get("/report/POTHOLE/"))
    assert "555-0100" in words(answers.get("/directory/"))
    assert "555-0100" in words(answers.get("/answers/?q=gass+works"))
    assert "/answers/bulk/" in words(answers.get("/sitemap.xml"))
    feed = etree.fromstring(answers.get("/es/answers.atom").content)
    titles = feed.xpath("//*[local-name()='entry']/*[local-name()='title']/text()")
    assert titles[0].startswith("What happens to my pothole")
    assert "¿Cuándo recogen la basura?" in titles


def test_a_page_costs_the_same_whatever_there_is(
    answers: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        publish(f"more-{number}", f"Question number {number} about trash?", topic="trash")
    for path, most in (
        ("/answers/", 12),
        ("/answers/?q=trash+qestion", 24),
        ("/answers/topics/trash/", 12),
        ("/answers/trash-day/", 22),
    ):
        answers.get(path)
        with django_assert_max_num_queries(most):
            answers.get(path)
