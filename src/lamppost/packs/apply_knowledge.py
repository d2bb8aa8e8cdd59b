"""The topics, articles and directory of a pack.

An article the pack changes gets a new version, published at once: a pack is reviewed before
it is applied. One changed at the desk since the pack last brought it stays as the desk has it,
unless the pack says something new, too: then a person has to decide. One an editor took out of
use stays out of use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from lamppost.kernel.refusals import Problem
from lamppost.knowledge.choices import VersionState
from lamppost.knowledge.models import Article, ArticleVersion, DirectoryEntry, Topic
from lamppost.knowledge.services.indexing import index_articles, index_entries
from lamppost.knowledge.services.publishing import Publication, Said, publish_packed, said
from lamppost.packs.content import Pack
from lamppost.packs.knowledge_content import Article as ArticleFacts
from lamppost.packs.sync import Sync

Rows = Mapping[str, Any]
NOUN = "article"
VERSION = "article version"
TRANSLATION = "article translation"
KEPT = "article kept as edited at the desk"
RETIRED = "article kept out of use by the desk"


@dataclass(frozen=True)
class _Known:
    """What articles refer to, what there is of them, and how to go about it."""

    departments: Rows
    services: Rows
    versions: Mapping[int, list[ArticleVersion]]
    language: str
    may_replace: bool


def apply_knowledge(
    pack: Pack, sync: Sync, departments: Rows, services: Rows, *, may_replace: bool
) -> None:
    """Carry over topics, articles with their translations, and the directory."""
    sync.rows(
        "topic",
        Topic,
        {row.code: row for row in Topic.objects.all()},
        {
            row.code: {"code": row.code, "name": dict(row.name), "order": order}
            for order, row in enumerate(pack.topics, start=1)
        },
    )
    _articles(pack, sync, departments, services, may_replace=may_replace)
    _directory(pack, sync, departments)


def _articles(
    pack: Pack, sync: Sync, departments: Rows, services: Rows, *, may_replace: bool
) -> None:
    held = {row.code: row for row in Article.objects.select_for_update()}
    versions: dict[int, list[ArticleVersion]] = {}
    # Newest first: the first that fits is the last there was.
    for version in ArticleVersion.objects.order_by("-n").prefetch_related(
        "steps", "links", "answers", "related"
    ):
        versions.setdefault(version.article_id, []).append(version)
    known = _Known(departments, services, versions, pack.city.default_language, may_replace)
    now = timezone.now()
    touched: dict[int, Article] = {}
    orders: Counter[str] = Counter()
    originals: list[Publication] = []
    kept: list[tuple[ArticleFacts, Article]] = []
    for facts in pack.articles:
        orders[facts.topic] += 1
        row = _row(facts, held.get(facts.code), orders[facts.topic], sync, known, touched)
        if row is not None:
            originals += _original(facts, row, sync, known)
            kept.append((facts, row))
    publish_packed(originals, now=now)
    translations = [one for facts, row in kept for one in _translations(facts, row, sync, known)]
    publish_packed(translations, now=now)
    _retire(pack, held, sync, touched)
    touched |= {one.article.pk: one.article for one in (*originals, *translations)}
    index_articles(list(touched.values()))


def _retire(
    pack: Pack, held: Mapping[str, Article], sync: Sync, touched: dict[int, Article]
) -> None:
    wanted = {facts.code for facts in pack.articles}
    for code, row in held.items():
        if code not in wanted and row.is_of_pack and row.is_active:
            row.is_active = False
            row.save(update_fields=["is_active"])
            touched[row.pk] = row
            sync.tally.retired[NOUN] += 1


def _row(
    facts: ArticleFacts,
    row: Article | None,
    order: int,
    sync: Sync,
    known: _Known,
    touched: dict[int, Article],
) -> Article | None:
    """Return the article itself, made or changed; None when the desk has one of that code."""
    if row is not None and not row.is_of_pack and not known.may_replace:
        sync.problems.append(_problem(f'The article "{facts.code}" was made at the desk.'))
        return None
    is_retired = row is not None and row.retired_at is not None and not known.may_replace
    fields = {
        "department_id": known.departments[facts.department].pk,
        "order": order,
        "is_active": not is_retired,
        "is_of_pack": True,
        "retired_at": row.retired_at if row is not None and is_retired else None,
    }
    if is_retired:
        sync.tally.unchanged[RETIRED] += 1
    if row is None:
        sync.tally.created[NOUN] += 1
        return Article.objects.create(code=facts.code, **fields)
    different = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in different:
        setattr(row, name, fields[name])
    if different:
        row.save(update_fields=different)
        touched[row.pk] = row
    (sync.tally.changed if different else sync.tally.unchanged)[NOUN] += 1
    return row


def _problem(what: str) -> Problem:
    return Problem(
        NOUN,
        f"{what} Take the desk's over with `lamppost pack export`, or write over it with "
        "`lamppost pack apply --replace-articles`.",
        "edited",
    )


def _original(
    facts: ArticleFacts, row: Article, sync: Sync, known: _Known
) -> Iterator[Publication]:
    """Yield the original if the pack says something new."""
    wanted = _said(facts, known.language, known)
    current = _of(row, known, known.language, is_published=True)
    packed = _of(row, known, known.language, is_of_pack=True)
    if current is not None and said(current) == wanted:
        return
    if packed is not None and said(packed) == wanted:
        sync.tally.unchanged[KEPT] += 1
        return
    if current is not None and not current.is_of_pack and not known.may_replace:
        sync.problems.append(
            _problem(
                f'The article "{facts.code}" was changed at the desk, and the pack says '
                "something else again."
            )
        )
        return
    sync.tally.created[VERSION] += 1
    yield Publication(row, known.language, wanted)


def _translations(
    facts: ArticleFacts, row: Article, sync: Sync, known: _Known
) -> Iterator[Publication]:
    """Yield the translations that are new, or that now stand beside another original."""
    for language in facts.question:
        if language == known.language or not facts.answer.get(language):
            continue
        if row.current is None or not row.current.is_of_pack:
            continue  # The desk's own wording: what the pack has translates another one.
        wanted = _said(facts, language, known)
        current = _of(row, known, language, is_published=True)
        packed = _of(row, known, language, is_of_pack=True)
        is_same = packed is not None and said(packed) == wanted
        is_up = packed is not None and packed.translates_id == row.current_id
        of_desk = current is not None and not current.is_of_pack
        if is_same and (is_up or of_desk):
            sync.tally.unchanged[TRANSLATION] += 1
            continue
        (sync.tally.changed if current else sync.tally.created)[TRANSLATION] += 1
        yield Publication(row, language, wanted, row.current)


def _of(row: Article, known: _Known, language: str, **how: bool) -> ArticleVersion | None:
    """Return the published version, or the last of a pack's, as ``how`` says."""
    for version in known.versions.get(row.pk, ()):
        if version.language != language:
            continue
        if how.get("is_published") and version.state == VersionState.PUBLISHED:
            return version
        if how.get("is_of_pack") and version.is_of_pack:
            return version
    return None


