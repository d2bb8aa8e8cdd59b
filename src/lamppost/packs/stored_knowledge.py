"""What a city knows, as the database holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lamppost.knowledge.choices import VersionState
from lamppost.knowledge.models import Article, ArticleVersion, DirectoryEntry, Topic
from lamppost.packs import knowledge_content
from lamppost.packs.content import Texts


def stored_topics() -> tuple[knowledge_content.Topic, ...]:
    """Return the topics in order."""
    return tuple(
        knowledge_content.Topic(code=row.code, name=row.name) for row in Topic.objects.all()
    )


def stored_articles(language: str) -> tuple[knowledge_content.Article, ...]:
    """Return the published articles by topic and order; ``language`` is the city's own.

    Translations of an older wording are left out: beside the new one they would look right.
    """
    versions: dict[int, list[ArticleVersion]] = {}
    for version in (
        ArticleVersion.objects.filter(published_at__isnull=False)
        .select_related("service")
        .prefetch_related("steps", "links", "answers", "related")
        .order_by("-n")
    ):
        versions.setdefault(version.article_id, []).append(version)
    rows = Article.objects.filter(is_active=True, current__isnull=False)
    found = []
    for row in rows.select_related("department"):
        held = versions[row.pk]
        now = [one for one in held if one.state == VersionState.PUBLISHED]
        packed = _last(one for one in held if one.is_of_pack)
        stored = _row(row, now, language)
        if any(not one.is_of_pack for one in now):
            before = _row(row, packed, language) if row.is_of_pack and packed else None
            stored = replace(stored, of_desk=True, packed=before)
        found.append((stored.topic, row.order, row.code, stored))
    return tuple(stored for _topic, _order, _code, stored in sorted(found, key=lambda f: f[:3]))


def _last(versions: Iterable[ArticleVersion]) -> list[ArticleVersion]:
    by_language: dict[str, ArticleVersion] = {}
    for version in versions:
        by_language.setdefault(version.language, version)
    return list(by_language.values())


def _row(row: Article, versions: list[ArticleVersion], language: str) -> knowledge_content.Article:
    original = next(one for one in versions if one.language == language)
    fresh = [original, *(one for one in versions if one.translates_id == original.pk)]

    def texts(name: str) -> Texts:
        return {one.language: text for one in fresh if (text := getattr(one, name))}

    def parts(name: str, code: str) -> Texts:
        return {
            one.language: part.text
            for one in fresh
            for part in getattr(one, name).all()
            if part.code == code
        }

    return knowledge_content.Article(
        code=row.code,
        topic=original.topic,
        department=row.department.code,
        question=texts("question"),
        keywords=texts("keywords"),
        spoken=texts("spoken"),
        answer=texts("answer"),
        eligibility=texts("eligibility"),
        steps=tuple(
            knowledge_content.ArticleStep(code=step.code, text=parts("steps", step.code))
            for step in original.steps.all()
        ),
        service=original.service.code if original.service else "",
        answers=tuple((one.question, one.value) for one in original.answers.all()),
        links=tuple(
            knowledge_content.ArticleLink(
                code=link.code, text=parts("links", link.code), url=link.url
            )
            for link in original.links.all()
        ),
        audience=original.readers,
        review_months=original.review_months,
        is_featured=original.is_featured,
        related=tuple(sorted(one.code for one in original.related.all())),
    )


def stored_directory() -> tuple[knowledge_content.DirectoryEntry, ...]:
    """Return the directory in order."""
    rows = DirectoryEntry.objects.filter(is_active=True).select_related("department")
    return tuple(
        knowledge_content.DirectoryEntry(
            code=row.code,
            name=row.name,
            about=row.about,
            keywords=row.keywords,
            phone=row.phone,
            hours=row.hours,
            url=row.url,
            department=row.department.code if row.department else "",
        )
        for row in rows
    )
