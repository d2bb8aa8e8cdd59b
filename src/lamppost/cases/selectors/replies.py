"""What may be said to a closed case, by whom and until when; what is being looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from lamppost.cases.choices import RedressState
from lamppost.cases.models import Case, Redress
from lamppost.cases.selectors.redress import latest_redress
from lamppost.cases.services.answering import INVITE_ANSWER
from lamppost.cases.services.redress import NO_REDRESS
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State


@dataclass(frozen=True, slots=True)
class Replies:
    """What a case's page says about replying.

    ``invites``: the city asks for an answer because it did nothing (``not_done``) or found
    nothing (``not_found``). ``until``: the last moment for a reply, None when there is none
    to give. ``decided_by``: until when an open redress is to be decided. ``was_looked_at``:
    the present end is itself the 311 center's decision.
    """

    invites: str = ""
    until: datetime | None = None
    decided_by: datetime | None = None
    was_looked_at: bool = False


def replies_to(case: Case) -> Replies:
    """Return what may be replied to ``case`` now; a query only where it was opened again."""
    latest = latest_redress(case)
    if case.state != State.CLOSED:
        is_open = latest is not None and latest.state == RedressState.OPEN
        return Replies(decided_by=latest.due_at if latest and is_open else None)
    outcome = book().outcomes.get(case.outcome_id or 0)
    if outcome is None or outcome.kind in NO_REDRESS or case.closed_at is None:
        return Replies()
    if _ended(latest, case.closed_at):
        return Replies(was_looked_at=True)
    days = book().services_by_id[case.service_id].reopen_days
    until = case.closed_at + timedelta(days=days)
    if timezone.now() > until:
        return Replies()
    kind = OutcomeKind(outcome.kind)
    return Replies(invites=kind.value if kind in INVITE_ANSWER else "", until=until)


def _ended(latest: Redress | None, closed_at: datetime) -> bool:
    return latest is not None and latest.decided_at == closed_at
