"""The overdue board: how many open cases are late, where, and which wait longest.

Counted from one index that holds the open, unpaused cases with a due time and carries whose
they are (``case_overdue``), so that the cost follows the cases in trouble, not the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.choices import State
from lamppost.database.scope import require_city_id

# What falls due within this is the work of today.
SOON = timedelta(hours=24)
VERY_LATE = timedelta(days=7)
OLDEST_SHOWN = 20

# By hand: counting rows instead of a column is a fifth faster, which Django cannot say together
# with a filter. The condition is worded as that of the index, so that it can be used.
_COUNTS = """
SELECT department_id, team_id, service_id, count(*),
  count(*) FILTER (WHERE due_at < %(now)s), count(*) FILTER (WHERE due_at < %(very_late)s)
FROM cases_case
WHERE city_id = %(city)s AND NOT state = 'closed' AND NOT is_paused AND due_at IS NOT NULL
  AND due_at < %(soon)s {department}
GROUP BY department_id, team_id, service_id"""
_OF_ALL = _COUNTS.format(department="")
_OF_ONE = _COUNTS.format(department="AND department_id = %(department)s")


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
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_ALL if department_id is None else _OF_ONE,
            {
                "city": require_city_id(),
                "department": department_id,
                "now": now,
                "soon": now + SOON,
                "very_late": now - VERY_LATE,
            },
        )
        rows = cursor.fetchall()
    total = Late()
    departments: dict[int, Late] = {}
    teams: dict[tuple[int, int], Late] = {}
    services: dict[int, Late] = {}
    for department, team, service, count, overdue, very_late in rows:
        late = Late(count - overdue, overdue, very_late)
        total += late
        departments[department] = departments.get(department, Late()) + late
        teams[department, team or 0] = teams.get((department, team or 0), Late()) + late
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
