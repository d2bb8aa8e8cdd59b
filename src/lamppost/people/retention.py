"""Personal data that has been kept long enough is removed, by the rules of the city.

Each app says what it keeps and how it removes what is older than a moment: ``register``.
Without a rule nothing is removed. Safe to cut off: what is left goes the next night.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lamppost.people import audit
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import AuditWhat, Retained
from lamppost.people.models import RetentionRule
from lamppost.people.permissions import Permission, require

# A month of the rule is 30.4375 days, a twelfth of 365.25: nobody is asked to count days.
_MONTH = timedelta(days=30.4375)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Keeper:
    """How one kind of data is counted and removed.

    ``count`` takes a moment and gives how many rows from before it still hold something;
    ``remove`` takes a moment and a limit and gives how many it emptied or deleted, in the
    caller's transaction.
    """

    what: Retained
    count: Callable[[datetime], int]
    remove: Callable[[datetime, int], int]


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule would remove now."""

    rule: RetentionRule
    before: datetime
    count: int


_KEEPERS: dict[Retained, Keeper] = {}


def register(keeper: Keeper) -> None:
    """Take ``keeper`` in; the same kind again replaces it."""
    _KEEPERS[keeper.what] = keeper


def kinds() -> list[Retained]:
    """Return the kinds of data some app can remove."""
    return [kind for kind in Retained if kind in _KEEPERS]


def dry_run(*, actor: Actor, now: datetime | None = None) -> list[Due]:
    """Return what each rule would remove now, changing nothing. Raises ``Forbidden``."""
    require(actor, Permission.CONTACT_ERASE, detail="retention")
    now = now or timezone.now()
    return [_due(rule, now) for rule in RetentionRule.objects.all() if rule.what in _KEEPERS]


def remove_old(*, now: datetime) -> dict[str, int]:
    """Remove what the rules of the city in scope say, in batches; return counts by kind."""
    removed: dict[str, int] = {}
    for rule in RetentionRule.objects.all():
        keeper = _KEEPERS.get(Retained(rule.what))
        if keeper is None:
            continue
        count = _remove(keeper, now - rule.after_months * _MONTH)
        if count:
            removed[rule.what] = count
            RetentionRule.objects.filter(pk=rule.pk).update(removed=count, last_at=now)
            audit.note(what=AuditWhat.RETENTION, label=rule.what, actor=SYSTEM, detail=str(count))
    return removed


def _remove(keeper: Keeper, before: datetime) -> int:
    total = 0
    while True:
        with transaction.atomic():
            count = keeper.remove(before, BATCH)
        total += count
        if count < BATCH:
            return total


def _due(rule: RetentionRule, now: datetime) -> Due:
    before = now - rule.after_months * _MONTH
    return Due(rule, before, _KEEPERS[Retained(rule.what)].count(before))
