"""Whose work is whose: the cases of a person, of those they stand in for, of who is away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F

from lamppost.cases.models import Case
from lamppost.catalog.choices import State
from lamppost.people.absences import Away, away_now
from lamppost.people.models import User
from lamppost.people.teams import department_people

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class AbsentHolder:
    """Somebody who is away and has open cases."""

    user: User
    away: Away
    open_cases: int


def cases_of(user_ids: Collection[int]) -> list[Case]:
    """Return the open cases assigned to these people, the one due first on top; one query."""
    return list(
        Case.objects.exclude(state=State.CLOSED)
        .filter(assignee_id__in=user_ids)
        .annotate(assignee_name=F("assignee__name"))
        .order_by("due_at", "id")[:MOST_SHOWN]
    )


def absent_holders(department_id: int) -> list[AbsentHolder]:
    """Return who of a department is away today and still has open cases of it, by name."""
    people = {user.pk: user for user in department_people(department_id)}
    away = away_now(people)
    if not away:
        return []
    counts = (
        Case.objects.exclude(state=State.CLOSED)
        .filter(department_id=department_id, assignee_id__in=away)
        .values_list("assignee_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    held = {user_id: count for user_id, count in counts if user_id is not None}
    return [AbsentHolder(user, away[pk], held[pk]) for pk, user in people.items() if held.get(pk)]
