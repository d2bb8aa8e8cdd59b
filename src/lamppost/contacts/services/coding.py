"""Every contact is coded: what it was about, with one key."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.models import Interaction
from lamppost.contacts.selectors.rules import disposition_in_use, disposition_of
from lamppost.contacts.services.holding import held
from lamppost.contacts.services.inquiries import keep_inquiries
from lamppost.contacts.services.line import finish
from lamppost.kernel.refusals import Conflict
from lamppost.people.actors import Actor


def code(
    *,
    interaction_id: int,
    disposition_code: str,
    actor: Actor,
    ends: bool = False,
    at: datetime | None = None,
) -> Interaction:
    """Say what the contact was about; with ``ends`` the call ends in the same step.

    Coding again changes it: the last word counts. A question answered from an article leaves
    an inquiry, see ``inquiries``. Agents code their own, supervisors everybody's. Raises
    ``Invalid`` for a disposition the city does not use, ``Conflict`` for one nobody answered.
    """
    disposition = disposition_in_use(disposition_code)
    with held(interaction_id, actor, by_supervisor=True) as row:
        if row.answered_at is None:
            raise Conflict(_("Nobody has answered this one."))
        now = at or timezone.now()
        row.disposition = disposition
        row.coded_at = now
        row.save(update_fields=["disposition", "coded_at"])
        if disposition.kind == DispositionKind.INFORMATION:
            keep_inquiries(row, actor=actor, at=now)
        if ends and row.ended_at is None:
            finish(row, at=now)
        return row


def code_if_uncoded(row: Interaction, kind: DispositionKind, *, at: datetime) -> None:
    """Give a locked interaction the city's disposition of ``kind`` unless it has one already."""
    if row.disposition_id is not None:
        return
    found = disposition_of(kind)
    if found is not None:
        row.disposition = found
        row.coded_at = at
        row.save(update_fields=["disposition", "coded_at"])
