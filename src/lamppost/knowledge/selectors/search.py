"""Finding the article that answers, in the words people have for it."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.choices import Readers
from lamppost.knowledge.selectors.articles import titles
from lamppost.knowledge.selectors.matching import match_articles


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that fits: enough for a list of results, or to be read out.

    ``language`` is the one it is shown in: the one asked for, or the original's where there is
    no translation yet. ``is_stale`` when its translation or its review is behind.
    """

    code: str
    title: str
    spoken: str
    service_code: str
    language: str = ""
    is_stale: bool = False
    is_staff_only: bool = False
    topic: str = ""


def search(query: str, *, language: str, staff: bool = False, limit: int = 8) -> list[Hit]:
    """Return the articles that answer ``query``, best first; nothing is written down.

    Words count without accents, case and endings; typing errors are forgiven; a word begun
    fits at the end. Looks in ``language`` and in the language the city writes in. ``staff``
    finds what only staff may read, too. At most five queries.
    """
    default = city_in_scope().default_language
    found = match_articles(query, (language, default), staff=staff, limit=limit)
    shown = titles([row.id for row in found], language=language, staff=staff)
    return [
        Hit(
            code=one.code,
            title=one.question,
            spoken=one.spoken,
            service_code=one.service_code,
            language=one.language,
            is_stale=one.is_behind,
            is_staff_only=one.readers == Readers.STAFF,
            topic=one.topic,
        )
        for row in found
        if (one := shown.get(row.id)) is not None
    ]
