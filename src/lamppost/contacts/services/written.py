"""Interactions nobody speaks in: a mail that was answered, or that needed nobody.

Begun by ``line.offer``. No agent's state changes: who writes is not on the line.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from lamppost.contacts.choices import DispositionKind, InteractionEnd
from lamppost.contacts.models import Disposition, Interaction
from lamppost.contacts.services.coding import code_if_uncoded


def taken_up(interaction_ids: Collection[int], *, agent_id: int, at: datetime) -> None:
    """Somebody has begun to answer these; those in hand already stay as they are."""
    rows = Interaction.objects.filter(pk__in=interaction_ids, ended_at=None)
    for row in rows.select_for_update(of=("self",)):
        if row.agent_id != agent_id or row.answered_at is None:
            row.agent_id = agent_id
            row.answered_at = max(row.answered_at or at, row.offered_at)
            row.save(update_fields=["agent", "answered_at"])


def settled(
    interaction_ids: Collection[int],
    *,
    agent_id: int,
    at: datetime,
    disposition: Disposition | None = None,
    service_id: int | None = None,
) -> None:
    """An agent has answered these, or seen that nothing is to be answered, and coded them.

    There is no after-call work: coding is part of answering.
    """
    taken_up(interaction_ids, agent_id=agent_id, at=at)
    rows = Interaction.objects.filter(pk__in=interaction_ids, ended_at=None)
    for row in rows.select_for_update(of=("self",)):
        row.ended_at = row.wrapped_at = max(at, row.answered_at or row.offered_at)
        row.end = InteractionEnd.ANSWERED
        if disposition is not None:
            row.disposition, row.coded_at = disposition, at
        row.service_id = row.service_id or service_id
        row.save()


def needed_nobody(
    interaction_id: int,
    *,
    at: datetime,
    kind: DispositionKind,
    end: InteractionEnd = InteractionEnd.DEFLECTED,
) -> None:
    """The interaction ends without an agent and is coded with the city's disposition of
    ``kind``; one that ended already stays as it is."""
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction_id)
    if row.ended_at is not None:
        return
    row.ended_at, row.end = max(at, row.offered_at), end
    row.save(update_fields=["ended_at", "end"])
    code_if_uncoded(row, kind, at=at)
