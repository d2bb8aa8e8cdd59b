"""Putting a pack into force: one transaction, all or nothing, repeatable without change."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from lamppost.cases.services.numbers import ensure_numbers
from lamppost.cases.tasks import recompute_clocks
from lamppost.cities.models import City, CityFeature, CityHost, CityLanguage, CityText
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Problem
from lamppost.packs.apply_areas import apply_areas
from lamppost.packs.apply_catalog import apply_catalog
from lamppost.packs.apply_center import apply_center
from lamppost.packs.apply_channels import apply_channels
from lamppost.packs.apply_escalation import AUDIENCE_NOUN, apply_escalation
from lamppost.packs.apply_escalation import NOUN as STEP_NOUN
from lamppost.packs.apply_knowledge import apply_knowledge
from lamppost.packs.apply_notices import apply_notices
from lamppost.packs.apply_promises import apply_agreements, apply_calendars
from lamppost.packs.apply_retention import apply_retention
from lamppost.packs.apply_routing import RoutingRows, apply_routing
from lamppost.packs.apply_statuses import apply_statuses
from lamppost.packs.apply_work import apply_work
from lamppost.packs.content import CityFacts, Pack
from lamppost.packs.sync import Sync, Tally
from lamppost.people import audit
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Department, Team

AREA_NOUNS = ("area kind", "area")
# What open clocks are worked out from again: their dates, or when somebody is told of them.
CLOCK_NOUNS = ("calendar", "holiday", "calendar hours", STEP_NOUN, AUDIENCE_NOUN)
PLAIN_FIELDS = (
    "name",
    "jurisdiction_id",
    "time_zone",
    "country",
    "default_language",
    "units",
    "first_weekday",
    "emergency_number",
    "crisis_number",
    "accent_color",
    "boundary_doubt_m",
    "redress_days",
    "quality_percent",
    "quality_bulk_percent",
    "first_number",
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The city a pack was applied to, and what that took."""

    city: City
    tally: Tally


def apply_pack(
    *,
    pack: Pack,
    today: date | None = None,
    is_sandbox: bool = False,
    replace_routing: bool = False,
    replace_articles: bool = False,
) -> Applied:
    """Make the database say what ``pack`` says, creating its city if there is none yet.

    Takes a pack without errors (`check_pack`). ``today`` is the day in the city's zone from
    which agreements may still change; the present day when left out. What vanished from the
    pack is deleted, or retired when cases refer to it. Raises `Conflict` (nothing written)
    for a host or jurisdiction of another city, for a change of a published agreement, for
    routing rules edited at the desk that the pack would undo (unless ``replace_routing``),
    for articles changed both at the desk and in the pack (unless ``replace_articles``) and
    for a vanished row that history needs and that cannot be retired.
    """
    with transaction.atomic():
        _refuse_strangers(pack.city)
        city, sync = _city(pack.city, is_sandbox)
        today = today or timezone.now().astimezone(city.zone).date()
        with city_scope(city.pk):
            _everything(
                pack, sync, today, may_replace=replace_routing, may_rewrite=replace_articles
            )
            sync.remove_gone()
        if sync.problems:
            raise Conflict(sync.problems)
        _stamp(city, sync.tally)
        _put_on_record(city, sync.tally)
        ensure_numbers(city)
        if sync.tally.touched(*CLOCK_NOUNS):
            _recompute_later(city)
    forget_cities()
    return Applied(city, sync.tally)


def _put_on_record(city: City, tally: Tally) -> None:
    """Tell the audit log what changed, by kind; who has the machine's command line did it."""
    if not tally.has_changes:
        return
    counts = {
        noun: {name: number for name, number in found.items() if name != "unchanged"}
        for noun, found in tally.as_dict().items()
    }
    told = [
        f"{noun}: " + ", ".join(f"{number} {name}" for name, number in found.items())
        for noun, found in counts.items()
        if found
    ]
    with city_scope(city.pk):
        audit.note(what=AuditWhat.PACK, label=city.slug, actor=SYSTEM, detail="; ".join(told))


