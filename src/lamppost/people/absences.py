"""Who is away, from one local day of the city to another, and who stands in for them.

An absence begins and ends by itself: every question is asked for a day. Standing in is not
passed on: the cover of a cover who is away too is nobody's business but the manager's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Absence, Membership, User
from lamppost.people.permissions import Permission, may, require
from lamppost.people.teams import require_manager

_LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away up to and with ``until``, a local day; ``cover`` stands in, or nobody."""

    user_id: int
    until: date
    cover: User | None


def today(now: datetime | None = None) -> date:
    """Return the day it is in the city in scope; ``now`` is aware."""
    return timezone.localdate(now or timezone.now(), city_in_scope().zone)


def away_now(user_ids: Collection[int], *, now: datetime | None = None) -> dict[int, Away]:
    """Return who of ``user_ids`` is away today, by id; at most two queries.

    Of two absences that overlap the one that ends last counts. A cover who is away as well,
    has left or works for another department by now is nobody.
    """
    wanted = set(user_ids) - {0}
    if not wanted:
        return {}
    day = today(now)
    rows = list(
        _on(day)
        .filter(user_id__in=wanted)
        .annotate(may_cover=_still_covers())
        .select_related("covered_by")
        .order_by("last_day")
    )
    covers = {row.covered_by_id for row in rows if row.covered_by_id}
    gone = set(_on(day).filter(user_id__in=covers).values_list("user_id", flat=True))
    found = {}
    for row in rows:
        cover = row.covered_by
        stands_in = cover is not None and row.may_cover and cover.pk not in gone
        found[row.user_id] = Away(row.user_id, row.last_day, cover if stands_in else None)
    return found


def covered_by(user_id: int, *, now: datetime | None = None) -> list[User]:
    """Return the people who are away today and for whom this person stands in, by name."""
    day = today(now)
    rows = _on(day).filter(_still_covers(), covered_by_id=user_id).select_related("user")
    return sorted({row.user for row in rows}, key=lambda one: (one.name, one.pk))


def with_covers(users: Iterable[User], *, now: datetime | None = None) -> list[User]:
    """Return ``users`` and, once each, who stands in today for those of them who are away."""
    known = {user.pk: user for user in users}
    for away in away_now(known, now=now).values():
        if away.cover is not None:
            known.setdefault(away.cover.pk, away.cover)
    return list(known.values())


def absences_for(actor: Actor, *, now: datetime | None = None) -> list[Absence]:
    """Return the absences that last or are to come, the first on top, that ``actor`` may see.

    One's own; of the department for who manages it; of everybody for who administers.
    """
    rows = Absence.objects.filter(last_day__gte=today(now))
    if not may(actor, Permission.CITY_ADMIN):
        mine = Q(user_id=actor.user_id)
        if may(actor, Permission.TEAM_MANAGE) and actor.department_id is not None:
            mine |= Q(user_id__in=_people(actor.department_id))
        rows = rows.filter(mine)
    return list(rows.select_related("user", "covered_by").order_by("first_day", "id")[:200])


def enter_absence(
    *,
    user_id: int,
    first_day: date | None,
    last_day: date | None,
    covered_by_id: int | None,
    actor: Actor,
    now: datetime | None = None,
) -> Absence:
    """Note that somebody is away from ``first_day`` to ``last_day``, local days, both included.

    By the person or who manages the department. Raises ``Invalid`` naming every wrong field,
    ``Conflict`` when they are away on one of these days already, ``Forbidden``.
    """
    member = Membership.objects.filter(user_id=user_id, is_active=True).first()
    if member is None:
        raise Invalid(_("This person does not work here."), field="user")
    _require_own_or_manager(actor, user_id, member.department_id)
    problems = _problems(member, first_day, last_day, covered_by_id, today(now))
    if problems or first_day is None or last_day is None:
        raise Invalid(problems)
    with transaction.atomic():
        # The person's row stands for their calendar: two entries at once come one by one.
        Membership.objects.select_for_update().get(pk=member.pk)
        held = Absence.objects.filter(
            user_id=user_id, first_day__lte=last_day, last_day__gte=first_day
        )
        if held.exists():
            raise Conflict(_("They are noted as away on one of these days already."),
                           field="first_day")  # fmt: skip
        absence = Absence.objects.create(
            user_id=user_id,
            first_day=first_day,
            last_day=last_day,
            covered_by_id=covered_by_id,
            created_at=timezone.now(),
        )
        _note(absence, actor, "entered")
    return absence


