"""What every service promises today, and what was waived: for the public list and the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from lamppost.cases.choices import ClockEventKind
from lamppost.cases.models import ClockEvent
from lamppost.catalog.book import DepartmentEntry, ServiceEntry, book
from lamppost.catalog.choices import CaseKind
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS
from lamppost.places.models import Area
from lamppost.sla.choices import TargetKind
from lamppost.sla.promises import Promise, promises
from lamppost.sla.selectors import local_today
from lamppost.sla.words import Told, in_order, line

WAIVER_PAGE = 50
WAIVERS_LAST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Promised:
    """One service with what its department promises on a day; no lines: nothing."""

    service: ServiceEntry
    department: DepartmentEntry
    lines: tuple[str, ...]
    told: tuple[Told, ...]


def promised_today(*, public_only: bool) -> list[Promised]:
    """Return every service that can have a promise, by department and name; one query.

    ``public_only`` leaves out services residents do not see.
    """
    return promised_on(local_today(), public_only=public_only)


def promised_on(day: date, *, public_only: bool) -> list[Promised]:
    """Return the same for the local day ``day``."""
    pages, promised, language = book(), promises(), get_language() or "en"
    services = pages.public_services() if public_only else pages.services.values()
    names = _area_names(language)
    rows = []
    for service in services:
        if service.kind is CaseKind.INQUIRY or not service.is_active:
            continue
        found = promised.in_effect(
            service_id=service.id, department_id=service.department_id, on=day
        )
        told = in_order(_told(one, names) for one in found)
        rows.append(
            Promised(
                service=service,
                department=pages.departments[service.department_id],
                lines=tuple(line(one) for one in told),
                told=tuple(told),
            )
        )
    return sorted(
        rows,
        key=lambda row: (
            in_language(row.department.name, language).casefold(),
            in_language(row.service.name, language).casefold(),
            row.service.code,
        ),
    )


def _told(promise: Promise, names: dict[int, str]) -> Told:
    area = names.get(promise.area_id, "?") if promise.area_id else ""
    return Told(promise.kind, promise.target, area, promise.priority)


def _area_names(language: str) -> dict[int, str]:
    wanted = {one.area_id for one in promises().by_target.values() if one.area_id}
    if not wanted:
        return {}
    rows = Area.objects.filter(pk__in=wanted).values_list("pk", "name", "code")
    return {key: in_language(name, language) or code for key, name, code in rows}


# -- waivers


@dataclass(frozen=True, slots=True)
class Waiver:
    """A service level somebody excused: of which case, by whom, when and why."""

    id: int
    at: datetime
    number: str
    service_id: int
    department_id: int
    kind: TargetKind
    reason: str
    by: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaiverPage:
    """Some waivers, newest first. ``older`` leads to the next ones, None at the end."""

    rows: tuple[Waiver, ...]
    older: tuple[datetime, int] | None


def waivers(
    *,
    actor: Actor,
    now: datetime,
    department_id: int | None = None,
    older_than: tuple[datetime, int] | None = None,
    size: int = WAIVER_PAGE,
) -> WaiverPage:
    """Return a page of the waivers of the last 12 months that ``actor`` may see; one query.

    Roles of one department see their own, whatever ``department_id`` says.
    """
    if actor.role not in ALL_DEPARTMENTS:
        department_id = actor.department_id or 0
    rows = _waived(now - WAIVERS_LAST, now)
    if department_id is not None:
        rows = rows.filter(clock__department_id=department_id)
    if older_than is not None:
        at, pk = older_than
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found = list(rows.select_related("clock__case", "user").order_by("-at", "-id")[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return WaiverPage(
        rows=tuple(_waiver(row) for row in shown), older=(last.at, last.pk) if last else None
    )


def _waived(since: datetime, until: datetime) -> QuerySet[ClockEvent]:
    return ClockEvent.objects.filter(kind=ClockEventKind.WAIVE, at__gte=since, at__lt=until)


def _waiver(row: ClockEvent) -> Waiver:
    case = row.clock.case
    return Waiver(
        id=row.pk,
        at=row.at,
        number=case.number,
        service_id=case.service_id,
        department_id=row.clock.department_id,
        kind=TargetKind(row.clock.kind),
        reason=row.note,
        by=str(row.user) if row.user else "",
        due_at=row.clock.due_at,
    )
