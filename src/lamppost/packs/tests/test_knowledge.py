"""``articles/`` and ``directory.yaml``: what is wrong is said with its place, what is right
comes back, and what the desk changed is not undone."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, rmtree

import pytest
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict
from lamppost.knowledge.models import Article, ArticleVersion, IndexedText, KnownWord
from lamppost.knowledge.selectors.articles import article
from lamppost.knowledge.selectors.directory import find
from lamppost.knowledge.selectors.search import search
from lamppost.knowledge.services.editing import set_active
from lamppost.knowledge.services.publishing import Said, put_in_force, write_draft
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.stored import stored_pack
from lamppost.people.actors import SYSTEM
from lamppost.people.models import User

RIVERBEND = Path(__file__).parents[4] / "cities" / "riverbend"
ONE = "articles:\n  - {code: a, department: clerk, question: Q, answer: A"
ENTRY = "directory:\n  - {code: d, name: D"
WATER = """\
name: Water
articles:
  - code: brown-water
    department: clerk
    question: Why is my water brown?
    keywords: cloudy, tap
    spoken: Let the cold tap run for five minutes.
    answer: |
      Rust comes loose in old pipes.

      - Let the **cold** tap run.
    eligibility: Houses on village water.
    steps:
      - {code: run, text: Ask whether the tap has run for five minutes.}
      - {code: neighbors, text: Ask whether the neighbors have it.}
    service: water
    answers: {flooding: ['yes']}
    links:
      - {code: page, text: About water, url: https://example.org/water}
    review_months: 6
    featured: yes
    related: [angry]
  - code: angry
    department: clerk
    question: What if a caller shouts?
    answer: Wait, then ask for the address.
    audience: staff
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the village's pack without its own knowledge, to be filled and spoiled."""
    copy = Path(copytree(RIVERBEND, tmp_path / "riverbend"))
    rmtree(copy / "articles", ignore_errors=True)
    (copy / "directory.yaml").unlink(missing_ok=True)
    # Its keywords by SMS name articles.
    (copy / "channels.yaml").unlink()
    (copy / "articles").mkdir()
    return copy


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("articles/a.yaml", ONE + ", service: nowhere}", 'no service "nowhere"'),
        ("articles/a.yaml", ONE + ", answers: {problem: [x]}}", "answers of no service"),
        (
            "articles/a.yaml",
            ONE + ", service: water, answers: {flooding: [nowhere]}}",
            'no answer "flooding: nowhere"',
        ),
        ("articles/a.yaml", ONE + ", related: [nowhere]}", 'no article "nowhere"'),
        ("articles/a.yaml", ONE + ", related: [a]}", "related to itself"),
        ("articles/a.yaml", ONE + ", audience: friends}", '"friends" is not possible'),
        ("articles/a.yaml", ONE + ", review_months: 0}", "whole number from 1"),
        ("articles/a.yaml", ONE + ", author: me}", 'no key "author"'),
        ("articles/a.yaml", ONE + "}\n  - {code: a, department: clerk}", 'second article "a"'),
        ("articles/a.yaml", "articles:\n  - {code: a, department: clerk}", 'needs "question"'),
        ("articles/a.yaml", "pages: []", 'no part "pages"'),
        ("articles/a.yaml", ONE + f', spoken: "{"word " * 70}"}}', "70 words"),
        ("directory.yaml", ENTRY + ", url: nowhere}", "is not a web address"),
        ("directory.yaml", ENTRY + ", department: nowhere}", 'no department "nowhere"'),
        ("directory.yaml", ENTRY + "}\n  - {code: d, name: E}", 'second directory entry "d"'),
    ],
)
def test_what_is_wrong_is_found(pack: Path, name: str, text: str, message: str) -> None:
    (pack / name).write_text(text + "\n")
    found = [str(each) for each in check_pack(pack).findings.found]
    assert any(message in each and name in each for each in found), found


@pytest.fixture
def applied(db: None, pack: Path) -> City:
    """The village, with an article about water and two numbers."""
    (pack / "articles" / "water.yaml").write_text(WATER)
    (pack / "directory.yaml").write_text(
        "directory:\n"
        "  - {code: gas, name: Gas Works, about: Gas leaks, keywords: smell, phone: 555-0100}\n"
        "  - {code: clerk, name: Village clerk, hours: Mondays, department: clerk}\n"
    )
    return _apply(pack)


