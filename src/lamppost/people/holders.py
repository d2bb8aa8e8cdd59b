"""Which app keeps what of a resident: every app says so here, and how it is given and taken.

An app's ``AppConfig.ready`` registers one ``Holder``. Exporting a person asks all of them,
erasing one too. The floors stay: people knows none of the apps above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from lamppost.kernel.removal import Words

Row = Mapping[str, Any]
Export = Callable[[frozenset[int]], Mapping[str, Sequence[Row]]]
Erase = Callable[[frozenset[int], Words], int]
Lately = Callable[[datetime], QuerySet[Any, Any]]
Pending = Callable[[frozenset[int]], Sequence[str]]


def nothing_exported(_contact_ids: frozenset[int]) -> dict[str, list[Row]]:
    """The export of an app that keeps rows of nobody."""
    return {}


def nothing_erased(_contact_ids: frozenset[int], _words: Words) -> int:
    """The erasure of an app that keeps rows of nobody."""
    return 0


def nothing_pending(_contact_ids: frozenset[int]) -> list[str]:
    """The open matters of an app that has none."""
    return []


@dataclass(frozen=True, slots=True)
class Holder:
    """What one app keeps of a contact.

    ``export`` takes contact ids and gives, by a name of its own, rows of plain JSON values
    (times as ISO 8601). ``erase`` takes the ids and the person's words, empties what is theirs
    and takes the words out of what others wrote about them, in the caller's transaction; it
    gives the number of rows changed and does no harm the second time. ``texts`` names further
    columns of free text (``"app.Model"`` to field names) in which a phone number or an e-mail
    address of anybody may have been written: those are looked through without regard to whose
    row it is. ``pending`` names what is still open for them (a case by its
    number), which whoever erases is asked about first;
    ``lately`` the ids of contacts heard of since a moment, which retention leaves alone.
    """

    name: str
    export: Export = nothing_exported
    erase: Erase = nothing_erased
    texts: Mapping[str, tuple[str, ...]] | None = None
    pending: Pending = nothing_pending
    lately: Lately | None = None


_HOLDERS: dict[str, Holder] = {}


def register(holder: Holder) -> None:
    """Take ``holder`` in; the same name again replaces it."""
    _HOLDERS[holder.name] = holder


def holders() -> list[Holder]:
    """Return all holders, in the order in which they came."""
    return list(_HOLDERS.values())


def without_words(
    rows: QuerySet[Any], fields: Sequence[str], words: Words, *, parts: bool = True
) -> int:
    """Take ``words`` out of text and JSON ``fields`` of ``rows``; return how many changed.

    ``parts`` takes single names too: for rows known to be about the person.
    """
    changed = 0
    for row in rows.iterator(chunk_size=500):
        changes = {}
        for field in fields:
            before = getattr(row, field)
            after = _removed(before, words, parts=parts)
            if after != before:
                changes[field] = after
        if changes:
            _write(row, changes)
            changed += 1
    return changed


def swept(words: Words, *, names: bool) -> int:
    """Take ``words`` out of every registered text of the city; return how many rows changed.

    Only what points to one person: numbers, addresses, and with ``names`` full names.
    """
    patterns = [part for part in (words.distinct, words.full_names if names else "") if part]
    if not patterns:
        return 0
    pattern = "|".join(patterns)
    changed = 0
    for holder in holders():
        for label, fields in (holder.texts or {}).items():
            model = apps.get_model(label)
            changed += _swept_table(model, fields, pattern, words, names=names)
    return changed


def _swept_table(
    model: type[Model], fields: tuple[str, ...], pattern: str, words: Words, *, names: bool
) -> int:
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__iregex": pattern})
    changed = 0
    for row in model._default_manager.filter(found).iterator(chunk_size=500):
        changes = {}
        for field in fields:
            before = getattr(row, field)
            after = _removed(before, words, names=names)
            if after != before:
                changes[field] = after
        if changes:
            _write(row, changes)
            changed += 1
    return changed


def _write(row: Model, changes: dict[str, Any]) -> None:
    """Write the changes; a text that may only be redacted is marked as that."""
    if hasattr(row, "redacted_at"):
        changes["redacted_at"] = row.redacted_at or timezone.now()
    type(row)._base_manager.filter(pk=row.pk).update(**changes)


def _removed(value: Any, words: Words, *, names: bool = True, parts: bool = False) -> Any:
    if isinstance(value, str):
        return words.without(value, names=names, parts=parts)
    if isinstance(value, list):
        return [_removed(one, words, names=names, parts=parts) for one in value]
    if isinstance(value, dict):
        return {key: _removed(one, words, names=names, parts=parts) for key, one in value.items()}
    return value
