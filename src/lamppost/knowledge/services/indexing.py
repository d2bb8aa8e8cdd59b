"""Keeping what the search reads in step with what is published.

Called in the transaction of the change, so a search never finds what is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

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


def index_articles(articles: Sequence[Article]) -> None:
    """Index every published text of ``articles``; what is published no more is taken out.

    A fixed number of queries per language, however many articles there are.
    """
    shown = {row.pk: row for row in articles if row.is_active and row.current_id is not None}
    texts: dict[str, dict[int, list[_Field]]] = {}
    published = ArticleVersion.objects.filter(article__in=shown, state=VersionState.PUBLISHED)
    for version in published.prefetch_related("steps"):
        texts.setdefault(version.language, {})[version.article_id] = _article_fields(version)
    public = {
        id_ for id_, row in shown.items() if row.current and row.current.readers == Readers.PUBLIC
    }
    _replace("article_id", {row.pk for row in articles}, texts, public=public)


def index_entries(entries: Sequence[DirectoryEntry]) -> None:
    """Index directory entries in every language of the city; retired ones are taken out."""
    texts = {
        language: {row.pk: _entry_fields(row, language) for row in entries if row.is_active}
        for language in _languages()
    }
    ids = {row.pk for row in entries}
    _replace("entry_id", ids, texts, public=ids)


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
    key: str, ids: set[int], texts: Mapping[str, Mapping[int, list[_Field]]], *, public: set[int]
) -> None:
    """Make the rows of these things, known by the column ``key``, say ``texts``."""
    held: dict[str, dict[int, IndexedText]] = {}
    for row in IndexedText.objects.filter(**{f"{key}__in": ids}):
        held.setdefault(row.language, {})[getattr(row, key)] = row
    for language in sorted({*held, *texts}):
        rows = held.get(language, {})
        new = {
            id_: [(field.weight, words(field.text)) for field in fields]
            for id_, fields in texts.get(language, {}).items()
        }
        spoken = {word for fields in new.values() for _weight, found in fields for word in found}
        stems = _stems(language, spoken)
        change: Counter[str] = Counter()
        made = []
        for id_, fields in new.items():
            found = {word for _weight, each in fields for word in each if word in stems}
            before = rows[id_].words if id_ in rows else []
            change.update(found)
            change.subtract(before)
            made.append(
                IndexedText(
                    **{key: id_},
                    language=language,
                    is_public=id_ in public,
                    vector=_vector(fields, stems),
                    words=sorted(found),
                )
            )
        for id_, row in rows.items():
            if id_ not in new:
                change.subtract(row.words)
        IndexedText.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
        IndexedText.objects.bulk_create(made)
        _count(language, change, stems)


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
    # One place each, with the best weight (fields come in the order of their weight): how
    # often a word is said tells little in so short a text, and a small row is read quickly.
    places: dict[str, str] = {}
    at = 0
    for weight, found in spoken:
        for word in found:
            at = min(at + 1, _LAST_POSITION)
            stem = stems.get(word)
            if stem:
                places.setdefault(stem, f"{at}{weight}")
    return " ".join(f"'{stem}':{place}" for stem, place in places.items())


def _count(language: str, change: Mapping[str, int], stems: Mapping[str, str]) -> None:
    """Count texts with each word up and down, in the order of the words: no deadlocks."""
    rows = [
        (word, stems.get(word, word), letters(word), len(word), change[word])
        for word in sorted(change)
        if change[word]
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO knowledge_knownword
                   (city_id, language, word, stem, letters, length, documents)
            SELECT %s, %s, word, stem, letters, length, documents
            FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::int[], %s::int[])
                 AS new (word, stem, letters, length, documents)
            ON CONFLICT (city_id, language, word)
            DO UPDATE SET documents = knowledge_knownword.documents + excluded.documents
            """,
            [require_city_id(), language, *([row[at] for row in rows] for at in range(5))],
        )
    KnownWord.objects.filter(language=language, documents__lte=0).delete()
