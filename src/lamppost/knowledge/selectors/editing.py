"""What editors look at: what is in work, due, stale or missing, and how an article fares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.knowledge.choices import IN_WORK, GapState, VersionState
from lamppost.knowledge.models import (
    Article,
    ArticleFeedback,
    ArticleUse,
    ArticleVersion,
    Gap,
    KnowledgeSearch,
)
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS

PAGE = 50
_FIGURES = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Row:
    """An article in a list of editors; ``question`` is '' before anything was written."""

    code: str
    question: str
    department_id: int
    language: str
    state: str
    review_by: date | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A question that found no article lately, how often and when last."""

    query: str
    language: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Translation:
    """How an article stands in one language: fresh, stale, missing, and what is in work."""

    language: str
    published: ArticleVersion | None
    draft: ArticleVersion | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Fares:
    """How an article did in the last 90 days."""

    opened: int
    yes: int
    no: int
    spared: int

    @property
    def helped_percent(self) -> int | None:
        """The share of yes among the answers, None without any."""
        said = self.yes + self.no
        return round(100 * self.yes / said) if said else None


def _own(rows: QuerySet[Article, Article], actor: Actor) -> QuerySet[Article, Article]:
    if actor.department_id is None or actor.role in ALL_DEPARTMENTS:
        return rows
    return rows.filter(department_id=actor.department_id)


def in_work(actor: Actor, *, limit: int = PAGE) -> list[Row]:
    """Return the drafts this person wrote on, also those that wait for sign-off."""
    rows = ArticleVersion.objects.filter(state__in=IN_WORK, authors__user=actor.user_id)
    return _version_rows(rows.order_by("-written_at", "-pk"), limit)


def to_sign(actor: Actor, *, limit: int = PAGE) -> list[Row]:
    """Return what waits for sign-off by this person: their department's, not their own."""
    rows = ArticleVersion.objects.filter(
        state=VersionState.PROPOSED, article__in=_own(Article.objects.all(), actor)
    ).exclude(authors__user=actor.user_id)
    return _version_rows(rows.order_by("proposed_at", "pk"), limit)


def review_due(actor: Actor, *, limit: int = PAGE) -> list[Row]:
    """Return published articles whose day to be checked has passed, longest first."""
    rows = _own(Article.objects.filter(is_active=True, current__isnull=False), actor)
    rows = rows.filter(review_by__lt=today()).order_by("review_by", "pk")
    return [_article_row(row) for row in rows.select_related("current")[:limit]]


def stale_translations(actor: Actor, *, limit: int = PAGE) -> list[Row]:
    """Return translations of an older version than the published one, longest stale first."""
    rows = ArticleVersion.objects.filter(
        state=VersionState.PUBLISHED,
        translates__isnull=False,
        article__in=_own(Article.objects.filter(is_active=True), actor),
    ).exclude(translates=F("article__current"))
    return _version_rows(rows.order_by("article__current__published_at", "pk"), limit)


def every_article(
    actor: Actor, *, words: str = "", after: str = "", limit: int = PAGE
) -> tuple[list[Row], str]:
    """Return articles by code, retired ones too, and the code the next page begins after.

    ``words`` narrows by code and question.
    """
    rows = _own(Article.objects.select_related("current"), actor).order_by("code")
    if words:
        fits = Q(code__icontains=words) | Q(versions__question__icontains=words)
        rows = rows.filter(pk__in=Article.objects.filter(fits).values("pk"))
    if after:
        rows = rows.filter(code__gt=after)
    found = list(rows[: limit + 1])
    return [_article_row(row) for row in found[:limit]], (
        found[limit - 1].code if len(found) > limit else ""
    )


def open_gaps(*, limit: int = PAGE) -> list[Gap]:
    """Return the open gaps, the most frequent first."""
    rows = Gap.objects.filter(state=GapState.OPEN).select_related("article")
    return list(rows.order_by("-times", "-pk")[:limit])


def found_nothing(*, limit: int = PAGE) -> list[Nothing]:
    """Return what was asked for and not found in the last 90 days, the most frequent first."""
    rows = (
        KnowledgeSearch.objects.filter(hits=0, at__gte=timezone.now() - _FIGURES)
        .values("query", "language")
        .annotate(times=Count("pk"), last_at=Max("at"))
        .order_by("-times", "-last_at")
    )
    return [Nothing(**row) for row in rows[:limit]]


def translations(article: Article) -> list[Translation]:
    """Return how an article stands in the city's other languages."""
    city = city_in_scope()
    held: dict[tuple[str, bool], ArticleVersion] = {}
    for version in ArticleVersion.objects.filter(
        article=article, state__in=[*IN_WORK, VersionState.PUBLISHED]
    ):
        held[version.language, version.state == VersionState.PUBLISHED] = version
    found = []
    for language in languages_of(city):
        if language == city.default_language:
            continue
        published = held.get((language, True))
        found.append(
            Translation(
                language,
                published,
                held.get((language, False)),
                published is not None and published.translates_id != article.current_id,
            )
        )
    return found


def history(article: Article, *, limit: int = 40) -> list[ArticleVersion]:
    """Return the versions of an article in all languages, newest first."""
    rows = ArticleVersion.objects.filter(article=article).select_related("written_by", "signed_by")
    return list(rows.order_by("-written_at", "-pk")[:limit])


def fares(article: Article) -> Fares:
    """Return how often an article was opened and whether it helped, in the last 90 days."""
    since = timezone.now() - _FIGURES
    day = timezone.localdate(since, city_in_scope().zone)
    opened = ArticleUse.objects.filter(article=article, day__gte=day).aggregate(n=Sum("opened"))
    said = ArticleFeedback.objects.filter(article=article, at__gte=since).aggregate(
        yes=Count("pk", filter=Q(helped=True)),
        no=Count("pk", filter=Q(helped=False)),
        spared=Count("pk", filter=Q(spared_report=True)),
    )
    return Fares(opened["n"] or 0, said["yes"], said["no"], said["spared"])


def words_about(article: Article, *, limit: int = 20) -> Sequence[ArticleFeedback]:
    """Return what people wrote about an article, newest first."""
    rows = ArticleFeedback.objects.filter(article=article).exclude(words="")
    return list(rows.order_by("-at", "-pk")[:limit])


def draft_of(article: Article, language: str) -> ArticleVersion | None:
    """Return the version of an article that is in work in a language, or None."""
    rows = ArticleVersion.objects.filter(article=article, language=language, state__in=IN_WORK)
    return rows.first()


def today() -> date:
    """Return the day in the city."""
    return timezone.localdate(timezone.now(), city_in_scope().zone)


def _article_row(row: Article) -> Row:
    current = row.current
    state = str(VersionState.PUBLISHED) if current else str(VersionState.DRAFT)
    return Row(
        row.code,
        current.question if current else "",
        row.department_id,
        current.language if current else city_in_scope().default_language,
        state if row.is_active else "retired",
        row.review_by,
        current.published_at if current else None,
    )


def _version_rows(rows: QuerySet[ArticleVersion, ArticleVersion], limit: int) -> list[Row]:
    return [
        Row(
            row.article.code,
            row.question,
            row.article.department_id,
            row.language,
            row.state,
            row.article.review_by,
            row.written_at,
        )
        for row in rows.select_related("article")[:limit]
    ]
