"""Reading what is published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import Article, ArticleVersion
from lamppost.knowledge.selectors.matching import match_articles


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked or done."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page elsewhere."""

    code: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A published article as one reader sees it.

    ``language`` is the language shown: the one asked for, or the original's where there is no
    translation yet (``is_original_instead``). ``is_stale``: the translation is of an older
    version. ``is_review_due``: nobody has checked it by the day it was to be checked.
    ``service_code`` and ``answers`` (question code, value code) start a request; empty when
    that service cannot be asked for. ``checked_at`` is when somebody last said it is right.
    """

    id: int
    version_id: int
    code: str
    department_id: int
    language: str
    is_original_instead: bool
    is_stale: bool
    is_review_due: bool
    readers: str
    topic: str
    is_featured: bool
    question: str
    spoken: str
    answer: str
    eligibility: str
    service_code: str
    answers: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    links: tuple[Link, ...]
    related: tuple[str, ...]
    n: int
    changed_at: datetime
    checked_at: datetime
    review_by: date | None

    @property
    def is_behind(self) -> bool:
        """Whether an agent should take care: the review is due, or the translation is old."""
        return self.is_stale or self.is_review_due


def article(code: str, *, language: str, staff: bool = False) -> Shown:
    """Return the published article ``code`` as a reader of ``language`` sees it.

    Raises ``NotFound`` when there is none, and for what only staff may read unless ``staff``.
    """
    found = Article.objects.filter(code=code).values_list("pk", flat=True).first()
    shown = shown_versions([found] if found else [], language=language, staff=staff)
    if not shown:
        raise NotFound(_("There is no such article."))
    return next(iter(shown.values()))


def shown_versions(ids: Collection[int], *, language: str, staff: bool = False) -> dict[int, Shown]:
    """Return the published articles of these ids, in the order given, by id.

    Six queries at most, however many articles there are.
    """
    if not ids:
        return {}
    rows = {row.pk: row for row in published(staff=staff).filter(pk__in=ids)}
    shown = _shown([rows[id_] for id_ in ids if id_ in rows], language, _PARTS)
    return {one.id: one for one in shown}


def titles(ids: Collection[int], *, language: str, staff: bool = False) -> dict[int, Shown]:
    """Return the same without steps, links, answers and related articles. Two queries."""
    rows = {row.pk: row for row in published(staff=staff).filter(pk__in=ids)} if ids else {}
    shown = _shown([rows[id_] for id_ in ids if id_ in rows], language, ())
    return {one.id: one for one in shown}


def public_articles(*, language: str, query: str = "", limit: int = 500) -> list[Shown]:
    """Return the public articles by topic and order, or what ``query`` finds, best first.

    The reading programs want whole: texts, steps and links. Ten queries at most.
    """
    if query:
        default = city_in_scope().default_language
        found = match_articles(query, (language, default), staff=False, limit=limit)
        ids = [row.id for row in found]
    else:
        rows = published().order_by("current__topic", "order", "code")
        ids = list(rows.values_list("pk", flat=True)[:limit])
    return list(shown_versions(ids, language=language).values())


def published(*, staff: bool = False) -> QuerySet[Article, Article]:
    """Return the articles a reader may see, their published original with them."""
    rows = Article.objects.filter(is_active=True, current__isnull=False)
    if not staff:
        rows = rows.filter(current__readers=Readers.PUBLIC)
    return rows.select_related("current")


_PARTS = ("steps", "links", "answers", "related")


def _shown(articles: list[Article], language: str, parts: tuple[str, ...]) -> list[Shown]:
    if not articles:
        return []
    tags = {language.lower(), language.lower().split("-")[0]}
    tags |= {row.current.language for row in articles if row.current}
    versions = ArticleVersion.objects.filter(
        article__in=articles, language__in=tags, state=VersionState.PUBLISHED
    ).prefetch_related(*parts)
    by_article: dict[int, dict[str, ArticleVersion]] = {}
    for version in versions:
        by_article.setdefault(version.article_id, {})[version.language] = version
    today = timezone.localdate(timezone.now(), city_in_scope().zone)
    shown = []
    for row in articles:
        held = by_article[row.pk]
        original = next(one for one in held.values() if one.pk == row.current_id)
        exact = held.get(language.lower()) or held.get(language.lower().split("-")[0])
        shown.append(_one(row, original, exact or original, bool(exact), today, bool(parts)))
    return shown


def _one(
    row: Article,
    original: ArticleVersion,
    text: ArticleVersion,
    is_there: bool,
    today: date,
    has_parts: bool,
) -> Shown:
    service = book().services_by_id.get(original.service_id) if original.service_id else None
    can_ask = service is not None and service.is_active
    published_at = original.published_at or original.written_at
    return Shown(
        id=row.pk,
        version_id=text.pk,
        code=row.code,
        department_id=row.department_id,
        language=text.language,
        is_original_instead=not is_there,
        is_stale=text.translates_id is not None and text.translates_id != original.pk,
        is_review_due=row.review_by is not None and row.review_by < today,
        readers=original.readers,
        topic=original.topic,
        is_featured=original.is_featured,
        question=text.question,
        # A part a translation leaves out is shown as the original has it.
        spoken=text.spoken or original.spoken,
        answer=text.answer,
        eligibility=text.eligibility or original.eligibility,
        service_code=service.code if service is not None and can_ask else "",
        answers=tuple((one.question, one.value) for one in original.answers.all())
        if can_ask and has_parts
        else (),
        steps=_steps(original, text) if has_parts else (),
        links=_links(original, text) if has_parts else (),
        related=tuple(one.code for one in original.related.all()) if has_parts else (),
        n=original.n,
        changed_at=text.published_at or text.written_at,
        checked_at=max(row.reviewed_at or published_at, published_at),
        review_by=row.review_by,
    )


def _steps(original: ArticleVersion, text: ArticleVersion) -> tuple[Step, ...]:
    own = {one.code: one.text for one in text.steps.all()}
    return tuple(Step(one.code, own.get(one.code, one.text)) for one in original.steps.all())


def _links(original: ArticleVersion, text: ArticleVersion) -> tuple[Link, ...]:
    own = {one.code: one for one in text.links.all()}
    return tuple(
        Link(found.code, found.text, found.url)
        for one in original.links.all()
        if (found := own.get(one.code, one))
    )
