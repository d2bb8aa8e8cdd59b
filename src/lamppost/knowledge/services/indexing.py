"""Keeping what the search reads in step with what is published.

Called in the transaction of the change, so a search never finds what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.database.scope import require_city_id
from lamppost.kernel.text import in_language
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import (
    Article,
    ArticleVersion,
    DirectoryEntry,
    IndexedText,
    KnownWord,
)
from lamppost.knowledge.words import letters, stemmer, words

# A lexeme may stand at positions up to this one (PostgreSQL manual, 12.11 Limitations).
_LAST_POSITION = 16383


@dataclass(frozen=True, slots=True)
class _Field:
    weight: str
    text: str


def index_article(article: Article) -> None:
    """Index every published text of ``article``; what is published no more is taken out."""
    texts = {}
    if article.is_active and article.current_id is not None:
        published = ArticleVersion.objects.filter(article=article, state=VersionState.PUBLISHED)
        texts = {row.language: _article_fields(row) for row in published.prefetch_related("steps")}
    readers = article.current.readers if article.current else Readers.STAFF
    _replace({"article": article}, texts, is_public=readers == Readers.PUBLIC)


def index_entry(entry: DirectoryEntry) -> None:
    """Index a directory entry in every language of the city; a retired one is taken out."""
    texts = {}
    if entry.is_active:
        texts = {language: _entry_fields(entry, language) for language in _languages()}
    _replace({"entry": entry}, texts, is_public=True)


def _languages() -> tuple[str, ...]:
    return languages_of(city_in_scope())


def _article_fields(version: ArticleVersion) -> list[_Field]:
    steps = " ".join(step.text for step in version.steps.all())
    return [
        _Field("A", version.question),
        _Field("B", version.keywords),
        _Field("C", version.spoken),
        _Field("D", f"{version.answer} {version.eligibility} {steps}"),
    ]


def _entry_fields(entry: DirectoryEntry, language: str) -> list[_Field]:
    default = city_in_scope().default_language
    return [
        _Field("A", in_language(entry.name, language, default)),
        _Field("B", in_language(entry.keywords, language, default)),
        _Field("C", in_language(entry.about, language, default)),
    ]


def _replace(
    thing: Mapping[str, Any], texts: Mapping[str, list[_Field]], *, is_public: bool
) -> None:
    held = {row.language: row for row in IndexedText.objects.filter(**thing)}
    for language in sorted({*held, *texts}):
        row = held.get(language)
        before = set(row.words) if row else set()
        fields = texts.get(language)
        if fields is None:
            if row is not None:
                row.delete()
            _count(language, {}, gone=before)
            continue
        spoken = [(field.weight, words(field.text)) for field in fields]
        stems = _stems(language, {word for _weight, found in spoken for word in found})
        values = {
            "is_public": is_public,
            "vector": _vector(spoken, stems),
            "words": sorted(stems),
        }
        IndexedText.objects.update_or_create({**values}, language=language, **thing)
        new = {word: stem for word, stem in stems.items() if word not in before}
        _count(language, new, gone=before - set(stems))


def _stems(language: str, found: set[str]) -> dict[str, str]:
    """Return the stem of each word; words every text has (the, and) are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, ts_lexize(%s::text::regdictionary, word) FROM unnest(%s::text[]) word",
            [stemmer(language), sorted(found)],
        )
        return {
            word: stems[0] if stems else word for word, stems in cursor.fetchall() if stems != []
        }


def _vector(spoken: Iterable[tuple[str, list[str]]], stems: Mapping[str, str]) -> str:
    """Return the text form of a ``tsvector`` with weights; words are letters and digits only."""
    places: dict[str, list[str]] = {}
    at = 0
    for weight, found in spoken:
        for word in found:
            at += 1
            stem = stems.get(word)
            # A lexeme may have 256 positions; a text that says a word more often is about it.
            if stem and at <= _LAST_POSITION and len(places.get(stem, ())) < 255:
                places.setdefault(stem, []).append(f"{at}{weight}")
    return " ".join(f"'{stem}':{','.join(found)}" for stem, found in places.items())


def _count(language: str, new: Mapping[str, str], *, gone: Iterable[str]) -> None:
    """Count texts with each word up and down, in the order of the words: no deadlocks."""
    rows = [(word, new[word], letters(word), len(word)) for word in sorted(new)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO knowledge_knownword
                   (city_id, language, word, stem, letters, length, documents)
            SELECT %s, %s, word, stem, letters, length, 1
            FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::int[])
                 AS new (word, stem, letters, length)
            ON CONFLICT (city_id, language, word)
            DO UPDATE SET documents = knowledge_knownword.documents + 1
            """,
            [require_city_id(), language, *([row[at] for row in rows] for at in range(4))],
        )
    leaving = KnownWord.objects.filter(language=language, word__in=sorted(gone)).order_by("word")
    leaving.filter(
        pk__in=list(leaving.select_for_update().values_list("pk", flat=True))
    ).order_by().update(documents=models.F("documents") - 1)
    KnownWord.objects.filter(language=language, documents__lte=0).delete()
