"""Whose a case is within its department: a person's, a team's, or the next one's who asks."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, Priority, TransferState
from lamppost.cases.models import Case, Transfer
from lamppost.cases.services import locking
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.telling import tell_about
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import Membership, Team, TeamMember, User
from lamppost.people.permissions import Permission, require
from lamppost.people.teams import member_filter, teams_of_user


def assign(
    *, case_id: int, user_id: int | None, actor: Actor, reason: str = "", tells: bool = True
) -> Case:
    """Give the case to a member of its department, or back to the queue (None); return it.

    Who gets it from somebody else is told, unless ``tells`` is false (the caller tells).
    ``reason`` is for the staff's history and may be left out.
    Raises ``Invalid`` for somebody who does not work there, ``Conflict`` for a closed case.
    Giving it to who has it changes nothing.
    """
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        _need_open(case, "user")
        if user_id is not None and not works_for(user_id, case.department_id):
            raise Invalid(_("This person does not work in the owning department."), field="user")
        _give(case, actor, user_id=user_id, team_id=case.team_id, reason=reason, tells=tells)
        return case


def assign_team(*, case_id: int, team_id: int | None, actor: Actor, reason: str = "") -> Case:
    """Put the case into the queue of a team of its department, or of none (None); return it.

    Its person keeps it only when they belong to the team. Raises ``Invalid`` for a team of
    another department or a retired one, ``Conflict`` for a closed case.
    """
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        _need_open(case, "team")
        keeps = case.assignee_id
        if team_id is not None:
            team = Team.objects.filter(pk=team_id, is_active=True).first()
            if team is None or team.department_id != case.department_id:
                raise Invalid(_("This team does not belong to the owning department."),
                              field="team")  # fmt: skip
            held = TeamMember.objects.filter(team_id=team_id, user_id=case.assignee_id or 0)
            keeps = case.assignee_id if held.exists() else None
        _give(case, actor, user_id=keeps, team_id=team_id, reason=reason)
        return case


def take_next(*, actor: Actor) -> Case | None:
    """Give the actor the most urgent case nobody has, of their teams; return it, or None.

    Of the whole department for who is in no team. Urgent before high before normal, then the
    one due first. Paused cases, those offered to another department and the actor's own
    reports are passed over. Two people at once never get the same: what one has locked, the
    other skips. Raises ``Forbidden`` for who works in no department.
    """
    if actor.department_id is None or actor.user_id is None:
        denials.keep(actor, Permission.CASE_WORK, detail="next case")
        raise Forbidden(_("You work in no department whose queue you could take a case from."))
    require(actor, Permission.CASE_WORK, department_id=actor.department_id)
    rows = _free(actor.department_id, actor.user_id)
    own: list[int] = []
    with transaction.atomic():
        while True:
            free = rows.exclude(pk__in=own).select_for_update(skip_locked=True, of=("self",))
            case = free.first()
            if case is None:
                return None
            if not locking.is_own_case(case, actor):
                break
            own.append(case.pk)
        _give(case, actor, user_id=actor.user_id, team_id=case.team_id)
        return case


def works_for(user_id: int, department_id: int) -> bool:
    """Return whether somebody is an active member of a department."""
    return Membership.objects.filter(
        user_id=user_id, department_id=department_id, is_active=True, user__is_active=True
    ).exists()


def _free(department_id: int, user_id: int) -> QuerySet[Case]:
    offered = Transfer.objects.filter(case=OuterRef("pk"), state=TransferState.OFFERED)
    rows = Case.objects.exclude(state=State.CLOSED).filter(
        ~Exists(offered), department_id=department_id, assignee__isnull=True, is_paused=False
    )
    if teams_of_user(user_id):
        rows = rows.filter(member_filter(user_id))
    urgency = models.Case(
        models.When(priority=Priority.URGENT, then=models.Value(0)),
        models.When(priority=Priority.HIGH, then=models.Value(1)),
        default=models.Value(2),
    )
    return rows.order_by(urgency, F("due_at").asc(nulls_last=True), "id")


def _need_open(case: Case, field: str) -> None:
    if case.state == State.CLOSED:
        raise Conflict(_("This case is closed: reopen it first."), field=field)


def _give(
    case: Case,
    actor: Actor,
    *,
    user_id: int | None,
    team_id: int | None,
    reason: str = "",
    tells: bool = False,
) -> None:
    """Write who has a locked and checked case now."""
    had, team_had = case.assignee_id, case.team_id
    if (had, team_had) == (user_id, team_id):
        return
    case.assignee_id, case.team_id = user_id, team_id
    case.updated_at = timezone.now()
    case.save()
    data = {"from": had, "to": user_id}
    if team_had != team_id:
        data |= {"team_from": team_had, "team_to": team_id}
    event = record(
        case,
        EventKind.ASSIGNED,
        actor=actor,
        audience=EventAudience.STAFF,
        text=reason,
        language=get_language() or "",
        data=data,
    )
    if tells and user_id is not None and user_id not in (had, actor.user_id):
        tell_about(
            case,
            User.objects.filter(pk=user_id),
            NoticeKind.ASSIGNED,
            subject=lambda: _("Case %(number)s is assigned to you") % {"number": case.number},
            once_key=f"assigned:{event.pk}",
        )
