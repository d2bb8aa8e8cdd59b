"""Rounds: what one inspector has to look at on a day, and how far everybody's rounds are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Attachment, Case
from lamppost.cases.selectors.desk import readable
from lamppost.cities.selectors import city_in_scope
from lamppost.fieldwork.choices import InspectionState
from lamppost.fieldwork.models import Inspection, InspectionRecord
from lamppost.fieldwork.route import Stop, nearest_first
from lamppost.kernel.geo import Place
from lamppost.kernel.refusals import Forbidden, NotFound
from lamppost.people.actors import Actor
from lamppost.people.denials import keep
from lamppost.people.models import TeamMember
from lamppost.people.permissions import ALL_DEPARTMENTS

# More than a round can hold, with what was left over from the days before.
_MOST_STOPS = 400


@dataclass(frozen=True, slots=True)
class RoundStop:
    """One inspection of a round with its case; ``photo`` is the case's first, if any."""

    inspection: Inspection
    case: Case
    photo: Attachment | None


@dataclass(frozen=True, slots=True)
class RoundCount:
    """How far one inspector or team is on a day."""

    inspector_id: int | None
    inspector_name: str
    team_id: int | None
    team_name: dict[str, str]
    planned: int
    done: int


def today() -> date:
    """Return the local date of the city in scope."""
    return timezone.now().astimezone(city_in_scope().zone).date()


def is_theirs(inspection: Inspection, actor: Actor) -> bool:
    """Return whether the inspection is the actor's own or their team's."""
    if actor.user_id is None:
        return False
    if inspection.team_id is None:
        return inspection.inspector_id == actor.user_id
    return TeamMember.objects.filter(team_id=inspection.team_id, user_id=actor.user_id).exists()


def round_of(actor: Actor, *, on: date) -> list[RoundStop]:
    """Return the actor's inspections of the local day ``on``, two queries.

    With those of earlier days that nobody did, without those taken off and those whose case
    the actor may not read any more, since it went to another department. In the plain order:
    what is to be done before what is done, hazards first, then by due time.
    """
    rows = (
        _of(actor)
        .filter(
            Q(planned_on=on) & ~Q(state=InspectionState.CANCELLED)
            | Q(planned_on__lt=on, state=InspectionState.PLANNED)
        )
        .select_related("case", "record")
        .order_by(
            F("state").desc(),
            F("case__is_hazard").desc(),
            F("case__due_at").asc(nulls_last=True),
            "id",
        )[:_MOST_STOPS]
    )
    return with_photos(rows)


def in_walking_order(stops: list[RoundStop], start: Place | None) -> list[RoundStop]:
    """Return what is to be done nearest first from ``start``, then what is done."""
    left = [one for one in stops if one.inspection.state == InspectionState.PLANNED]
    by_id = {one.inspection.pk: one for one in left}
    order = nearest_first([Stop(one.inspection.pk, place_of(one.case)) for one in left], start)
    done = [one for one in stops if one.inspection.state != InspectionState.PLANNED]
    return [by_id[stop.id] for stop in order] + done


def last_place(actor: Actor, *, since: datetime) -> Place | None:
    """Return where the actor was at their last record since then, ``(long, lat)``, or None."""
    row = (
        InspectionRecord.objects.filter(user_id=actor.user_id or 0, at__gte=since)
        .select_related("inspection__case")
        .order_by("-at", "-id")
        .first()
    )
    if row is None:
        return None
    if row.location is not None:
        return (row.location.long, row.location.lat)
    return place_of(row.inspection.case)


def place_of(case: Case) -> Place | None:
    """Return where the case is as ``(long, lat)`` in degrees, or None."""
    return (case.location.long, case.location.lat) if case.location is not None else None


def with_photos(rows: Iterable[Inspection]) -> list[RoundStop]:
    """Return inspections with their cases and each case's first photo, in one more query."""
    found = list(rows)
    photos: dict[int, Attachment] = {}
    for photo in (
        Attachment.objects.filter(case_id__in=[row.case_id for row in found], is_hidden=False)
        .order_by("case_id", "id")
        .distinct("case_id")
    ):
        photos[photo.case_id] = photo
    return [RoundStop(row, row.case, photos.get(row.case_id)) for row in found]


