"""What an agent is doing, from one moment to the next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.models import AgentState
from lamppost.contacts.selectors.calls import current_call, uncoded_count
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

# As many uncoded contacts are let be with a reminder; with more, nobody goes ready.
UNCODED_LIMIT = 3
# What an agent chooses; talking and after-call work follow from the calls.
CHOSEN = frozenset(
    {
        AgentStateKind.READY,
        AgentStateKind.BREAK,
        AgentStateKind.MEETING,
        AgentStateKind.OFFLINE,
    }
)


def set_state(*, kind: AgentStateKind, actor: Actor, at: datetime | None = None) -> AgentState:
    """Have the actor be ready, on a break, in a meeting or signed off from ``at`` on.

    Raises ``Forbidden`` without the console, ``Invalid`` for a state that follows from
    calls, ``Conflict`` while a call or its after-call work is open, and when somebody with
    three uncoded contacts of a day would go ready.
    """
    require(actor, Permission.CONSOLE_USE)
    if kind not in CHOSEN:
        raise Invalid(_("This follows from your calls by itself."), field="state")
    user_id = _own(actor)
    if current_call(user_id) is not None:
        raise Conflict(_("Finish the call first."))
    if kind is AgentStateKind.READY:
        refuse_uncoded(user_id, now=at or timezone.now())
    return enter(user_id, kind, at=at or timezone.now())


def refuse_uncoded(user_id: int, *, now: datetime) -> None:
    """Raise ``Conflict`` when too many contacts of the last day still lack their coding."""
    missing = uncoded_count(user_id, now=now)
    if missing >= UNCODED_LIMIT:
        raise Conflict(
            _("%(count)d contacts of yours are not coded yet. Code them first: one key each.")
            % {"count": missing}
        )


def enter(user_id: int, kind: AgentStateKind, *, at: datetime) -> AgentState:
    """Let one state end and the next begin at ``at``; the same state again goes on."""
    with transaction.atomic():
        row = (
            AgentState.objects.select_for_update(of=("self",))
            .filter(agent_id=user_id, until=None)
            .first()
        )
        if row is not None:
            if row.kind == kind:
                return row
            row.until = at = max(at, row.since)
            row.save(update_fields=["until"])
        return AgentState.objects.create(agent_id=user_id, kind=kind, since=at)


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise Invalid(_("Only a person has a state."))
    return actor.user_id
