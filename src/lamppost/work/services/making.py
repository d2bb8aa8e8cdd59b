"""Making work items: the rows, their clocks, their checklists, who may read the case for them.

Everything here runs in the caller's transaction, with the case locked or just made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.cases.services.participants import let_in
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell
from lamppost.sla.calendar import Calendar, NeverOpen
from lamppost.sla.choices import DayEndRule
from lamppost.sla.engine import Due
from lamppost.sla.promises import promises
from lamppost.work.choices import LIVE, ItemChange
from lamppost.work.clock import due_of
from lamppost.work.models import ChecklistItem, WorkItem
from lamppost.work.playbook import CheckEntry, TemplateEntry, Texts


@dataclass(frozen=True, slots=True)
class Draft:
    """An item to be made; texts in whatever languages there are. Checked by the caller."""

    department_id: int
    title: Texts
    note: Texts = field(default_factory=dict)
    public_label: Texts = field(default_factory=dict)
    team_id: int | None = None
    is_required: bool = True
    amount: int | None = None
    unit: str = ""
    day_end: str = DayEndRule.CLOSE.value
    calendar_id: int | None = None
    template_id: int | None = None
    checks: Sequence[CheckEntry] = ()


def draft_of(entry: TemplateEntry) -> Draft:
    """Return the item a template stands for."""
    return Draft(
        department_id=entry.department_id,
        title=entry.title,
        note=entry.note,
        public_label=entry.public_label,
        team_id=entry.team_id,
        is_required=entry.is_required,
        amount=entry.amount,
        unit=entry.unit,
        day_end=entry.day_end,
        calendar_id=entry.calendar_id,
        template_id=entry.id,
        checks=entry.checks,
    )


def make_items(
    case: Case, drafts: Sequence[Draft], *, actor: Actor, at: datetime
) -> list[WorkItem]:
    """Write the items of ``case`` with their checklists and events, from ``at`` on; return them.

    The count the case keeps of its open required items is brought up to date.
    """
    last = WorkItem.objects.filter(case=case).aggregate(last=Max("order"))["last"] or 0
    made = [
        _make(case, draft, order, actor=actor, at=at)
        for order, draft in enumerate(drafts, start=last + 1)
    ]
    if made:
        recount(case, at=at)
    return made


def _make(case: Case, draft: Draft, order: int, *, actor: Actor, at: datetime) -> WorkItem:
    item = WorkItem(
        case=case,
        template_id=draft.template_id,
        department_id=draft.department_id,
        team_id=draft.team_id,
        title=dict(draft.title),
        note=dict(draft.note),
        public_label=dict(draft.public_label),
        is_required=draft.is_required,
        order=order,
        amount=draft.amount,
        unit=draft.unit,
        day_end=draft.day_end,
        calendar_id=draft.calendar_id,
        added_by_id=actor.user_id,
        added_at=at,
        updated_at=at,
    )
    due = due_of_item(item, ended=())
    item.due_at = due.at if due else None
    item.save()
    ChecklistItem.objects.bulk_create(
        ChecklistItem(item=item, order=place, text=dict(check.text), is_required=check.is_required)
        for place, check in enumerate(draft.checks, start=1)
    )
    let_in(case, item.department_id, at=at)
    note_change(
        item,
        ItemChange.ADDED,
        actor=actor,
        at=at,
        data={
            "template": item.template_id,
            "required": item.is_required,
            "due": item.due_at.isoformat() if item.due_at else None,
        },
    )
    if item.department_id not in {case.department_id, actor.department_id}:
        _tell_department(item, case)
    return item


def due_of_item(
    item: WorkItem, *, ended: Sequence[tuple[datetime, datetime]] | None = None
) -> Due | None:
    """Return when ``item`` is due, with the explanation; None without a target.

    ``ended``: the spans in which it was ended; read from the database when None. A calendar
    that never opens gives no due time: what is asked for stays to be done.
    """
    if not item.amount:
        return None
    if ended is None:
        ended = [(pause.from_at, pause.to_at) for pause in item.pauses.all()]
    try:
        return due_of(
            calendar=_calendar(item.calendar_id),
            added_at=item.added_at,
            amount=item.amount,
            unit=item.unit,
            day_end=item.day_end,
            ended=ended,
        )
    except NeverOpen:
        return None


def recount(case: Case, *, at: datetime) -> None:
    """Bring the case's count of open required items up to date, on the row and the instance."""
    case.open_required = WorkItem.objects.filter(
        case=case, is_required=True, state__in=LIVE
    ).count()
    case.updated_at = max(case.updated_at, at)
    Case.objects.filter(pk=case.pk).update(
        open_required=case.open_required, updated_at=case.updated_at
    )


def note_change(
    item: WorkItem,
    change: ItemChange,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    data: dict[str, object] | None = None,
) -> int:
    """Write the event of one change of ``item``, for staff only; return the event's id."""
    title = in_language(item.title, city_in_scope().default_language)
    event = record(
        item.case,
        EventKind.WORK,
        actor=actor,
        audience=EventAudience.STAFF,
        at=at,
        text=f"{title}\n{reason}" if reason else title,
        language=get_language() or "",
        data={"item": item.pk, "change": change.value, "department": item.department_id}
        | (data or {}),
    )
    return event.pk


def tell_owner(case: Case, *, event_id: int) -> None:
    """Tell who has the case that no required work is open any more.

    The assignee, or the managers of the owning department, or those who work there.
    """
    users: list[User] = []
    if case.assignee is not None and case.assignee.is_active:
        users = [case.assignee]
    for roles in ((Role.MANAGER,), (Role.WORKER, Role.SUPERVISOR, Role.AGENT)):
        users = users or staff_of(roles=roles, department_id=case.department_id)
    tell(
        users,
        NoticeKind.WORK,
        subject=lambda: _ready(case),
        path=f"/desk/cases/{case.number}/",
        once_key=f"work-ready-{event_id}",
        case_number=case.number,
        default_language=city_in_scope().default_language,
    )


def _ready(case: Case) -> str:
    return _("Case %(number)s: all required work is done") % {"number": case.number}


def _tell_department(item: WorkItem, case: Case) -> None:
    tell(
        staff_of(roles=(Role.MANAGER,), department_id=item.department_id),
        NoticeKind.WORK,
        subject=lambda: (
            _("Case %(number)s needs your department: %(title)s")
            % {"number": case.number, "title": in_language(item.title, get_language() or "en")}
        ),
        path=f"/desk/work/{item.pk}/",
        once_key=f"work-added-{item.pk}",
        case_number=case.number,
        default_language=city_in_scope().default_language,
    )


def _calendar(calendar_id: int | None) -> Calendar:
    """The calendar named, the city's default, or one without opening hours."""
    known = promises()
    if calendar_id is not None and calendar_id in known.calendars:
        return known.calendars[calendar_id]
    return known.default_calendar or Calendar(zone=city_in_scope().zone, weekly={})
