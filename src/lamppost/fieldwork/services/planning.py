"""Who looks at which case on which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.catalog.choices import State
from lamppost.cities.selectors import city_in_scope
from lamppost.fieldwork.choices import InspectionState
from lamppost.fieldwork.models import Inspection
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Absence, Membership, Team, User
from lamppost.people.notices import tell
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may, require

# What one person or team can be given for a day: more is a mistake, and no page must hold it.
MAX_ROUND = 200
_FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of each case: ids of inspections, and refusals by the id of the case."""

    done: tuple[int, ...]
    refused: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Whose:
    """The inspector or the team, and the department they work for (None: for all)."""

    inspector: User | None
    team: Team | None
    department_id: int | None

    def owns(self, inspection: Inspection) -> bool:
        return (inspection.inspector_id, inspection.team_id) == (
            self.inspector.pk if self.inspector else None,
            self.team.pk if self.team else None,
        )

    @property
    def rows(self) -> Q:
        return Q(team=self.team) if self.team else Q(inspector=self.inspector)

    @property
    def people(self) -> list[User]:
        if self.team is None:
            return [self.inspector] if self.inspector else []
        return list(User.objects.filter(teams__team=self.team, is_active=True))


def plan_inspections(
    *,
    case_ids: Sequence[int],
    on: date,
    actor: Actor,
    inspector_id: int | None = None,
    team_id: int | None = None,
) -> Planned:
    """Put cases on the round of one inspector or one team for the local day ``on``.

    A case has one planned inspection: planned for another day or person, the old one is taken
    off and a new one made; planned the same again, nothing changes. Each case is judged by
    itself; its refusal does not stop the others. The inspector or the team is told once.
    Raises ``Invalid`` for no or too many cases, a day that is over or more than a year away,
    and for somebody who does not inspect, is away that day or has a full round; ``Forbidden``
    without the right to work on cases.
    """
    require(actor, Permission.CASE_WORK)
    ids = list(dict.fromkeys(case_ids))
    if not ids:
        raise Invalid(_("Choose at least one case."), field="cases")
    if len(ids) > MAX_ROUND:
        message = _("Choose at most %(limit)d cases at a time.") % {"limit": MAX_ROUND}
        raise Invalid(message, field="cases")
    _check_day(on)
    whose = _whose(inspector_id, team_id, on)
    _check_room(whose, on, ids)
    done: list[int] = []
    refused: dict[int, str] = {}
    new = 0
    with transaction.atomic():
        for case_id in ids:
            try:
                inspection, is_new = _plan_one(case_id, whose, on, actor)
            except Refusal as refusal:
                refused[case_id] = str(refusal)
            else:
                done.append(inspection.pk)
                new += is_new
        if new:
            _tell(whose, on, new, first_id=done[0], actor=actor)
    return Planned(tuple(done), refused)


def cancel_inspection(*, inspection_id: int, actor: Actor) -> Inspection:
    """Take an inspection off its round; return it.

    Raises ``NotFound`` for an unknown one, ``Conflict`` when it is no longer planned,
    ``Forbidden`` for another department's case.
    """
    found = Inspection.objects.filter(pk=inspection_id).first()
    if found is None:
        raise NotFound(_("This inspection does not exist here."))
    with locked(found.case_id, Permission.CASE_WORK, actor) as case:
        inspection = Inspection.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if inspection.state != InspectionState.PLANNED:
            raise Conflict(_("This inspection is not planned any more."))
        _take_off(case, inspection, actor)
        return inspection


def _check_day(on: date) -> None:
    today = timezone.now().astimezone(city_in_scope().zone).date()
    if on < today:
        raise Invalid(_("This day is over. Choose today or a later day."), field="day")
    if on > today + _FURTHEST:
        raise Invalid(_("Choose a day within a year."), field="day")


def _whose(inspector_id: int | None, team_id: int | None, on: date) -> _Whose:
    if (inspector_id is None) == (team_id is None):
        raise Invalid(_("Choose an inspector or a team."), field="whose")
    if team_id is not None:
        team = Team.objects.filter(pk=team_id, is_active=True).first()
        if team is None:
            raise Invalid(_("Choose a team of the city."), field="whose")
        return _Whose(None, team, team.department_id)
    member = (
        Membership.objects.filter(user_id=inspector_id or 0, is_active=True, user__is_active=True)
        .select_related("user")
        .first()
    )
    if member is None or not may(Actor(role=Role(member.role)), Permission.CASE_WORK):
        raise Invalid(_("This person does not inspect."), field="whose")
    if Absence.objects.filter(user=member.user, first_day__lte=on, last_day__gte=on).exists():
        raise Invalid(_("This person is away that day."), field="whose")
    everywhere = member.role in ALL_DEPARTMENTS
    return _Whose(member.user, None, None if everywhere else member.department_id)


def _check_room(whose: _Whose, on: date, case_ids: Sequence[int]) -> None:
    others = Inspection.objects.filter(whose.rows, planned_on=on).exclude(
        state=InspectionState.CANCELLED
    )
    if others.exclude(case_id__in=case_ids).count() + len(case_ids) > MAX_ROUND:
        message = _("A round has at most %(limit)d inspections.") % {"limit": MAX_ROUND}
        raise Invalid(message, field="cases")


def _plan_one(case_id: int, whose: _Whose, on: date, actor: Actor) -> tuple[Inspection, bool]:
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("This case is closed: reopen it first."))
        if whose.department_id not in {None, case.department_id}:
            raise Invalid(_("The inspector works for another department than this case."))
        old = Inspection.objects.filter(case=case, state=InspectionState.PLANNED).first()
        if old is not None and old.planned_on == on and whose.owns(old):
            return old, False
        if old is not None:
            _take_off(case, old, actor)
        inspection = Inspection.objects.create(
            case=case,
            department_id=case.department_id,
            inspector=whose.inspector,
            team=whose.team,
            planned_on=on,
            state=InspectionState.PLANNED,
            planned_by_id=actor.user_id,
            planned_at=timezone.now(),
        )
        _note(case, inspection, "planned", actor)
        return inspection, True


def _take_off(case: Case, inspection: Inspection, actor: Actor) -> None:
    inspection.state = InspectionState.CANCELLED
    inspection.ended_at = timezone.now()
    inspection.save(update_fields=["state", "ended_at"])
    _note(case, inspection, "cancelled", actor)


def _note(case: Case, inspection: Inspection, change: str, actor: Actor) -> None:
    record(
        case,
        EventKind.INSPECTED,
        actor=actor,
        audience=EventAudience.STAFF,
        data={
            "change": change,
            "inspection": inspection.pk,
            "inspector": inspection.inspector_id,
            "team": inspection.team_id,
            "on": inspection.planned_on.isoformat(),
        },
    )


def _tell(whose: _Whose, on: date, count: int, *, first_id: int, actor: Actor) -> None:
    def subject() -> str:
        return ngettext(
            "%(count)d inspection planned for %(day)s",
            "%(count)d inspections planned for %(day)s",
            count,
        ) % {"count": count, "day": date_format(on, "DATE_FORMAT")}

    tell(
        [user for user in whose.people if user.pk != actor.user_id],
        NoticeKind.ASSIGNED,
        subject=subject,
        path="/field/",
        once_key=f"round:{first_id}",
    )
