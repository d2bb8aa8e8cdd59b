"""Every contact is coded: what it was about, with one key."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.models import Disposition, Interaction
from lamppost.contacts.selectors.rules import disposition_in_use, disposition_of
from lamppost.contacts.services.holding import held
from lamppost.contacts.services.inquiries import cite_on, keep_inquiries
from lamppost.contacts.services.line import finish
from lamppost.contacts.services.ties import ask_on
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
        now = at or timezone.now()
        _code(row, disposition, actor=actor, at=now)
        if ends and row.ended_at is None:
            finish(row, at=now)
        return row


def end_with_key(
    *,
    interaction_id: int,
    disposition_code: str,
    actor: Actor,
    article_code: str = "",
    case_number: str = "",
    at: datetime | None = None,
) -> Interaction:
    """End and code a contact with one key; what the agent had open is kept with it.

    The article at hand is the answer where the coding says that a question was answered, and
    with no other coding; the case at hand was asked about. All of it or nothing: raises as
    ``code``, ``inquiries.cite`` and ``ties.asked_about`` do. What a colleague had open is the
    colleague's to say, so a supervisor ends theirs without.
    """
    disposition = disposition_in_use(disposition_code)
    cited = article_code if disposition.kind == DispositionKind.INFORMATION else ""
    with held(interaction_id, actor, by_supervisor=not (cited or case_number)) as row:
        now = at or timezone.now()
        if cited:
            cite_on(row, cited, at=now)
        if case_number:
            ask_on(row, case_number, actor=actor, at=now)
        _code(row, disposition, actor=actor, at=now)
        if row.ended_at is None:
            finish(row, at=now)
        return row


def _code(row: Interaction, disposition: Disposition, *, actor: Actor, at: datetime) -> None:
    if row.answered_at is None:
        raise Conflict(_("Nobody has answered this one."))
    row.disposition = disposition
    row.coded_at = at
    row.save(update_fields=["disposition", "coded_at"])
    if disposition.kind == DispositionKind.INFORMATION:
        keep_inquiries(row, actor=actor, at=at)


def code_if_uncoded(row: Interaction, kind: DispositionKind, *, at: datetime) -> None:
    """Give a locked interaction the city's disposition of ``kind`` unless it has one already."""
    if row.disposition_id is not None:
        return
    found = disposition_of(kind)
    if found is not None:
        row.disposition = found
        row.coded_at = at
        row.save(update_fields=["disposition", "coded_at"])
