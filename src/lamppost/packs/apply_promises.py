"""Calendars, and agreements whose published versions are history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lamppost.kernel.refusals import Problem
from lamppost.packs.apply_areas import AreaRows
from lamppost.packs.content import AgreementVersion as VersionFacts
from lamppost.packs.content import Pack
from lamppost.packs.stored import stored_version, stored_versions
from lamppost.packs.sync import Sync
from lamppost.sla.models import (
    Agreement,
    BusinessCalendar,
    CalendarDay,
    CalendarHours,
)
from lamppost.sla.services.publishing import TargetFacts, write_targets, write_version

NOUN = "agreement"


def apply_calendars(pack: Pack, sync: Sync) -> dict[str, Any]:
    """Carry over calendars with their hours and days; return them by code."""
    calendars = sync.rows(
        "calendar",
        BusinessCalendar,
        {row.code: row for row in BusinessCalendar.objects.all()},
        {
            row.code: {
                "code": row.code,
                "name": dict(row.name),
                "time_zone": row.time_zone,
                "is_default": row.is_default,
            }
            for row in pack.calendars
        },
        one_of="is_default",
    )
    ids = [row.pk for row in calendars.values()]
    sync.rows(
        "calendar hours",
        CalendarHours,
        {
            (row.calendar_id, row.weekday, row.opens, row.closes): row
            for row in CalendarHours.objects.filter(calendar_id__in=ids)
        },
        {
            (calendars[calendar.code].pk, row.weekday, row.opens, row.closes): {
                "calendar_id": calendars[calendar.code].pk,
                "weekday": row.weekday,
                "opens": row.opens,
                "closes": row.closes,
            }
            for calendar in pack.calendars
            for row in calendar.hours
        },
    )
    sync.rows(
        "holiday",
        CalendarDay,
        {
            (row.calendar_id, row.day): row
            for row in CalendarDay.objects.filter(calendar_id__in=ids)
        },
        {
            (calendars[calendar.code].pk, row.day): {
                "calendar_id": calendars[calendar.code].pk,
                "day": row.day,
                "name": dict(row.name),
                "opens": row.opens,
                "closes": row.closes,
            }
            for calendar in pack.calendars
            for row in calendar.days
        },
    )
    return calendars


def apply_agreements(
    pack: Pack,
    sync: Sync,
    services: Mapping[str, Any],
    departments: Mapping[str, Any],
    calendars: Mapping[str, Any],
    areas: AreaRows,
    *,
    today: date,
) -> None:
    """Carry over agreements. A version in effect is history: what it promised stays.

    From its first day on, only its end, its evidence and who approved it may be set right;
    a different promise is a new version. Before that day a version is still a draft.
    """
    existing = stored_versions()
    for facts in pack.agreements:
        row = existing.pop(_key(facts), None)
        if row is None:
            _create(facts, sync, services, departments, calendars, areas)
        else:
            _compare(facts, row, sync, calendars, areas, today)
    for (service, _department, _day), row in existing.items():
        if service in services:
            _withdraw(row, sync, today)


def _key(facts: VersionFacts) -> tuple[str, str, str]:
    return (facts.service, facts.department, facts.effective_from.isoformat())


def _targets(facts: VersionFacts, areas: AreaRows) -> list[TargetFacts]:
    return [
        TargetFacts(
            kind=target.kind,
            amount=target.amount,
            unit=target.unit,
            day_end=target.day_end,
            area_id=areas[target.area[0], target.area[1]].pk if target.area else None,
            priority=target.priority,
        )
        for target in facts.targets
    ]


def _create(
    facts: VersionFacts,
    sync: Sync,
    services: Mapping[str, Any],
    departments: Mapping[str, Any],
    calendars: Mapping[str, Any],
    areas: AreaRows,
) -> None:
    agreement, _made = Agreement.objects.get_or_create(
        service_id=services[facts.service].pk, department_id=departments[facts.department].pk
    )
    write_version(
        agreement_id=agreement.pk,
        effective_from=facts.effective_from,
        effective_to=facts.effective_to,
        calendar_id=calendars[facts.calendar].pk,
        approved_by=facts.approved_by,
        evidence=facts.evidence,
        targets=_targets(facts, areas),
    )
    sync.tally.created[NOUN] += 1


def _refuse(sync: Sync, row: Any, message: str) -> None:
    name = f"{row.agreement.service.code} from {row.effective_from}"
    sync.problems.append(
        Problem(NOUN, f"The agreement {name} is in effect and published: {message}", "published")
    )


def _compare(
    facts: VersionFacts,
    row: Any,
    sync: Sync,
    calendars: Mapping[str, Any],
    areas: AreaRows,
    today: date,
) -> None:
    stored = stored_version(row)
    if stored == facts:
        sync.tally.unchanged[NOUN] += 1
        return
    is_same = (stored.targets, stored.calendar) == (facts.targets, facts.calendar)
    is_history = row.effective_from <= today or stored.of_desk
    if is_history and not is_same:
        _refuse(
            sync,
            row,
            "what it promised cannot be changed. Put this line back as it was and add a line "
            "with the new promise and its own effective_from.",
        )
        return
    ends_in_past = facts.effective_to is not None and facts.effective_to < today
    if is_history and ends_in_past and stored.effective_to != facts.effective_to:
        _refuse(sync, row, "it cannot end on a day that has passed. Set effective_to to today.")
        return
    row.effective_to = facts.effective_to
    row.evidence, row.approved_by = facts.evidence, facts.approved_by
    row.calendar_id = calendars[facts.calendar].pk
    row.save(update_fields=["effective_to", "evidence", "approved_by", "calendar"])
    if not is_same:
        row.targets.all().delete()
        write_targets(row, _targets(facts, areas))
    sync.tally.changed[NOUN] += 1


def _withdraw(row: Any, sync: Sync, today: date) -> None:
    if stored_version(row).of_desk:
        # Both sides approved it at the desk; a pack that does not know of it does not end it.
        sync.tally.unchanged[NOUN] += 1
        return
    if row.effective_from <= today:
        _refuse(
            sync,
            row,
            "it cannot be taken out. Put the line back; to end it, set effective_to.",
        )
        return
    row.targets.all().delete()
    row.delete()
    sync.tally.deleted[NOUN] += 1
