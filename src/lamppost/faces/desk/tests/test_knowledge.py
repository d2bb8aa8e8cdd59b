"""Articles at the desk: who may write, who may sign, what becomes of translations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from tests.support.fixtures import PASSWORD

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.knowledge.choices import GapState
from lamppost.knowledge.models import Article, ArticleVersion, Gap, Topic
from lamppost.knowledge.selectors.articles import article
from lamppost.knowledge.selectors.search import search
from lamppost.knowledge.services.reviewing import tell_due_reviews
from lamppost.knowledge.tests.writing import publish
from lamppost.people.choices import Role
from lamppost.people.models import AuditEntry, Department, StaffNotice

pytestmark = pytest.mark.django_db
Desk = Callable[..., Client]
PAGE = "/desk/knowledge/articles/trash-day/"


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def typed(**more: str) -> dict[str, str]:
    return {
        "question": "Which day is my trash picked up?",
        "keywords": "garbage",
        "spoken": "On Mondays.",
        "answer": "On **Mondays**.",
        "steps": "address: Ask for the address.\nSay the day.",
        "links": "page: The schedule | https://example.org/trash",
        "readers": "public",
        "topic": "trash",
        "review_months": "6",
        "related": "",
        "note": "Shorter",
        **more,
    }


@pytest.fixture
def trash(city: City) -> Article:
    """A published article of the streets department, with a Spanish translation."""
    Topic.objects.create(code="trash", name={"en": "Trash"})
    publish("trash-day", "When is my trash picked up?", department="streets", topic="trash")
    publish("trash-day", "¿Cuándo recogen la basura?", language="es")
    return Article.objects.get(code="trash-day")


@pytest.fixture
def editor(signed_in: Desk) -> Client:
    """The knowledge editor of the 311 center, of no department."""
    return signed_in(Role.EDITOR, None, "Edith")


def draft(language: str = "en") -> ArticleVersion:
    return ArticleVersion.objects.get(
        article__code="trash-day", language=language, state__in=["draft", "proposed"]
    )


def act(client: Client, action: str, **more: Any) -> int:
    sent = {"version": str(draft().pk)} if action not in {"confirm", "retire", "restore"} else {}
    return client.post(f"{PAGE}{action}/", sent | more).status_code


def test_who_has_nothing_to_do_with_articles_stays_out(
    trash: Article, signed_in: Desk, visitor: Client
) -> None:
    assert visitor.get(PAGE).status_code == 302
    for role, department in (
        (Role.WORKER, "streets"), (Role.AGENT, "center"), (Role.COUNCIL, None),
        (Role.RESIDENT, None),
    ):  # fmt: skip
        client = signed_in(role, department)
        for path in ("", "new/", "articles/trash-day/", "articles/trash-day/edit/"):
            assert client.get(f"/desk/knowledge/{path}").status_code == 403, (role, path)


def test_an_editor_lands_at_the_articles_and_sees_no_case(
    trash: Article, editor: Client, visitor: Client
) -> None:
    email = editor.user.email  # type: ignore[attr-defined]
    response = visitor.post("/desk/sign-in/", {"username": email, "password": PASSWORD})
    assert response["Location"] == "/desk/knowledge/"
    assert editor.get("/desk/knowledge/").status_code == 200
    assert editor.get("/desk/notices/").status_code == 200
    refused = editor.get("/desk/")
    assert refused.status_code == 403
    assert 'href="/desk/knowledge/"' in text(refused)
    for path in ("mine/", "tools/", "cases/1001/", "transfers/"):
        assert editor.get(f"/desk/{path}").status_code == 403, path


def test_another_departments_article_is_not_a_managers(trash: Article, signed_in: Desk) -> None:
    parks = signed_in(Role.MANAGER, "parks", "Paul")
    assert parks.post(f"{PAGE}edit/", typed()).status_code == 403
    streets = signed_in(Role.MANAGER, "streets", "Mona")
    assert streets.post(f"{PAGE}edit/", typed()).status_code == 302
    assert act(streets, "propose") == 302
    assert act(parks, "sign") == 403
    assert act(parks, "confirm") == 403
    assert act(parks, "retire") == 403
    assert "trash" not in text(parks.get("/desk/knowledge/?tab=all")).split("<tbody")[-1]


def test_another_citys_article_does_not_exist(
    trash: Article, editor: Client, other_city: City
) -> None:
    with city_scope(other_city.pk):
        publish("theirs", "What is theirs?")
    assert editor.get("/desk/knowledge/articles/theirs/").status_code == 404
    assert "theirs" not in text(editor.get("/desk/knowledge/?tab=all"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"question": " "}, "question"),
        ({"answer": ""}, "answer"),
        ({"question": "x" * 301}, "question"),
        ({"readers": "friends"}, "readers"),
        ({"topic": "nowhere"}, "topic"),
        ({"review_months": "0"}, "review_months"),
        ({"review_months": "soon"}, "review_months"),
        ({"service": "999999"}, "service"),
        ({"answers": "WHERE: roadway"}, "answers"),
        ({"links": "page: Nowhere | javascript:alert(1)"}, "links"),
        ({"steps": "a: One\na: Two"}, "steps"),
        ({"related": "nowhere"}, "related"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_at_its_field(
    trash: Article, editor: Client, more: dict[str, str], field: str
) -> None:
    response = editor.post(f"{PAGE}edit/", typed(**more))
    assert response.status_code == 422
    assert f'href="#article-{field}"' in text(response)
    assert not ArticleVersion.objects.filter(state="draft").exists()


def test_one_writes_another_signs_and_only_then_it_is_published(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    assert editor.post(f"{PAGE}edit/", typed()).status_code == 302
    assert article("trash-day", language="en").question == "When is my trash picked up?"
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sue")
    assert act(supervisor, "sign") == 409  # nobody sent it for sign-off
    assert act(editor, "propose") == 302
    assert act(editor, "sign") == 403
    assert act(editor, "propose") == 409
    told = StaffNotice.objects.get(user=supervisor.user)  # type: ignore[attr-defined]
    assert told.path == PAGE
    assert act(supervisor, "sign") == 302
    shown = article("trash-day", language="en")
    assert (shown.question, shown.n) == ("Which day is my trash picked up?", 2)
    assert [step.code for step in shown.steps] == ["address", "step-2"]
    assert [hit.code for hit in search("garbage", language="en")] == ["trash-day"]
    details = AuditEntry.objects.filter(label="trash-day").values_list("detail", flat=True)
    assert "en 2: signed and published" in set(details)


def test_a_supervisor_who_wrote_on_it_may_not_sign_it(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sue")
    editor.post(f"{PAGE}edit/", typed())
    seen = re.search(r'name="seen" value="([^"]+)"', text(supervisor.get(f"{PAGE}edit/")))
    assert seen is not None
    assert supervisor.post(f"{PAGE}edit/", typed(seen=seen[1], answer="Mine")).status_code == 302
    act(editor, "propose")
    assert act(supervisor, "sign") == 403
    assert "somebody else has to sign" in text(supervisor.get(PAGE))
    assert act(signed_in(Role.DIRECTOR, None, "Dina"), "sign") == 302


def test_a_draft_somebody_else_wrote_meanwhile_is_not_written_over(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    other = signed_in(Role.EDITOR, None, "Egon")
    editor.post(f"{PAGE}edit/", typed())
    assert other.post(f"{PAGE}edit/", typed(answer="Over")).status_code == 422
    assert draft().answer == "On **Mondays**."


def test_a_draft_begun_before_another_publication_is_not_signed_over_it(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    editor.post(f"{PAGE}edit/", typed())
    act(editor, "propose")
    publish("trash-day", "What day is it now?", topic="trash")
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sue")
    assert act(supervisor, "sign") == 409
    assert article("trash-day", language="en").question == "What day is it now?"


def test_it_can_be_sent_back_taken_back_and_thrown_away(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sue")
    editor.post(f"{PAGE}edit/", typed())
    act(editor, "propose")
    assert act(supervisor, "send-back", why="") == 400
    assert act(supervisor, "send-back", why="Say which streets") == 302
    assert "Say which streets" in text(editor.get(PAGE))
    assert StaffNotice.objects.filter(user=editor.user, text="Say which streets").exists()  # type: ignore[attr-defined]
    act(editor, "propose")
    assert act(editor, "take-back") == 302
    assert act(editor, "drop") == 302
    assert "Dropped" in text(editor.get(PAGE))


def test_a_translation_is_stale_from_the_day_the_original_changes(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    assert not article("trash-day", language="es").is_stale
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sue")
    editor.post(f"{PAGE}edit/", typed())
    act(editor, "propose")
    act(supervisor, "sign")
    assert article("trash-day", language="es").is_stale
    assert "¿Cuándo recogen" in text(editor.get("/desk/knowledge/?tab=stale"))
    beside = text(editor.get(f"{PAGE}edit/?language=es"))
    assert "Which day is my trash picked up?" in beside
    assert "¿Cuándo recogen la basura?" in beside
    sent = {"question": "¿Qué día?", "answer": "Los lunes."}
    assert editor.post(f"{PAGE}edit/?language=es", sent).status_code == 302
    version = {"version": str(draft("es").pk)}
    editor.post(f"{PAGE}propose/", version)
    assert supervisor.post(f"{PAGE}sign/", version).status_code == 302
    shown = article("trash-day", language="es")
    assert (shown.question, shown.is_stale, shown.topic) == ("¿Qué día?", False, "trash")
    assert editor.get(f"{PAGE}edit/?language=xx").status_code == 404


def test_the_history_shows_what_changed(trash: Article, editor: Client) -> None:
    publish("trash-day", "When is my garbage picked up?", answer="On Mondays.", topic="trash")
    latest = ArticleVersion.objects.filter(article=trash, language="en").latest("n")
    page = text(editor.get(f"{PAGE}versions/{latest.pk}/"))
    assert "<del>trash</del><ins>garbage</ins>" in page
    assert editor.get(f"{PAGE}versions/999999/").status_code == 404


def test_a_published_version_cannot_be_changed_in_the_database(trash: Article) -> None:
    version = ArticleVersion.objects.get(article=trash, language="en")
    for change in (
        lambda: ArticleVersion.objects.filter(pk=version.pk).update(answer="Never"),
        lambda: ArticleVersion.objects.filter(pk=version.pk).delete(),
        lambda: ArticleVersion.objects.filter(pk=version.pk).update(published_at=timezone.now()),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_new_article_is_seen_by_nobody_until_it_is_signed(
    trash: Article, editor: Client, signed_in: Desk
) -> None:
    streets = str(Department.objects.get(code="streets").pk)
    new = typed(code="Bulk Items", department=streets)
    assert editor.post("/desk/knowledge/new/", new).status_code == 422
    assert editor.post("/desk/knowledge/new/", new | {"code": "trash-day"}).status_code == 422
    preview = editor.post("/desk/knowledge/new/", new | {"preview": "1"})
    assert "On <strong>Mondays</strong>" in text(preview)
    assert not Article.objects.filter(code="bulk-items").exists()
    assert editor.post("/desk/knowledge/new/", new | {"code": "bulk-items"}).status_code == 302
    assert editor.get("/answers/bulk-items/").status_code == 404
    assert "bulk-items" in text(editor.get("/desk/knowledge/?tab=mine"))
    assert "No articles" not in text(
        signed_in(Role.MANAGER, "streets", "Mona").get("/desk/knowledge/?tab=sign")
    )


def test_the_owner_is_told_once_when_a_review_is_due(trash: Article, signed_in: Desk) -> None:
    manager = signed_in(Role.MANAGER, "streets", "Mona")
    now = timezone.now()
    Article.objects.update(review_by=(now - timedelta(days=2)).date())
    assert tell_due_reviews(now=now) == 1
    assert tell_due_reviews(now=now) == 0
    assert article("trash-day", language="en").is_review_due
    assert "was to be checked by now" in text(manager.get(PAGE))
    assert "trash" in text(manager.get("/desk/knowledge/?tab=due"))
    assert act(manager, "confirm") == 302
    assert not article("trash-day", language="en").is_review_due
    assert Article.objects.get().review_by > now.date()  # type: ignore[operator]


def test_out_of_use_is_not_found_and_comes_back(trash: Article, signed_in: Desk) -> None:
    manager = signed_in(Role.MANAGER, "streets", "Mona")
    assert act(manager, "retire") == 302
    assert search("trash", language="en") == []
    assert manager.get("/answers/trash-day/").status_code == 404
    assert act(manager, "restore") == 302
    assert [hit.code for hit in search("trash", language="en")] == ["trash-day"]


def test_gaps_are_worked_off_once(trash: Article, editor: Client, signed_in: Desk) -> None:
    for query in ("xyzzy", "xyzzy", "plugh"):
        editor.get("/answers/", {"q": query})
    page = text(editor.get("/desk/knowledge/?tab=gaps"))
    assert page.index("xyzzy") < page.index("plugh")
    assert "xyzzy" in text(editor.get("/desk/knowledge/?tab=nothing"))
    first, second = Gap.objects.order_by("-times")
    director = signed_in(Role.DIRECTOR, None, "Dina")
    assert director.post(f"/desk/knowledge/gaps/{first.pk}/dismiss/").status_code == 403
    editor.post(f"/desk/knowledge/gaps/{first.pk}/answer/", {"article": "nowhere"})
    assert Gap.objects.get(pk=first.pk).state == GapState.OPEN
    editor.post(f"/desk/knowledge/gaps/{first.pk}/answer/", {"article": "trash-day"})
    editor.post(f"/desk/knowledge/gaps/{second.pk}/dismiss/")
    assert Gap.objects.filter(state=GapState.OPEN).count() == 0
    assert Gap.objects.get(pk=first.pk).answered_with == trash
    assert editor.post("/desk/knowledge/gaps/999999/dismiss/").status_code == 404


def test_pages_cost_the_same_however_much_there_is(
    trash: Article, editor: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        publish(f"more-{number}", f"Question {number}?", topic="trash")
    for path, most in (
        ("?tab=all", 12), ("?tab=stale", 12), ("?tab=due", 12), ("articles/trash-day/", 25),
    ):  # fmt: skip
        editor.get(f"/desk/knowledge/{path}")
        with django_assert_max_num_queries(most):
            assert editor.get(f"/desk/knowledge/{path}").status_code == 200