def rounds_on(day: date, *, actor: Actor) -> list[RoundCount]:
    """Return everybody's rounds of a day, one query; of the actor's department only, unless
    their role sees all."""
    rows = (
        _of_department(Inspection.objects.filter(planned_on=day), actor)
        .exclude(state=InspectionState.CANCELLED)
        .values("inspector_id", "inspector__name", "team_id", "team__name")
        .annotate(count=Count("id"), done=Count("id", filter=Q(state=InspectionState.DONE)))
        .order_by("inspector__name", "team_id")
    )
    return [
        RoundCount(
            inspector_id=row["inspector_id"],
            inspector_name=row["inspector__name"] or "",
            team_id=row["team_id"],
            team_name=row["team__name"] or {},
            planned=row["count"],
            done=row["done"],
        )
        for row in rows
    ]


def round_at_desk(
    day: date, *, actor: Actor, inspector_id: int | None, team_id: int | None
) -> list[RoundStop]:
    """Return one inspector's or team's round of a day as the desk sees it, two queries."""
    rows = _of_department(Inspection.objects.filter(planned_on=day), actor).filter(
        Q(team_id=team_id) if team_id else Q(inspector_id=inspector_id or 0)
    )
    rows = _readable(rows, actor)
    rows = rows.exclude(state=InspectionState.CANCELLED)
    return with_photos(rows.select_related("case", "record").order_by("-state", "id")[:_MOST_STOPS])


def days_around(day: date, *, actor: Actor) -> tuple[date | None, date | None]:
    """Return the nearest days before and after ``day`` that have inspections, or None."""
    rows = _of_department(Inspection.objects.exclude(state=InspectionState.CANCELLED), actor)
    before = rows.filter(planned_on__lt=day).order_by("-planned_on")
    after = rows.filter(planned_on__gt=day).order_by("planned_on")
    return (
        before.values_list("planned_on", flat=True).first(),
        after.values_list("planned_on", flat=True).first(),
    )


def inspections_of(case: Case) -> list[Inspection]:
    """Return the inspections of a case with their records, newest first, one query."""
    return list(
        Inspection.objects.filter(case=case)
        .select_related("inspector", "team", "record", "record__user")
        .order_by("-planned_on", "-id")[:50]
    )


def _of(actor: Actor) -> QuerySet[Inspection]:
    user_id = actor.user_id or 0
    teams = TeamMember.objects.filter(user_id=user_id).values("team_id")
    rows = Inspection.objects.filter(Q(inspector_id=user_id) | Q(team_id__in=teams))
    return _readable(rows, actor)


def _readable(rows: QuerySet[Inspection], actor: Actor) -> QuerySet[Inspection]:
    if actor.role in ALL_DEPARTMENTS:
        return rows
    return rows.filter(case__in=readable(Case.objects.all(), actor))


def _of_department(rows: QuerySet[Inspection], actor: Actor) -> QuerySet[Inspection]:
    if actor.role in ALL_DEPARTMENTS:
        return rows
    return rows.filter(department_id=actor.department_id or 0)


def inspection_for(inspection_id: int, actor: Actor) -> RoundStop:
    """Return one of the actor's own inspections with its case.

    Raises ``NotFound`` for an unknown one, ``Forbidden`` for somebody else's and for one whose
    case is another department's by now; that is kept.
    """
    row = (
        Inspection.objects.filter(pk=inspection_id)
        .select_related("case", "record", "record__user")
        .first()
    )
    if row is None:
        raise NotFound(_("This inspection does not exist here."))
    if not is_theirs(row, actor):
        keep(actor, "inspection.see", detail=f"inspection {inspection_id}")
        raise Forbidden(_("This inspection is somebody else's."))
    if not readable(Case.objects.filter(pk=row.case_id), actor).exists():
        keep(actor, "inspection.see", detail=f"inspection {inspection_id}: case elsewhere")
        raise Forbidden(_("This case has gone to another department."))
    return with_photos([row])[0]
