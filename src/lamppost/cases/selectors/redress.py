"""Closings in doubt, as the 311 center, a case's page and its public page read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from lamppost.cases.choices import EventAudience, EventKind, RedressState
from lamppost.cases.models import Case, EventText, Redress

PAGE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list to go on: after the row with this time and id."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class RedressPage:
    """Some redresses in order, with their cases at hand; ``next`` is None at the end."""

    rows: list[Redress]
    next: Place | None


@dataclass(frozen=True, slots=True)
class RedressCount:
    """What became of the closings of one department that were said to be not fixed."""

    department_id: int
    opened: int
    open: int
    upheld: int
    refused: int
    late: int


def open_redresses(*, after: Place | None = None, limit: int = PAGE) -> RedressPage:
    """Return what waits for a decision, the one due first on top."""
    rows = Redress.objects.filter(state=RedressState.OPEN)
    if after is not None:
        rows = rows.filter(Q(due_at__gt=after.at) | Q(due_at=after.at, id__gt=after.id))
    found = list(_with_names(rows).order_by("due_at", "id")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return RedressPage(found[:limit], Place(last.due_at, last.pk) if last else None)


def decided_redresses(*, after: Place | None = None, limit: int = PAGE) -> RedressPage:
    """Return what was decided or taken back, the newest on top."""
    rows = Redress.objects.exclude(state=RedressState.OPEN)
    if after is not None:
        rows = rows.filter(Q(opened_at__lt=after.at) | Q(opened_at=after.at, id__lt=after.id))
    found = list(_with_names(rows).order_by("-opened_at", "-id")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return RedressPage(found[:limit], Place(last.opened_at, last.pk) if last else None)


def one_redress(redress_id: int) -> Redress | None:
    """Return a redress with its case, closer and decider at hand."""
    return _with_names(Redress.objects.filter(pk=redress_id)).first()


def redresses_of(case: Case) -> list[Redress]:
    """Return the redresses of a case, the newest first; none costs no query."""
    if not case.reopen_count:
        return []
    return list(_with_names(Redress.objects.filter(case=case)).order_by("-id"))


def latest_redress(case: Case) -> Redress | None:
    """Return the last redress of a case; of one that was never reopened without a query."""
    if not case.reopen_count:
        return None
    return Redress.objects.filter(case=case).order_by("-id").first()


def words_of(redresses: Collection[Redress]) -> dict[int, str]:
    """Return by id what the resident said who opened it; '' where it was removed."""
    texts = EventText.objects.filter(
        event__case__in={one.case_id for one in redresses},
        event__kind=EventKind.REDRESS,
        event__audience=EventAudience.STAFF,
    ).select_related("event")
    return {
        row.event.data["redress"]: row.text
        for row in texts
        if row.event.data.get("change") == "opened"
    }


def closing_sentences(redresses: Collection[Redress]) -> dict[int, str]:
    """Return by id what the resident read when the case was closed."""
    closings = {one.closing_id: one.pk for one in redresses if one.closing_id is not None}
    texts = EventText.objects.filter(event__in=closings).values_list("event_id", "text")
    return {closings[event_id]: text for event_id, text in texts}


def redress_counts(*, since: datetime) -> list[RedressCount]:
    """Return, per department, what became of redresses opened since ``since``; one query."""
    rows = (
        Redress.objects.filter(opened_at__gte=since)
        .values("department_id")
        .order_by("department_id")
        .annotate(
            opened=Count("id"),
            waiting=Count("id", filter=Q(state=RedressState.OPEN)),
            upheld=Count("id", filter=Q(state=RedressState.UPHELD)),
            refused=Count("id", filter=Q(state=RedressState.REFUSED)),
            late=Count("id", filter=Q(breached_at__isnull=False)),
        )
    )
    return [
        RedressCount(
            row["department_id"], row["opened"], row["waiting"], row["upheld"], row["refused"],
            row["late"],
        )
        for row in rows
    ]  # fmt: skip


def _with_names(rows: QuerySet[Redress]) -> QuerySet[Redress]:
    return rows.select_related("case", "closed_by", "decided_by")
