"""The life of a work item: given to somebody, started, checked off, done or dropped."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.desk import may_work
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.participants import let_in, let_out
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import in_language
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import Membership, Team, TeamMember, User
from lamppost.people.notices import tell
from lamppost.work.choices import LIVE, DropCause, ItemChange, ItemState
from lamppost.work.clock import breach_time
from lamppost.work.models import ChecklistItem, WorkItem, WorkPause
from lamppost.work.services.locking import locked_item
from lamppost.work.services.making import (
    due_of_item,
    note_change,
    recount,
    tell_owner,
)


def assign_item(
    *, item_id: int, actor: Actor, user_id: int | None = None, team_id: int | None = None
) -> WorkItem:
    """Give an item to a team and, or, a person of its department, or to nobody; return it.

    With a team, the person must be of that team. Raises ``Invalid`` for strangers, ``Conflict``
    for an item that has ended. Giving it to who has it changes nothing.
    """
    with locked_item(item_id, actor) as item:
        _refuse_ended(item)
        check_team(team_id, item.department_id)
        if user_id is not None:
            _check_person(user_id, item.department_id, team_id)
        before = (item.assignee_id, item.team_id)
        if before == (user_id, team_id):
            return item
        item.assignee_id, item.team_id = user_id, team_id
        now = timezone.now()
        _save(item, now)
        note_change(
            item,
            ItemChange.ASSIGNED,
            actor=actor,
            at=now,
            data={"from": before[0], "to": user_id, "from_team": before[1], "to_team": team_id},
        )
        if user_id is not None and user_id != actor.user_id:
            _tell_assigned(item, user_id)
        return item


def start(*, item_id: int, actor: Actor) -> WorkItem:
    """Say that work on an item has begun; return it. Raises ``Conflict`` unless it is to do."""
    with locked_item(item_id, actor) as item:
        if item.state != ItemState.OPEN:
            raise Conflict(_("This work item is not waiting to be started."))
        now = timezone.now()
        _begin(item, now)
        _save(item, now)
        note_change(item, ItemChange.STARTED, actor=actor, at=now)
        _touch(item, now)
        return item


def tick(*, item_id: int, check_id: int, is_done: bool, actor: Actor) -> WorkItem:
    """Check off one line of an item's checklist, or take the check back; return the item.

    The first check begins the item. Ticking what is ticked changes nothing. Raises ``NotFound``
    for a line of another item, ``Conflict`` for an item that has ended.
    """
    with locked_item(item_id, actor) as item:
        check = ChecklistItem.objects.filter(item=item, pk=check_id).first()
        if check is None:
            raise NotFound(_("This line is not on the checklist."), field="check")
        _refuse_ended(item)
        if (check.done_at is not None) == is_done:
            return item
        now = timezone.now()
        check.done_at = now if is_done else None
        check.done_by_id = actor.user_id if is_done else None
        check.save(update_fields=["done_at", "done_by"])
        begins = is_done and item.state == ItemState.OPEN
        if begins:
            _begin(item, now)
        _save(item, now)
        note_change(
            item,
            ItemChange.TICKED if is_done else ItemChange.UNTICKED,
            actor=actor,
            at=now,
            data={"check": check.pk, "begins": begins},
        )
        if begins:
            _touch(item, now)
        return item


def finish(*, item_id: int, actor: Actor) -> WorkItem:
    """Say that an item is done; return it.

    When it was the last required one, who has the case is told. Raises ``Conflict`` naming the
    required lines of the checklist that are not checked off, and for an item that has ended.
    """
    with locked_item(item_id, actor) as item:
        _refuse_ended(item)
        _refuse_unticked(item)
        now = timezone.now()
        item.state = ItemState.DONE
        item.finished_at, item.finished_by_id = now, actor.user_id
        item.started_at = item.started_at or now
        item.breached_at = item.breached_at or breach_time(item.due_at, now)
        _save(item, now)
        event_id = note_change(
            item,
            ItemChange.DONE,
            actor=actor,
            at=now,
            data={"late": item.breached_at is not None, "required": item.is_required},
        )
        _tell_if_last(item, event_id, now)
        return item


def drop(*, item_id: int, reason: str, actor: Actor) -> WorkItem:
    """Give an item up with a reason, for its own department or the case's owner; return it.

    Raises ``Invalid`` without a reason, ``Conflict`` for an item that has ended.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why this is not to be done."), field="reason")
    with locked_item(item_id, actor, owner_too=True) as item:
        _refuse_ended(item)
        now = timezone.now()
        event_id = drop_locked(item, DropCause.PERSON, actor=actor, at=now, reason=reason)
        _tell_if_last(item, event_id, now)
        return item


def drop_locked(
    item: WorkItem, cause: DropCause, *, actor: Actor, at: datetime, reason: str = ""
) -> int:
    """Drop a live item of a locked case; return the event's id. The caller recounts."""
    item.state = ItemState.DROPPED
    item.drop_cause, item.drop_reason = cause, reason
    item.finished_at, item.finished_by_id = at, actor.user_id
    item.breached_at = item.breached_at or breach_time(item.due_at, at)
    _save(item, at)
    others = WorkItem.objects.filter(case=item.case, department_id=item.department_id)
    if cause is not DropCause.CASE_CLOSED and not others.exclude(state=ItemState.DROPPED).exists():
        let_out(item.case, item.department_id)
    return note_change(
        item,
        ItemChange.DROPPED,
        actor=actor,
        at=at,
        reason=reason,
        data={"cause": cause.value, "required": item.is_required},
    )


