"""What happens to work items when something happens to their case, in the same transaction.

Registered in ``work.apps`` as readers of the case's events: so no case is ever without the
items its service calls for, and none can be closed before they are there.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Case, CaseAnswer, CaseEvent
from lamppost.cases.services.events import call_on
from lamppost.people.actors import Actor
from lamppost.work.choices import LIVE, DropCause, ItemState
from lamppost.work.models import WorkItem
from lamppost.work.playbook import TemplateEntry, playbook
from lamppost.work.services.items import drop_locked, reopen_locked
from lamppost.work.services.making import draft_of, make_items, recount


def register() -> None:
    """Have the events of cases read from now on; once per process."""
    call_on(EventKind.RECEIVED, on_received)
    call_on(EventKind.RECATEGORIZED, on_recategorized)
    call_on(EventKind.CLOSED, on_closed)
    call_on(EventKind.REOPENED, on_reopened)


def on_received(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Give a new case the items its service calls for. Without templates: no query."""
    entries = _called_for(case)
    if entries:
        drafts = [draft_of(entry) for entry in entries]
        make_items(case, drafts, actor=actor, at=event.recorded_at)


def on_recategorized(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Drop what the former service called for and nobody began; add what the new one does."""
    stale = _live(case).filter(
        template__service_id=event.data["from"], state=ItemState.OPEN, started_at__isnull=True
    )
    dropped = _drop_all(case, stale, DropCause.SERVICE_CHANGED, event, actor)
    taken = set(
        WorkItem.objects.filter(case=case, template__isnull=False)
        .exclude(state=ItemState.DROPPED)
        .values_list("template_id", flat=True)
    )
    entries = [entry for entry in _called_for(case) if entry.id not in taken]
    make_items(case, [draft_of(entry) for entry in entries], actor=actor, at=event.recorded_at)
    if dropped:
        recount(case, at=event.recorded_at)


def on_closed(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Drop what is still open: what may stay undone, or all of it if the case is no more.

    A case is not closed over required work (``cases.services.closing``), unless it is a
    repeat or was withdrawn.
    """
    _drop_all(case, _live(case), DropCause.CASE_CLOSED, event, actor)


def on_reopened(case: Case, event: CaseEvent, actor: Actor) -> None:
    """Bring back what the last closing dropped."""
    again = WorkItem.objects.filter(
        case_id=OuterRef("case_id"), template_id=OuterRef("template_id")
    ).exclude(state=ItemState.DROPPED)
    dropped = (
        WorkItem.objects.select_for_update(of=("self",))
        .filter(case=case, state=ItemState.DROPPED, drop_cause=DropCause.CASE_CLOSED)
        .exclude(Exists(again))
        .order_by("order")
    )
    items = list(dropped)
    for item in items:
        item.case = case
        reopen_locked(item, actor=actor, at=event.recorded_at)
    if items:
        recount(case, at=event.recorded_at)


def _called_for(case: Case) -> list[TemplateEntry]:
    entries = playbook().at_intake(case.service_id)
    if not any(entry.answers for entry in entries):
        return entries
    chosen = set(CaseAnswer.objects.filter(case=case).values_list("value_id", flat=True))
    return [entry for entry in entries if not entry.answers or entry.answers & chosen]


def _live(case: Case) -> QuerySet[WorkItem]:
    return (
        WorkItem.objects.select_for_update(of=("self",))
        .filter(case=case, state__in=LIVE)
        .order_by("order")
    )


def _drop_all(
    case: Case, items: QuerySet[WorkItem], cause: DropCause, event: CaseEvent, actor: Actor
) -> int:
    found = list(items)
    for item in found:
        item.case = case
        drop_locked(item, cause, actor=actor, at=event.recorded_at)
    return len(found)