def _apply(pack: Path, **more: bool) -> City:
    reading = check_pack(pack)
    assert reading.pack is not None
    assert not reading.findings.errors, reading.findings.errors
    return apply_pack(pack=reading.pack, **more).city


def test_what_is_applied_is_published_found_and_exported_as_it_was(
    applied: City, pack: Path, tmp_path: Path
) -> None:
    with city_scope(applied.pk):
        shown = article("brown-water", language="en")
        assert shown.question == "Why is my water brown?"
        assert shown.service_code == "water"
        assert shown.answers == (("flooding", "yes"),)
        assert [step.code for step in shown.steps] == ["run", "neighbors"]
        assert (shown.n, shown.is_stale, shown.is_review_due) == (1, False, False)
        assert [hit.code for hit in search("cloudy wter", language="en")] == ["brown-water"]
        assert [one.phone for one in find("gass smell", language="en")] == ["555-0100"]
        stored = stored_pack(applied)
        assert compare(stored, check_pack(pack).pack) == []  # type: ignore[arg-type]
        write_pack(stored, tmp_path / "copy")
    again = check_pack(tmp_path / "copy")
    assert again.pack == check_pack(pack).pack
    with city_scope(applied.pk):
        before = ArticleVersion.objects.count()
        _apply(pack)
        assert ArticleVersion.objects.count() == before


def test_a_changed_article_gets_a_new_version_and_the_old_one_is_kept(
    applied: City, pack: Path
) -> None:
    path = pack / "articles" / "water.yaml"
    path.write_text(WATER.replace("cloudy, tap", "murky"))
    _apply(pack)
    with city_scope(applied.pk):
        assert article("brown-water", language="en").n == 2
        assert search("cloudy", language="en") == []
        assert [row.state for row in Article.objects.get(code="brown-water").versions.all()] == [
            "published",
            "replaced",
        ]


def test_a_vanished_article_is_retired_and_comes_back(applied: City, pack: Path) -> None:
    path = pack / "articles" / "water.yaml"
    path.write_text("articles: []\n")
    _apply(pack)
    with city_scope(applied.pk):
        assert search("water", language="en", staff=True) == []
        assert not IndexedText.objects.filter(article__isnull=False).exists()
        assert not KnownWord.objects.filter(word="cloudy").exists()
        path.write_text(WATER)
        _apply(pack)
        assert [hit.code for hit in search("brown water", language="en")] == ["brown-water"]


def test_what_an_editor_took_out_of_use_stays_so(applied: City, pack: Path) -> None:
    with city_scope(applied.pk):
        row = Article.objects.get(code="brown-water")
        set_active(article_id=row.pk, is_active=False, actor=SYSTEM)
        _apply(pack)
        assert search("brown water", language="en", staff=True) == []
        # Nor by way of a pack that had left it out for a while.
        path = pack / "articles" / "water.yaml"
        path.write_text("articles: []\n")
        _apply(pack)
        path.write_text(WATER)
        _apply(pack)
        assert not Article.objects.get(code="brown-water").is_active
        set_active(article_id=row.pk, is_active=True, actor=SYSTEM)
        _apply(pack)
        assert Article.objects.get(code="brown-water").is_active
        set_active(article_id=row.pk, is_active=False, actor=SYSTEM)
        _apply(pack, replace_articles=True)
        assert [hit.code for hit in search("brown water", language="en")] == ["brown-water"]


def test_the_desks_wording_stays_until_the_pack_says_something_new(
    applied: City, pack: Path
) -> None:
    with city_scope(applied.pk):
        row = Article.objects.get(code="brown-water")
        author, signer = (User.objects.create(email=f"{at}@x.example", name=at) for at in "ab")
        draft = write_draft(
            row,
            "en",
            Said(question="Why is it brown?", answer="Rust.", topic="water"),
            now=timezone.now(),
            written_by_id=author.pk,
        )
        put_in_force(draft, now=timezone.now(), signed_by_id=signer.pk)
        _apply(pack)
        assert article("brown-water", language="en").question == "Why is it brown?"
        assert compare(stored_pack(applied), check_pack(pack).pack) == []  # type: ignore[arg-type]
        path = pack / "articles" / "water.yaml"
        path.write_text(WATER.replace("Why is my", "What makes my"))
        with pytest.raises(Conflict) as refusal:
            _apply(pack)
        assert "changed at the desk" in str(refusal.value.problems)
        _apply(pack, replace_articles=True)
        assert article("brown-water", language="en").question == "What makes my water brown?"
