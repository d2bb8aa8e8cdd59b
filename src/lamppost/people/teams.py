"""Teams: people of one department who share a queue. Who is in which, and who says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.people import audit, denials
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Department, Membership, Team, TeamMember, User
from lamppost.people.permissions import Permission, may, require

_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_MAX_NAME = 100
_MAX_CODE = 63


@dataclass(frozen=True, slots=True)
class ShownTeam:
    """A team as lists show it. ``is_mine``: who asked belongs to it."""

    pk: int
    department_id: int
    code: str
    name: Mapping[str, str]
    is_active: bool = True
    is_mine: bool = False
    people: int = 0


def teams_of(department_id: int | None, *, user_id: int | None = None) -> list[ShownTeam]:
    """Return the active teams of a department by code; of every department for None.

    One query; ``is_mine`` is about ``user_id``.
    """
    mine = TeamMember.objects.filter(team=OuterRef("pk"), user_id=user_id or 0)
    rows = Team.objects.filter(is_active=True).annotate(is_mine=Exists(mine))
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    found = rows.order_by("department__code", "code")
    return [
        ShownTeam(*row)
        for row in found.values_list("pk", "department_id", "code", "name", "is_active", "is_mine")
    ]


def managed_teams(actor: Actor) -> list[ShownTeam]:
    """Return the teams ``actor`` may change, retired ones last, with how many people they have.

    Raises ``Forbidden`` for who manages none.
    """
    require(actor, Permission.TEAM_MANAGE)
    rows = Team.objects.all()
    if not may(actor, Permission.CITY_ADMIN):
        rows = rows.filter(department_id=actor.department_id or 0)
    found = rows.annotate(people=Count("members")).order_by(
        "-is_active", "department__code", "code"
    )
    return [
        ShownTeam(*row[:5], people=row[5])
        for row in found.values_list("pk", "department_id", "code", "name", "is_active", "people")
    ]


def managed_team(team_id: int, *, actor: Actor) -> Team:
    """Return a team ``actor`` may change. Raises ``NotFound`` or ``Forbidden``."""
    team = Team.objects.select_related("department").filter(pk=team_id).first()
    if team is None:
        raise NotFound(_("This team does not exist here."))
    require_manager(actor, team.department_id)
    return team


def teams_of_user(user_id: int) -> list[Team]:
    """Return the active teams a person belongs to, by code."""
    return list(
        Team.objects.filter(is_active=True, members__user_id=user_id).order_by("code").distinct()
    )


def members_of(team_id: int) -> list[User]:
    """Return the people of a team by name, those who left the city or department left out."""
    team = Team.objects.get(pk=team_id)
    rows = Membership.objects.filter(
        department_id=team.department_id,
        is_active=True,
        user__is_active=True,
        user__teams__team=team,
    )
    return [row.user for row in rows.select_related("user").order_by("user__name", "user_id")]


def department_people(department_id: int) -> list[User]:
    """Return the active members of a department by name."""
    rows = Membership.objects.filter(
        department_id=department_id, is_active=True, user__is_active=True
    )
    return [row.user for row in rows.select_related("user").order_by("user__name", "user_id")]


def require_manager(actor: Actor, department_id: int | None) -> None:
    """Raise ``Forbidden`` unless ``actor`` manages the people of this department.

    Of one's own department with ``TEAM_MANAGE``; of every one with ``CITY_ADMIN``, also for
    311 supervisors, whose other rights reach all departments: their people are not theirs.
    """
    require(actor, Permission.TEAM_MANAGE, department_id=department_id)
    if may(actor, Permission.CITY_ADMIN):
        return
    if department_id is None or actor.department_id != department_id:
        denials.keep(actor, Permission.TEAM_MANAGE, department_id=department_id)
        raise Forbidden(_("You manage the teams of your own department only."))


def save_team(
    *,
    actor: Actor,
    name: str,
    language: str,
    members: Collection[int],
    team_id: int | None = None,
    department_id: int | None = None,
    code: str = "",
    is_active: bool = True,
) -> Team:
    """Make a team of ``department_id``, or change the one given; return it.

    ``name`` is its name in ``language``; other languages keep theirs. ``members`` are the ids
    of its people, all of the department; the code of a team never changes, since packs and
    saved views name it. Raises ``Invalid`` naming every wrong field, ``Conflict`` for a code
    that is taken, ``NotFound``, ``Forbidden``.
    """
    team = managed_team(team_id, actor=actor) if team_id is not None else None
    department = team.department if team else _department(department_id)
    require_manager(actor, department.pk)
    name, code = clean_line(name), team.code if team else clean_line(code).lower()
    wanted = set(members)
    problems = _problems(name, code, wanted, department)
    if problems:
        raise Invalid(problems)
    with transaction.atomic():
        team = team or _new(department, code)
        team.name = {**team.name, language: name}
        team.is_active = is_active
        team.save()
        _set_members(team, wanted)
        audit.note(
            what=AuditWhat.TEAM,
            label=f"{department.code}/{code}",
            actor=actor,
            detail=f"active={is_active}; people={','.join(map(str, sorted(wanted)))}",
        )
    return team


def _new(department: Department, code: str) -> Team:
    try:
        with transaction.atomic():
            return Team.objects.create(department=department, code=code, name={})
    except IntegrityError:
        raise Conflict(
            _("Your department has a team with this code already."), field="code"
        ) from None


def _department(department_id: int | None) -> Department:
    department = Department.objects.filter(pk=department_id or 0, is_active=True).first()
    if department is None:
        raise Invalid(_("This department does not exist here."), field="department")
    return department


def _problems(
    name: str, code: str, members: Iterable[int], department: Department
) -> list[Problem]:
    problems = []
    if not name or len(name) > _MAX_NAME:
        message = _("Give the team a name of at most %(limit)d characters.") % {"limit": _MAX_NAME}
        problems.append(Problem("name", message))
    if not _CODE.fullmatch(code) or len(code) > _MAX_CODE:
        problems.append(
            Problem("code", _("Use small letters and digits, such as “north-yard”, for the code."))
        )
    known = {user.pk for user in department_people(department.pk)}
    if not set(members) <= known:
        problems.append(Problem("members", _("Only people of the department can be in its team.")))
    return problems


def _set_members(team: Team, wanted: set[int]) -> None:
    rows = TeamMember.objects.filter(team=team)
    rows.exclude(user_id__in=wanted).delete()
    held = set(rows.values_list("user_id", flat=True))
    TeamMember.objects.bulk_create(
        TeamMember(team=team, user_id=user_id) for user_id in sorted(wanted - held)
    )


def member_filter(user_id: int) -> Q:
    """Return the condition on ``team`` for rows of the active teams of a person."""
    mine = TeamMember.objects.filter(user_id=user_id, team__is_active=True)
    return Q(team__in=mine.values("team_id"))