def end_absence(*, absence_id: int, actor: Actor, now: datetime | None = None) -> None:
    """Take an absence back: one to come vanishes, one that lasts ends the day before today.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that is over.
    """
    absence = Absence.objects.filter(pk=absence_id).first()
    if absence is None:
        raise NotFound(_("This absence does not exist here."))
    member = Membership.objects.filter(user_id=absence.user_id).first()
    _require_own_or_manager(actor, absence.user_id, member.department_id if member else None)
    day = today(now)
    with transaction.atomic():
        absence = Absence.objects.select_for_update().get(pk=absence_id)
        if absence.last_day < day:
            raise Conflict(_("This absence is over."))
        _note(absence, actor, "ended")
        if absence.first_day >= day:
            absence.delete()
        else:
            absence.last_day = date.fromordinal(day.toordinal() - 1)
            absence.save(update_fields=["last_day"])


def _on(day: date) -> QuerySet[Absence]:
    return Absence.objects.filter(first_day__lte=day, last_day__gte=day)


def _still_covers() -> Exists:
    """Whether the cover of an absence works where the absent person does, as when it was noted."""
    absent = Membership.objects.filter(user=OuterRef(OuterRef("user")), is_active=True)
    covers = Membership.objects.filter(
        user=OuterRef("covered_by"), is_active=True, user__is_active=True
    )
    here = absent.values("department_id")
    return Exists(
        covers.filter(
            Q(department_id__in=here)
            | Q(department_id__isnull=True) & Exists(absent.filter(department_id__isnull=True))
        )
    )


def _people(department_id: int) -> QuerySet[Membership, int]:
    rows = Membership.objects.filter(department_id=department_id, is_active=True)
    return rows.values_list("user_id", flat=True)


def _require_own_or_manager(actor: Actor, user_id: int, department_id: int | None) -> None:
    require(actor, Permission.DESK_SEE)
    if actor.user_id != user_id:
        require_manager(actor, department_id)


def _problems(
    member: Membership,
    first_day: date | None,
    last_day: date | None,
    covered_by_id: int | None,
    day: date,
) -> list[Problem]:
    problems = []
    if first_day is None:
        problems.append(Problem("first_day", _("Give the first day away.")))
    if last_day is None:
        problems.append(Problem("last_day", _("Give the last day away.")))
    if first_day is not None and last_day is not None:
        if last_day < first_day:
            problems.append(Problem("last_day", _("The last day is before the first.")))
        elif last_day < day:
            problems.append(Problem("last_day", _("These days are over.")))
        elif (last_day - first_day).days > _LONGEST_DAYS:
            problems.append(Problem("last_day", _("Enter at most 400 days at a time.")))
    if covered_by_id is not None and not _may_cover(member, covered_by_id):
        message = _("Choose an active colleague of the same department to stand in.")
        problems.append(Problem("covered_by", message))
    return problems


def _may_cover(member: Membership, user_id: int) -> bool:
    # The cover reads and works the other's cases, so they need the same department.
    if user_id == member.user_id:
        return False
    same = (
        Q(department__isnull=True)
        if member.department_id is None
        else Q(department_id=member.department_id)
    )
    rows = Membership.objects.filter(user_id=user_id, is_active=True, user__is_active=True)
    return rows.filter(same).exists()


def _note(absence: Absence, actor: Actor, what: str) -> None:
    audit.note(
        what=AuditWhat.ABSENCE,
        label=f"user {absence.user_id}",
        actor=actor,
        detail=f"{what}: {absence.first_day} to {absence.last_day}, "
        f"cover {absence.covered_by_id or '-'}",
    )
