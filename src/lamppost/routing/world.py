"""What rules may name in the city in scope, and what is wrong with them by that."""

from __future__ import annotations

from lamppost.catalog.book import book
from lamppost.people.models import Team
from lamppost.routing.faults import TeamFacts, World


def world() -> World:
    """Return what may be named, as of the city's book; one query, for the teams."""
    pages = book()
    return World(
        services={entry.id: entry.is_active for entry in pages.services.values()},
        departments={entry.id: entry.is_active for entry in pages.departments.values()},
        teams={row.pk: TeamFacts(row.department_id, row.is_active) for row in Team.objects.all()},
        service_of_question={
            question.id: entry.id
            for entry in pages.services.values()
            for question in entry.questions
        },
    )
