"""What an agent has in hand, who waits, what was today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from lamppost.catalog.choices import Channel
from lamppost.contacts.models import AgentState, Interaction, InteractionCase

SPOKEN = (Channel.PHONE, Channel.WALK_IN)
PAGE_SIZE = 50
# How long an uncoded contact is its agent's to code; older ones are the supervisor's.
_UNCODED_FOR = timedelta(hours=24)
_UNCODED = Q(answered_at__isnull=False, ended_at__isnull=False, disposition=None)


def current_call(user_id: int) -> Interaction | None:
    """Return the call the agent is on, else the one with after-call work open, else None."""
    return (
        Interaction.objects.select_related("contact", "disposition", "service", "call_back")
        .filter(agent_id=user_id, channel__in=SPOKEN, answered_at__isnull=False, wrapped_at=None)
        .order_by("-offered_at", "-id")
        .first()
    )


def state_of(user_id: int) -> AgentState | None:
    """Return what the agent is doing now; None for somebody who never signed on."""
    return AgentState.objects.filter(agent_id=user_id, until=None).first()


def uncoded_count(user_id: int, *, now: datetime) -> int:
    """Return how many contacts the agent finished in the last day and has not coded."""
    since = now - _UNCODED_FOR
    return Interaction.objects.filter(_UNCODED, agent_id=user_id, offered_at__gt=since).count()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The line: how many wait for an agent, and since when the first of them."""

    count: int
    since: datetime | None


def waiting() -> Waiting:
    """Return who waits to be answered by phone or at the counter; one query."""
    found = waiting_calls().aggregate(count=Count("id"), since=Min("offered_at"))
    return Waiting(found["count"], found["since"])


def waiting_calls() -> QuerySet[Interaction]:
    """Return the interactions nobody has answered yet, who waits longest first."""
    rows = Interaction.objects.filter(
        ended_at=None, answered_at=None, agent=None, channel__in=SPOKEN
    )
    return rows.order_by("offered_at", "id")


def day_of(user_id: int, *, since: datetime, limit: int = 200) -> list[Interaction]:
    """Return the agent's interactions since ``since``: uncoded ones first, then the newest."""
    rows = (
        Interaction.objects.filter(agent_id=user_id, offered_at__gte=since)
        .select_related("agent", "disposition", "service")
        .order_by("-offered_at", "-id")[:limit]
    )
    return sorted(rows, key=lambda row: row.disposition_id is not None or row.ended_at is None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which interactions; what is empty does not restrict. ``until`` is excluded."""

    agent_id: int | None = None
    disposition_id: int | None = None
    channel: str = ""
    since: datetime | None = None
    until: datetime | None = None
    uncoded_only: bool = False


def interactions(
    wanted: Wanted, *, before: tuple[datetime, int] | None = None
) -> tuple[list[Interaction], bool]:
    """Return a page of interactions, newest first, and whether there are more; one query.

    ``before`` is the time and id of the last row of the page before. The caller has checked
    the reader's right.
    """
    rows = Interaction.objects.select_related("agent", "disposition", "service")
    if wanted.agent_id is not None:
        rows = rows.filter(agent_id=wanted.agent_id)
    if wanted.disposition_id is not None:
        rows = rows.filter(disposition_id=wanted.disposition_id)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.since is not None:
        rows = rows.filter(offered_at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(offered_at__lt=wanted.until)
    if wanted.uncoded_only:
        rows = rows.filter(_UNCODED)
    if before is not None:
        rows = rows.filter(TupleLessThan(Tuple(F("offered_at"), F("id")), before))
    found = list(rows.order_by("-offered_at", "-id")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def ties_of(interaction_ids: list[int]) -> dict[int, list[InteractionCase]]:
    """Return which cases interactions had to do with, by interaction; one query."""
    ties: dict[int, list[InteractionCase]] = {}
    rows = InteractionCase.objects.filter(interaction_id__in=interaction_ids)
    for tie in rows.select_related("case").order_by("at", "id"):
        ties.setdefault(tie.interaction_id, []).append(tie)
    return ties
