"""What who leads the center sees at a glance: who does what, and what has gone undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery

from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.models import AgentState, CallBack, Interaction
from lamppost.contacts.selectors.calls import SPOKEN

# In the order a supervisor looks: who could take a call first.
ORDER = (
    AgentStateKind.READY,
    AgentStateKind.TALKING,
    AgentStateKind.WRAPPING,
    AgentStateKind.BREAK,
    AgentStateKind.MEETING,
)
_UNCODED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AtWork:
    """An agent who is signed on: what they do and since when, and whether a caller is on hold."""

    name: str
    kind: AgentStateKind
    since: datetime
    held_since: datetime | None


def at_work() -> list[AtWork]:
    """Return the agents signed on, by state and then who is in it longest; one query."""
    held = Interaction.objects.filter(
        agent=OuterRef("agent"), ended_at=None, held_since__isnull=False, channel__in=SPOKEN
    ).values("held_since")[:1]
    rows = (
        AgentState.objects.filter(until=None)
        .exclude(kind=AgentStateKind.OFFLINE)
        .select_related("agent")
        .annotate(held_since=Subquery(held))
        .order_by("since", "id")
    )
    found = [
        AtWork(
            row.agent.name or row.agent.email, AgentStateKind(row.kind), row.since, row.held_since
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: ORDER.index(one.kind))


@dataclass(frozen=True, slots=True)
class Undone:
    """Promised call backs that are open, and of those late; contacts nobody has coded."""

    call_backs: int
    late: int
    uncoded: int


def undone(*, now: datetime) -> Undone:
    """Return what waits to be done; two queries. Uncoded are those of the last 24 hours."""
    promised = CallBack.objects.filter(done_at=None, given_up_at=None).aggregate(
        open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now))
    )
    uncoded = Interaction.objects.filter(
        offered_at__gt=now - _UNCODED_FOR,
        answered_at__isnull=False,
        ended_at__isnull=False,
        disposition=None,
    ).count()
    return Undone(promised["open"], promised["late"], uncoded)