def _said(facts: ArticleFacts, language: str, known: _Known) -> Said:
    words = Said(
        question=facts.question.get(language, ""),
        answer=facts.answer.get(language, ""),
        keywords=facts.keywords.get(language, ""),
        spoken=facts.spoken.get(language, ""),
        eligibility=facts.eligibility.get(language, ""),
        steps=tuple(
            (step.code, step.text[language]) for step in facts.steps if step.text.get(language)
        ),
        links=tuple(
            (link.code, link.text[language], link.url)
            for link in facts.links
            if link.text.get(language)
        ),
    )
    if language != known.language:
        return words
    return replace(
        words,
        readers=facts.audience,
        topic=facts.topic,
        is_featured=facts.is_featured,
        review_months=facts.review_months,
        service_id=known.services[facts.service].pk if facts.service else None,
        answers=facts.answers,
        related=facts.related,
    )


def _directory(pack: Pack, sync: Sync, departments: Rows) -> None:
    held = {row.code: row for row in DirectoryEntry.objects.all()}
    changed: list[DirectoryEntry] = []
    for order, facts in enumerate(pack.directory, start=1):
        fields = {
            "order": order,
            "name": dict(facts.name),
            "about": dict(facts.about),
            "keywords": dict(facts.keywords),
            "hours": dict(facts.hours),
            "phone": facts.phone,
            "url": facts.url,
            "department_id": departments[facts.department].pk if facts.department else None,
            "is_active": True,
        }
        row = held.pop(facts.code, None)
        if row is not None and all(getattr(row, name) == value for name, value in fields.items()):
            sync.tally.unchanged["directory entry"] += 1
            continue
        row, is_new = DirectoryEntry.objects.update_or_create(fields, code=facts.code)
        (sync.tally.created if is_new else sync.tally.changed)["directory entry"] += 1
        changed.append(row)
    for row in held.values():
        row.is_active = False
        sync.tally.deleted["directory entry"] += 1
    index_entries([*changed, *held.values()])
    DirectoryEntry.objects.filter(pk__in=[row.pk for row in held.values()]).delete()
