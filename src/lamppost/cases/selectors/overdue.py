"""The overdue board: how many open cases are late, where, and which wait longest.

Counted from one index that holds the open, unpaused cases with a due time and carries whose
they are (``case_overdue``), so that the cost follows the cases in trouble, not the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.choices import State

# What falls due within this is the work of today.
SOON = timedelta(hours=24)
VERY_LATE = timedelta(days=7)
OLDEST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Late:
    """Cases by how late they are. Overdue ones include the very late."""

    soon: int = 0
    overdue: int = 0
    very_late: int = 0

    def __add__(self, other: Late) -> Late:
        return Late(
            self.soon + other.soon,
            self.overdue + other.overdue,
            self.very_late + other.very_late,
        )


@dataclass(frozen=True, slots=True)
class Board:
    """The counts by id; team 0 is no team."""

    total: Late
    departments: dict[int, Late]
    teams: dict[tuple[int, int], Late]
    services: dict[int, Late]


def overdue_board(department_id: int | None, *, now: datetime | None = None) -> Board:
    """Count what is due within a day, overdue and very late; one statement.

    Of one department, or of all for None. A case due exactly ``now`` is not overdue yet, one
    that is paused never is.
    """
    now = now or timezone.now()
    rows = (
        _running(department_id)
        .filter(due_at__lt=now + SOON)
        .order_by()
        .values("department_id", "team_id", "service_id")
        .annotate(
            count=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            very_late=Count("pk", filter=Q(due_at__lt=now - VERY_LATE)),
        )
    )
    total = Late()
    departments: dict[int, Late] = {}
    teams: dict[tuple[int, int], Late] = {}
    services: dict[int, Late] = {}
    for row in rows:
        late = Late(row["count"] - row["overdue"], row["overdue"], row["very_late"])
        department, team, service = row["department_id"], row["team_id"] or 0, row["service_id"]
        total += late
        departments[department] = departments.get(department, Late()) + late
        teams[department, team] = teams.get((department, team), Late()) + late
        services[service] = services.get(service, Late()) + late
    return Board(total, departments, teams, services)


def longest_overdue(
    department_id: int | None, *, now: datetime | None = None, size: int = OLDEST_SHOWN
) -> list[Case]:
    """Return the overdue cases that are late the longest, as rows of a list."""
    now = now or timezone.now()
    rows = _running(department_id).filter(due_at__lt=now).order_by("due_at", "id")
    return list(rows.annotate(assignee_name=F("assignee__name"))[:size])


def _running(department_id: int | None) -> QuerySet[Case]:
    # Worded as the condition of the index is, so that it can be used.
    rows = Case.objects.exclude(state=State.CLOSED).filter(is_paused=False, due_at__isnull=False)
    return rows if department_id is None else rows.filter(department_id=department_id)
