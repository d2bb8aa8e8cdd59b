"""The log of what staff changed in the city's set-up and which personal data they looked at.

What happens to cases stands in their events; refusals stand in ``denials``. Services call
``note`` in the transaction of the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import AuditEntry, Denial


def note(*, what: AuditWhat, label: str, actor: Actor, detail: str = "") -> AuditEntry:
    """Write down that ``actor`` did ``what`` to the thing called ``label``; return the entry.

    ``label`` is a code, a number or a title of the city's own (at most 200 characters are
    kept), ``detail`` says what changed from what to what. Neither may hold a resident's
    personal data. Rows can be added and never changed.
    """
    return AuditEntry.objects.create(
        at=timezone.now(),
        user_id=actor.user_id,
        role="" if actor.is_system else actor.role,
        what=what,
        label=label[:200],
        detail=detail[:2000],
    )


def contact_read(*, case_number: str, actor: Actor) -> None:
    """Write down that ``actor`` was shown who reported a case: once an hour and case."""
    if actor.user_id is None:
        return
    lately = timezone.now() - timedelta(hours=1)
    seen = AuditEntry.objects.filter(
        user_id=actor.user_id, at__gt=lately, what=AuditWhat.CONTACT_READ, label=case_number
    )
    if not seen.exists():
        note(what=AuditWhat.CONTACT_READ, label=case_number, actor=actor)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a log: of one person, of one kind, of some days (``until`` excluded)."""

    user_id: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """Where in a log to go on: before the row with this time and id."""

    at: datetime
    id: int


def denials(wanted: Wanted, *, before: Before | None = None, limit: int = 50) -> list[Denial]:
    """Return refusals, the newest first, with person and department at hand; one query.

    ``wanted.kind`` is a permission. The caller has checked the reader's right.
    """
    rows = Denial.objects.select_related("user", "department")
    if wanted.kind:
        rows = rows.filter(permission=wanted.kind)
    return list(rows.filter(_part(wanted, before)).order_by("-at", "-id")[:limit])


def entries(wanted: Wanted, *, before: Before | None = None, limit: int = 50) -> list[AuditEntry]:
    """Return changes of the set-up and looks at contacts; see ``denials``."""
    rows = AuditEntry.objects.select_related("user")
    if wanted.kind:
        rows = rows.filter(what=wanted.kind)
    return list(rows.filter(_part(wanted, before)).order_by("-at", "-id")[:limit])


def _part(wanted: Wanted, before: Before | None) -> Q:
    part = Q()
    if wanted.user_id is not None:
        part &= Q(user_id=wanted.user_id)
    if wanted.since is not None:
        part &= Q(at__gte=wanted.since)
    if wanted.until is not None:
        part &= Q(at__lt=wanted.until)
    if before is not None:
        part &= Q(at__lt=before.at) | Q(at=before.at, id__lt=before.id)
    return part
