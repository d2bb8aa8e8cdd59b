"""Making the rows of a table say what a pack says, and counting what that took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError

from lamppost.kernel.refusals import Problem

K = TypeVar("K", bound=Hashable)
_SHIFT = 10_000


@dataclass(slots=True)
class Tally:
    """How many rows of each kind were created, changed, left alone, deleted or retired."""

    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    retired: Counter[str] = field(default_factory=Counter)

    @property
    def has_changes(self) -> bool:
        """Whether anything was written."""
        return any((self.created, self.changed, self.deleted, self.retired))

    def touched(self, *nouns: str) -> bool:
        """Whether anything of these kinds was written."""
        counters = (self.created, self.changed, self.deleted, self.retired)
        return any(counter[noun] for counter in counters for noun in nouns)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts by kind, for people and scripts."""
        counts: dict[str, dict[str, int]] = {}
        for name in ("created", "changed", "unchanged", "deleted", "retired"):
            for noun, number in getattr(self, name).items():
                counts.setdefault(noun, {})[name] = number
        return dict(sorted(counts.items()))


@dataclass(slots=True)
class Gone:
    """A row the pack does not name any more."""

    noun: str
    name: str
    row: Any
    is_used: Callable[[Any], bool] | None


@dataclass(slots=True)
class Sync:
    """Carries rows from a pack into one city's tables; removals wait until the end.

    They wait because other rows may still refer to what vanishes until those are changed.
    """

    tally: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)

    def rows(
        self,
        noun: str,
        model: type[models.Model],
        existing: Mapping[K, Any],
        wanted: Mapping[K, Mapping[str, Any]],
        *,
        one_of: str = "",
        is_numbered: bool = False,
        is_used: Callable[[Any], bool] | None = None,
    ) -> dict[K, Any]:
        """Create and change rows until they say ``wanted``; return them by key.

        ``one_of`` names a flag that only one row may carry and ``is_numbered`` an ``order``
        that only one row may have: both are freed first, so that rows can trade places.
        ``is_used`` tells whether a vanished row must be kept for rows that would follow it
        into deletion or forget it.
        """
        if one_of:
            self._free_flag(model, existing, wanted, one_of)
        if is_numbered:
            self._free_numbers(model, existing, wanted)
        result: dict[K, Any] = {}
        for key, fields in wanted.items():
            row = existing.get(key)
            if row is None:
                result[key] = model._default_manager.create(**fields)
                self.tally.created[noun] += 1
            else:
                self._change(noun, row, fields)
                result[key] = row
        for key, row in existing.items():
            if key not in wanted:
                name = "/".join(map(str, key)) if isinstance(key, tuple) else str(key)
                self.gone.append(Gone(noun, name, row, is_used))
        return result

    def _change(self, noun: str, row: Any, fields: Mapping[str, Any]) -> None:
        different = [name for name, value in fields.items() if getattr(row, name) != value]
        if not different:
            self.tally.unchanged[noun] += 1
            return
        for name in different:
            setattr(row, name, fields[name])
        row.save(update_fields=different)
        self.tally.changed[noun] += 1

    def _free_flag(
        self,
        model: type[models.Model],
        existing: Mapping[K, Any],
        wanted: Mapping[K, Mapping[str, Any]],
        flag: str,
    ) -> None:
        losing = [
            row
            for key, row in existing.items()
            if getattr(row, flag) and not wanted.get(key, {}).get(flag, False)
        ]
        model._default_manager.filter(pk__in=[row.pk for row in losing]).update(**{flag: False})

    def _free_numbers(
        self,
        model: type[models.Model],
        existing: Mapping[K, Any],
        wanted: Mapping[K, Mapping[str, Any]],
    ) -> None:
        moving = [
            row.pk
            for key, row in existing.items()
            if row.order < _SHIFT and wanted.get(key, {}).get("order") != row.order
        ]
        if moving:
            model._default_manager.filter(pk__in=moving).update(order=models.F("order") + _SHIFT)

    def remove_gone(self) -> None:
        """Delete what vanished, retire what history needs, note what can be neither."""
        for each in reversed(self.gone):
            if getattr(each.row, "is_active", True) is False:
                continue
            if each.is_used is not None and each.is_used(each.row):
                self._retire(each, [])
                continue
            try:
                with transaction.atomic():
                    each.row.delete()
                self.tally.deleted[each.noun] += 1
            except ProtectedError as error:
                self._retire(each, list(error.protected_objects))
            except RestrictedError as error:
                self._retire(each, list(error.restricted_objects))

    def _retire(self, gone: Gone, holders: list[Any]) -> None:
        if hasattr(gone.row, "is_active"):
            type(gone.row)._default_manager.filter(pk=gone.row.pk).update(is_active=False)
            self.tally.retired[gone.noun] += 1
            return
        if holders and all(getattr(holder, "is_active", True) is False for holder in holders):
            return  # Only retired rows still stand under it; it is out of sight with them.
        kinds = sorted({str(holder._meta.verbose_name_plural) for holder in holders}) or ["cases"]
        self.problems.append(
            Problem(
                field=gone.noun,
                message=f'The {gone.noun} "{gone.name}" is not in the pack any more, but '
                f"{', '.join(kinds)} refer to it. Put it back.",
                code="in_use",
            )
        )
