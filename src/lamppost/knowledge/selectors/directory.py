"""Whom else people ask for: numbers, hours and pages."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.knowledge.models import DirectoryEntry
from lamppost.knowledge.selectors.matching import match_entries


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, in the reader's language."""

    code: str
    name: str
    about: str
    hours: str
    phone: str
    url: str
    department_id: int | None


def find(query: str, *, language: str, limit: int = 8) -> list[Entry]:
    """Return the entries that fit ``query``, best first. At most four queries."""
    default = city_in_scope().default_language
    ids = [row.id for row in match_entries(query, (language, default), limit=limit)]
    rows = {row.pk: row for row in DirectoryEntry.objects.filter(pk__in=ids, is_active=True)}
    return [_entry(rows[id_], language) for id_ in ids if id_ in rows]


def every(*, language: str) -> list[Entry]:
    """Return the whole directory in the city's order. One query."""
    rows = DirectoryEntry.objects.filter(is_active=True)
    return [_entry(row, language) for row in rows]


def _entry(row: DirectoryEntry, language: str) -> Entry:
    default = city_in_scope().default_language
    return Entry(
        code=row.code,
        name=in_language(row.name, language, default),
        about=in_language(row.about, language, default),
        hours=in_language(row.hours, language, default),
        phone=row.phone,
        url=row.url,
        department_id=row.department_id,
    )
