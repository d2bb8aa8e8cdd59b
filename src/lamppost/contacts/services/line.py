"""What the line does by itself: somebody waits, hangs up, is helped by a recording.

For the channels and for simulations. What an agent does stands in ``calls``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import AgentStateKind, Direction, InteractionEnd
from lamppost.contacts.models import Interaction
from lamppost.contacts.services.agent_states import enter
from lamppost.kernel.refusals import Invalid, NotFound

# Who hangs up sooner had not meant to call: no part of what was offered.
SHORT_ABANDON = timedelta(seconds=5)


def offer(
    *,
    channel: Channel,
    address: str = "",
    language: str = "",
    provider_id: str = "",
    needs_interpreter: bool = False,
    contact_id: int | None = None,
    at: datetime | None = None,
) -> Interaction:
    """Write down that somebody waits for an agent, and return the interaction.

    ``address`` is the number (E.164) or mail address it comes from. The same ``provider_id``
    on the same channel again returns the interaction there is and changes nothing.
    """
    fields = {
        "direction": Direction.IN,
        "address": address,
        "language": language,
        "needs_interpreter": needs_interpreter,
        "contact_id": contact_id,
        "offered_at": at or timezone.now(),
    }
    if not provider_id:
        return Interaction.objects.create(channel=channel, **fields)
    interaction, _is_new = Interaction.objects.get_or_create(
        channel=channel, provider_id=provider_id, defaults=fields
    )
    return interaction


def hung_up(
    *, interaction_id: int, end: InteractionEnd | None = None, at: datetime | None = None
) -> Interaction:
    """Write down that the line is gone, and return the interaction; twice changes nothing.

    While an agent was on it, the agent has after-call work from now on. While the caller was
    waiting it is abandoned, or a short abandon within five seconds, unless ``end`` says that
    a recording helped or a call back was asked for. Raises ``NotFound`` for an unknown one,
    ``Invalid`` for an ``end`` that only an agent could have brought about.
    """
    if end is InteractionEnd.ANSWERED:
        raise Invalid(_("Only an agent answers."), field="end")
    with transaction.atomic():
        row = Interaction.objects.select_for_update().filter(pk=interaction_id).first()
        if row is None:
            raise NotFound(_("This interaction does not exist here."))
        if row.ended_at is None:
            finish(row, at=at or timezone.now(), unanswered=end)
        return row


def finish(
    row: Interaction,
    *,
    at: datetime,
    answered: InteractionEnd = InteractionEnd.ANSWERED,
    unanswered: InteractionEnd | None = None,
) -> None:
    """End a locked interaction at ``at``: hold time is counted, the agent goes to after-call
    work. ``answered`` and ``unanswered`` say how it ended when an agent was on it and when not.
    """
    at = max(at, row.answered_at or row.offered_at)
    if row.held_since is not None:
        row.hold_seconds += max(int((at - row.held_since).total_seconds()), 0)
        row.held_since = None
    row.ended_at = at
    if row.answered_at is not None:
        row.end = answered
    elif unanswered is not None:
        row.end = unanswered
    else:
        is_short = at - row.offered_at < SHORT_ABANDON
        row.end = InteractionEnd.SHORT if is_short else InteractionEnd.ABANDONED
    row.save()
    if row.agent_id is not None and row.answered_at is not None:
        enter(row.agent_id, AgentStateKind.WRAPPING, at=at)