def reopen_item(*, item_id: int, reason: str, actor: Actor) -> WorkItem:
    """Open an item again that was done or dropped; return it.

    Its clock runs on, the time it was ended counts as a pause. Raises ``Invalid`` without a
    reason, ``Conflict`` for an item that is open, and when the same item was added anew.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why it is opened again."), field="reason")
    with locked_item(item_id, actor, owner_too=True) as item:
        if item.state in LIVE:
            raise Conflict(_("This work item is not finished."))
        if item.state == ItemState.DROPPED and _has_twin(item):
            raise Conflict(_("The case has this work item already."))
        now = timezone.now()
        reopen_locked(item, actor=actor, at=now, reason=reason)
        recount(item.case, at=now)
        return item


def reopen_locked(item: WorkItem, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Open an ended item of a locked case again. The caller recounts."""
    if item.finished_at is not None:
        WorkPause.objects.create(item=item, from_at=item.finished_at, to_at=at)
    data = {"from": item.state, "cause": item.drop_cause, "required": item.is_required}
    item.state = ItemState.DOING if item.started_at else ItemState.OPEN
    item.finished_at = item.finished_by_id = None
    item.drop_cause = item.drop_reason = ""
    due = due_of_item(item)
    item.due_at = due.at if due else None
    _save(item, at)
    let_in(item.case, item.department_id, at=at)
    note_change(item, ItemChange.REOPENED, actor=actor, at=at, reason=reason, data=data)


def mark_late(*, now: datetime, limit: int = 500) -> int:
    """Write down, for the city in scope, items whose due time has passed; return how many.

    The time of the breach is the due time itself, however late this runs. Safe to run in
    several processes at once and again after a crash.
    """
    late = WorkItem.objects.filter(
        state__in=LIVE, breached_at__isnull=True, due_at__lt=now
    ).order_by("due_at")
    marked = 0
    for item_id, case_id in list(late.values_list("pk", "case_id")[:limit]):
        with locked(case_id, None, SYSTEM) as case:
            item = late.select_for_update(of=("self",)).filter(pk=item_id).first()
            if item is None or item.due_at is None:
                continue
            item.case = case
            item.breached_at = item.due_at
            item.save(update_fields=["breached_at"])
            note_change(item, ItemChange.LATE, actor=SYSTEM, at=item.due_at)
            marked += 1
    return marked


def _begin(item: WorkItem, at: datetime) -> None:
    item.state = ItemState.DOING
    item.started_at = item.started_at or at


def _save(item: WorkItem, at: datetime) -> None:
    item.updated_at = at
    item.save()


def _touch(item: WorkItem, at: datetime) -> None:
    """The public page shows the states of labeled items: their change is news of the case."""
    if item.public_label:
        item.case.updated_at = at
        item.case.save(update_fields=["updated_at"])


def _tell_if_last(item: WorkItem, event_id: int, at: datetime) -> None:
    before = item.case.open_required
    recount(item.case, at=at)
    if before and not item.case.open_required:
        tell_owner(item.case, event_id=event_id)


def _has_twin(item: WorkItem) -> bool:
    if item.template_id is None:
        return False
    twins = WorkItem.objects.filter(case_id=item.case_id, template_id=item.template_id)
    return twins.exclude(pk=item.pk).exclude(state=ItemState.DROPPED).exists()


def _refuse_ended(item: WorkItem) -> None:
    if item.state == ItemState.DONE:
        raise Conflict(_("This work item is done already."))
    if item.state == ItemState.DROPPED:
        raise Conflict(_("This work item was dropped."))


def _refuse_unticked(item: WorkItem) -> None:
    left = ChecklistItem.objects.filter(item=item, is_required=True, done_at__isnull=True)
    language = get_language() or city_in_scope().default_language
    names = [in_language(line.text, language) for line in left]
    if names:
        raise Conflict(
            _("Still to be checked off: %(lines)s") % {"lines": "; ".join(names)}, field="check"
        )


def check_team(team_id: int | None, department_id: int) -> None:
    """Raise ``Invalid`` unless the team is an active one of the department (None is none)."""
    if team_id is None:
        return
    known = Team.objects.filter(pk=team_id, department_id=department_id, is_active=True)
    if not known.exists():
        raise Invalid(_("This team is not of the item's department."), field="team")


def _check_person(user_id: int, department_id: int, team_id: int | None) -> None:
    membership = Membership.objects.filter(
        user_id=user_id, department_id=department_id, is_active=True, user__is_active=True
    ).first()
    if membership is None or not may_work(membership):
        raise Invalid(_("This person does not work in the item's department."), field="user")
    if (
        team_id is not None
        and not TeamMember.objects.filter(team_id=team_id, user_id=user_id).exists()
    ):
        raise Invalid(_("This person is not of the item's team."), field="user")


def _tell_assigned(item: WorkItem, user_id: int) -> None:
    tell(
        User.objects.filter(pk=user_id),
        NoticeKind.ASSIGNED,
        subject=lambda: (
            _("Work item for you: %(title)s")
            % {"title": in_language(item.title, get_language() or "en")}
        ),
        path=f"/desk/work/{item.pk}/",
        once_key=f"work-assigned-{item.pk}-{item.updated_at.isoformat()}",
        case_number=item.case.number,
        default_language=city_in_scope().default_language,
    )
