"""Lists of published articles: by topic, featured, for a service, changed lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import Article, ArticleVersion, Topic
from lamppost.knowledge.selectors.articles import published


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list. ``language`` is that of its question as shown."""

    code: str
    question: str
    spoken: str
    language: str
    topic: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic with how many articles a resident finds under it."""

    code: str
    name: str
    articles: int


def featured(*, language: str, limit: int = 8) -> list[Line]:
    """Return what the city shows first. Two queries."""
    rows = published().filter(current__is_featured=True)
    return _lines(rows.order_by("current__topic", "order", "code")[:limit], language)


def under(topic: str, *, language: str) -> list[Line]:
    """Return the articles of a topic in the city's order. Two queries."""
    return _lines(published().filter(current__topic=topic).order_by("order", "code"), language)


def for_service(service_id: int, *, language: str, limit: int = 3) -> list[Line]:
    """Return the articles that lead to a service. Two queries."""
    rows = published().filter(current__service=service_id)
    return _lines(rows.order_by("-current__is_featured", "order", "code")[:limit], language)


def named(codes: Sequence[str], *, language: str) -> list[Line]:
    """Return the public articles of these codes, in this order. Two queries."""
    lines = {line.code: line for line in _lines(published().filter(code__in=codes), language)}
    return [lines[code] for code in codes if code in lines]


def changed(*, language: str, limit: int = 50) -> list[Line]:
    """Return the public articles that were published last, newest first. Two queries."""
    return _lines(published().order_by("-current__published_at", "-pk")[:limit], language)


def public_codes() -> list[str]:
    """Return the codes of all public articles. One query."""
    return list(published().order_by("code").values_list("code", flat=True))


def topics(*, language: str) -> list[TopicLine]:
    """Return the topics that have public articles, in the city's order. Two queries."""
    default = city_in_scope().default_language
    counts = {
        row["topic"]: row["articles"]
        for row in ArticleVersion.objects.filter(
            article__is_active=True,
            article__current_id__isnull=False,
            translates=None,
            state=VersionState.PUBLISHED,
            readers=Readers.PUBLIC,
        )
        .values("topic")
        .order_by("topic")
        .annotate(articles=Count("pk"))
    }
    names = {row.code: row.name for row in Topic.objects.all()}
    known = [code for code in names if code in counts]
    unnamed = sorted(code for code in counts if code and code not in names)
    return [
        TopicLine(
            code,
            in_language(names.get(code, {}), language, default) or code.replace("-", " "),
            counts[code],
        )
        for code in [*known, *unnamed]
    ]


def _lines(rows: QuerySet[Article, Article], language: str) -> list[Line]:
    articles = list(rows)
    tags = {language.lower(), language.lower().split("-")[0]}
    translated = {
        version.article_id: version
        for version in ArticleVersion.objects.filter(
            Q(language__in=tags), article__in=articles, state=VersionState.PUBLISHED
        ).order_by("language")
    }
    lines = []
    for row in articles:
        assert row.current is not None
        text = translated.get(row.pk, row.current)
        lines.append(
            Line(
                code=row.code,
                question=text.question,
                spoken=text.spoken,
                language=text.language,
                topic=row.current.topic,
                changed_at=text.published_at or text.written_at,
            )
        )
    return lines
