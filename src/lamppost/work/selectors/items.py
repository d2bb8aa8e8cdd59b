"""Work items as they are read: the list of a desk, those of a case, what the public may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import case_for_desk
from lamppost.cases.selectors.queue import COUNT_LIMIT, Position
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.models import TeamMember
from lamppost.people.permissions import ALL_DEPARTMENTS
from lamppost.work.choices import LIVE, ItemState
from lamppost.work.models import ChecklistItem, WorkItem

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which open items; what is empty does not restrict. ``department_id`` None is every one."""

    department_id: int | None = None
    assignee_id: int | None = None
    teams_of: int | None = None
    overdue_only: bool = False


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One page of items; the positions lead to the pages before and after it, if any."""

    items: tuple[WorkItem, ...]
    before: Position | None
    after: Position | None


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How many open items there are, counted up to the queue's own limit."""

    total: int
    mine: int
    team: int
    overdue: int


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One step of a case as the public reads it: nothing but a label and where it stands."""

    label: str
    department: str
    state: ItemState


def filter_for(actor: Actor) -> WorkFilter:
    """Return what ``actor`` sees without asking for anything: the own department, or all."""
    if actor.role in ALL_DEPARTMENTS:
        return WorkFilter()
    # A department role without a department sees nothing: no department has the id 0.
    return WorkFilter(department_id=actor.department_id or 0)


def work_page(
    wanted: WorkFilter,
    *,
    after: Position | None = None,
    before: Position | None = None,
    now: datetime | None = None,
    size: int = PAGE_SIZE,
) -> WorkPage:
    """Return one page of open items, the one due first on top, those without a due time last.

    Each carries its case, assignee and team, and ``check_count`` and ``done_count`` of its
    checklist. One statement, two where a page begins among items with a due time and ends
    among those without.
    """
    rows = _for_list(_matching(wanted, now or timezone.now()))
    if before is not None:
        found = _before(rows, before, size + 1)
        more_before, more_after = len(found) > size, True
        items = found[:size][::-1]
    else:
        found = _after(rows, after, size + 1)
        more_before, more_after = after is not None, len(found) > size
        items = found[:size]
    return WorkPage(
        items=tuple(items),
        before=_position(items[0]) if items and more_before else None,
        after=_position(items[-1]) if items and more_after else None,
    )


def work_counts(actor: Actor, *, now: datetime | None = None) -> WorkCounts:
    """Count what ``actor`` sees by what a desk asks first; one statement."""
    now = now or timezone.now()
    user_id = actor.user_id or 0
    rows = _matching(filter_for(actor), now).order_by("due_at", "id")
    found = rows.annotate(is_team=Exists(_teams(user_id)))[:COUNT_LIMIT].aggregate(
        total=Count("pk"),
        mine=Count("pk", filter=Q(assignee_id=user_id)),
        team=Count("pk", filter=Q(is_team=True)),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
    )
    return WorkCounts(**found)


def item_for_desk(item_id: int, *, actor: Actor) -> WorkItem:
    """Return an item with its case, people and checklist, for who may read the case.

    Raises ``NotFound`` for an unknown item, ``Forbidden`` for one of a case that is not
    readable at this desk.
    """
    item = (
        WorkItem.objects.select_related("assignee", "team", "added_by", "finished_by")
        .prefetch_related(_checklist(), "pauses")
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise NotFound(_("This work item does not exist here."))
    number = Case.objects.values_list("number", flat=True).get(pk=item.case_id)
    item.case = case_for_desk(number, actor=actor)
    return item


def items_of(case: Case) -> list[WorkItem]:
    """Return all items of a case in order, with people and counts of their checklists."""
    return list(_for_list(WorkItem.objects.filter(case=case)).order_by("order", "id"))


def open_required_names(case: Case) -> list[str]:
    """Return the titles of the required items that keep ``case`` open, each with whose it is."""
    language = get_language() or city_in_scope().default_language
    rows = WorkItem.objects.filter(case=case, is_required=True, state__in=LIVE).order_by("order")
    return [
        _("%(title)s (%(department)s)")
        % {
            "title": in_language(row.title, language),
            "department": in_language(book().departments[row.department_id].name, language),
        }
        for row in rows
    ]


def public_steps(case: Case) -> list[PublicStep]:
    """Return the steps of a case the public may see, in order; one query.

    Items without a public label are not among them, nor those that were dropped.
    """
    language = get_language() or "en"
    rows = (
        WorkItem.objects.filter(case=case)
        .exclude(state=ItemState.DROPPED)
        .exclude(public_label={})
        .order_by("order", "id")
        .values_list("public_label", "department_id", "state")
    )
    departments = book().departments
    return [
        PublicStep(
            label=in_language(label, language),
            department=in_language(departments[department_id].name, language),
            state=ItemState(state),
        )
        for label, department_id, state in rows
        if in_language(label, language)
    ]


def ordered_checks(item: WorkItem) -> Sequence[ChecklistItem]:
    """Return the checklist of an item from ``item_for_desk``."""
    return list(item.checklist.all())


def _matching(wanted: WorkFilter, now: datetime) -> QuerySet[WorkItem]:
    rows = WorkItem.objects.filter(state__in=LIVE)
    if wanted.department_id is not None:
        rows = rows.filter(department_id=wanted.department_id)
    if wanted.assignee_id is not None:
        rows = rows.filter(assignee_id=wanted.assignee_id)
    if wanted.teams_of is not None:
        rows = rows.filter(Exists(_teams(wanted.teams_of)))
    if wanted.overdue_only:
        rows = rows.filter(due_at__lt=now)
    return rows


def _teams(user_id: int) -> QuerySet[TeamMember]:
    return TeamMember.objects.filter(team_id=OuterRef("team_id"), user_id=user_id)


def _for_list(rows: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    lines = ChecklistItem.objects.filter(item=OuterRef("pk")).order_by().values("item")
    return rows.select_related("case", "assignee", "team").annotate(
        check_count=Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0),
        done_count=Coalesce(
            Subquery(lines.filter(done_at__isnull=False).annotate(n=Count("pk")).values("n")), 0
        ),
    )


def _checklist() -> Prefetch[str]:
    return Prefetch(
        "checklist", ChecklistItem.objects.select_related("done_by").order_by("order", "id")
    )


def _position(item: WorkItem) -> Position:
    return Position(item.due_at, item.pk)


def _after(rows: QuerySet[WorkItem], place: Position | None, count: int) -> list[WorkItem]:
    if place is None:
        return list(rows.order_by("due_at", "id")[:count])
    timeless = rows.filter(due_at__isnull=True).order_by("id")
    if place.due_at is None:
        return list(timeless.filter(id__gt=place.case_id)[:count])
    later = TupleGreaterThan(Tuple(F("due_at"), F("id")), (place.due_at, place.case_id))
    found = list(rows.filter(later).order_by("due_at", "id")[:count])
    if len(found) < count:
        found += timeless[: count - len(found)]
    return found


def _before(rows: QuerySet[WorkItem], place: Position, count: int) -> list[WorkItem]:
    """The rows before ``place``, nearest first."""
    timed = rows.filter(due_at__isnull=False).order_by("-due_at", "-id")
    if place.due_at is not None:
        sooner = TupleLessThan(Tuple(F("due_at"), F("id")), (place.due_at, place.case_id))
        return list(timed.filter(sooner)[:count])
    timeless = rows.filter(due_at__isnull=True, id__lt=place.case_id).order_by("-id")
    found = list(timeless[:count])
    if len(found) < count:
        found += timed[: count - len(found)]
    return found
