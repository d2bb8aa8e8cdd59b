"""Who reads which event: the one place. Every timeline, interface and export asks here.

A note is for the public, for all staff who may read the case, or for one department only. The
last kind is read by people of that department and by nobody else, whatever their role: what
other departments, residents, partners and programs get is chosen by naming what they may read,
never by leaving out what they may not.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from lamppost.cases.choices import EventAudience, EventKind, RedressSource
from lamppost.cases.models import Case, CaseEvent
from lamppost.people.actors import Actor

# The same for statements written by hand; ``e`` is the event.
PUBLIC_SQL = "e.audience = 'public'"
# Under which name an event's data says whose a department's own note is.
DEPARTMENT = "department"


def staff_events(case: Case, actor: Actor) -> QuerySet[CaseEvent]:
    """Return the events of ``case`` that a member of the staff who may read it reads."""
    mine = Q(audience__in=(EventAudience.PUBLIC, EventAudience.STAFF))
    if actor.department_id is not None:
        mine |= Q(audience=EventAudience.DEPARTMENT, data__department=actor.department_id)
    return CaseEvent.objects.filter(mine, case=case)


def public_events(case: Case, *, is_reporter: bool = False) -> QuerySet[CaseEvent]:
    """Return the events of ``case`` for everybody; its reporter also reads what they wrote."""
    shown = Q(audience=EventAudience.PUBLIC)
    if is_reporter:
        shown |= Q(audience=EventAudience.STAFF, kind=EventKind.RESIDENT_COMMENT)
        shown |= Q(
            audience=EventAudience.STAFF,
            kind=EventKind.REDRESS,
            data__change="opened",
            data__source=RedressSource.REPORTER,
        )
    return CaseEvent.objects.filter(shown, case=case)
