"""Work items as the desk's templates show them: rows of a list, the page of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from lamppost.catalog.choices import State
from lamppost.faces.desk.frame import localized, name_of_department
from lamppost.faces.desk.rows import row_of
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may
from lamppost.sla.explain import steps
from lamppost.work.choices import LIVE, ItemState
from lamppost.work.models import WorkItem
from lamppost.work.selectors.items import ordered_checks
from lamppost.work.services.making import due_of_item

# The tag that stands for the state of an item: those of a case, with the item's own words.
TAGS = {
    ItemState.OPEN: "received",
    ItemState.DOING: "open",
    ItemState.DONE: "closed",
    ItemState.DROPPED: "waiting",
}


@dataclass(frozen=True)
class ItemRow:
    """One item of a list."""

    title: str
    url: str
    number: str
    case_url: str
    service: str
    address: str
    department: str
    team: str
    assignee: str
    tag: str
    state: str
    is_live: bool
    is_required: bool
    due_at: datetime | None
    finished_at: datetime | None
    reason: str
    check_count: int
    done_count: int

    @property
    def closed_at(self) -> datetime | None:
        """What the due line calls it."""
        return self.finished_at

    @property
    def is_paused(self) -> bool:
        """An item's clock never stands still while it is open."""
        return False


def item_rows(items: Iterable[WorkItem]) -> list[ItemRow]:
    """Return items of ``work_page`` or ``items_of`` as rows."""
    return [item_row(item) for item in items]


def item_row(item: Any) -> ItemRow:
    """Return one item as a row; names come from the catalogue in memory."""
    case, state = row_of(item.case), ItemState(item.state)
    return ItemRow(
        title=localized(item.title),
        url=reverse("desk:work_item", args=[item.pk]),
        number=case.number,
        case_url=case.url,
        service=case.service,
        address=case.address,
        department=name_of_department(item.department_id),
        team=localized(item.team.name) if item.team else "",
        assignee=str(item.assignee) if item.assignee else "",
        tag=TAGS[state],
        state=str(state.label),
        is_live=state in LIVE,
        is_required=item.is_required,
        due_at=item.due_at,
        finished_at=item.finished_at,
        reason=item.drop_reason,
        check_count=getattr(item, "check_count", 0),
        done_count=getattr(item, "done_count", 0),
    )


def item_page_of(item: WorkItem, actor: Actor) -> dict[str, Any]:
    """Return what the page of one item shows and which of its buttons there are."""
    due = due_of_item(item)
    is_open = item.case.state != State.CLOSED
    works = is_open and may(actor, Permission.CASE_WORK, department_id=item.department_id)
    owns = is_open and may(actor, Permission.CASE_WORK, department_id=item.case.department_id)
    row = item_row(item)
    return {
        "item": item,
        "row": row,
        "case": item.case,
        "case_row": row_of(item.case),
        "note": localized(item.note),
        "public_label": localized(item.public_label),
        "checks": [
            {
                "id": check.pk,
                "text": localized(check.text),
                "is_required": check.is_required,
                "is_done": check.done_at is not None,
                "done_at": check.done_at,
                "done_by": check.done_by,
            }
            for check in ordered_checks(item)
        ],
        "due_steps": steps(due.explanation) if due else [],
        "may_work": works and row.is_live,
        "may_start": works and item.state == ItemState.OPEN,
        "may_take": works and row.is_live and _may_take(item, actor),
        "may_drop": (works or owns) and row.is_live,
        "may_reopen": (works or owns) and not row.is_live,
        "is_case_closed": not is_open,
        "added_by": item.added_by,
        "finished_by": item.finished_by,
    }


def _may_take(item: WorkItem, actor: Actor) -> bool:
    return actor.department_id == item.department_id and item.assignee_id != actor.user_id