def _recompute_later(city: City) -> None:
    """Have the open due dates worked out again by the worker: there may be very many.

    One that waits already will read the calendars as they are then.
    """
    later = recompute_clocks.configure(queueing_lock=f"recompute_clocks_{city.pk}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        later.defer(city_id=city.pk)


def _refuse_strangers(facts: CityFacts) -> None:
    problems = []
    other = City.objects.filter(jurisdiction_id=facts.jurisdiction_id).exclude(slug=facts.slug)
    if other.exists():
        problems.append(
            Problem("jurisdiction_id", f'"{facts.jurisdiction_id}" is another city\'s already.')
        )
    taken = CityHost.objects.filter(host__in=facts.hosts).exclude(city__slug=facts.slug)
    problems += [Problem("hosts", f'"{row.host}" serves another city already.') for row in taken]
    if problems:
        raise Conflict(problems)


def _city(facts: CityFacts, is_sandbox: bool) -> tuple[City, Sync]:
    sync = Sync()
    view, contact = facts.map, facts.contact
    center = None if view.lat is None or view.long is None else (view.long, view.lat)
    wanted = {name: getattr(facts, name) for name in PLAIN_FIELDS} | {
        "slug": facts.slug,
        "contact_phone": contact.phone,
        "contact_email": contact.email,
        "website": contact.website,
        "center": center,
        "west": view.west,
        "south": view.south,
        "east": view.east,
        "north": view.north,
        "map_zoom": view.zoom,
    }
    existing = {row.slug: row for row in City.objects.select_for_update().filter(slug=facts.slug)}
    if not existing:
        now = timezone.now()
        wanted |= {"catalog_changed_at": now, "areas_changed_at": now, "is_sandbox": is_sandbox}
    city: City = sync.rows("city", City, existing, {facts.slug: wanted})[facts.slug]
    hosts = {row.host: row for row in city.hosts.all()}
    sync.rows("host", CityHost, hosts, {host: {"host": host, "city": city} for host in facts.hosts})
    return city, sync


def _everything(
    pack: Pack, sync: Sync, today: date, *, may_replace: bool, may_rewrite: bool
) -> None:
    facts = pack.city
    sync.rows(
        "language",
        CityLanguage,
        {row.code: row for row in CityLanguage.objects.all()},
        {code: {"code": code, "order": at} for at, code in enumerate(facts.languages)},
    )
    sync.rows(
        "feature",
        CityFeature,
        {row.code: row for row in CityFeature.objects.all()},
        {code: {"code": code} for code in facts.features},
    )
    sync.rows(
        "text",
        CityText,
        {row.key: row for row in CityText.objects.all()},
        {row.key: {"key": row.key, "text": dict(row.text)} for row in pack.texts},
    )
    departments = sync.rows(
        "department",
        Department,
        {row.code: row for row in Department.objects.all()},
        {
            row.code: {
                "code": row.code,
                "name": dict(row.name),
                "email": row.email,
                "phone": row.phone,
                "is_active": row.is_active,
                "is_catch_all": row.is_catch_all,
            }
            for row in pack.departments
        },
        one_of="is_catch_all",
    )
    _apply_teams(pack, sync, departments)
    areas = apply_areas(pack, sync)
    apply_statuses(pack, sync)
    calendars = apply_calendars(pack, sync)
    services, values = apply_catalog(pack, sync, departments, areas)
    apply_agreements(pack, sync, services, departments, calendars, areas, today=today)
    apply_escalation(pack, sync, services, departments)
    rows = RoutingRows(departments, services, areas, values)
    apply_routing(pack, sync, rows, may_replace=may_replace)
    apply_work(pack, sync, rows, calendars)
    apply_center(pack, sync, services)
    apply_channels(pack, sync, calendars)
    apply_retention(pack, sync)
    apply_knowledge(pack, sync, departments, services, may_replace=may_rewrite)
    apply_notices(pack, sync)


def _apply_teams(pack: Pack, sync: Sync, departments: Mapping[str, Any]) -> None:
    """Make and name the teams of the pack; those the desk made beside them are left alone."""
    wanted = {
        (row.code, team.code): {
            "department_id": departments[row.code].pk,
            "code": team.code,
            "name": dict(team.name),
            "is_active": True,
        }
        for row in pack.departments
        for team in row.teams
    }
    rows = Team.objects.select_related("department")
    held = {(row.department.code, row.code): row for row in rows}
    sync.rows("team", Team, {key: row for key, row in held.items() if key in wanted}, wanted)


def _stamp(city: City, tally: Tally) -> None:
    """Tell every process which of its memories of the city are out of date."""
    if not tally.has_changes:
        return
    fields = ["catalog_changed_at"]
    city.catalog_changed_at = timezone.now()
    if tally.touched(*AREA_NOUNS):
        city.areas_changed_at = city.catalog_changed_at
        fields.append("areas_changed_at")
    city.save(update_fields=fields)
