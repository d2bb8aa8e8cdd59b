"""What holds in every city that comes with Lamppost, large, small or on the other side."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from lamppost.cases.models import Case, Clock
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.cases.services.verify import verify
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import CaseKind, Channel, LocationRule
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.content import Calendar, Pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.stored import stored_pack
from lamppost.people.actors import ANONYMOUS
from lamppost.places.locate import areas_at
from lamppost.sla.choices import TargetKind
from tests.cities.answering import accepted, fillings
from tests.cities.conftest import read

# A pack may be ahead of its translators; everything else a warning says can be mended.
UNTRANSLATED = "have no translation"


def test_nothing_is_wrong_and_nothing_to_warn_of(folder: Path) -> None:
    findings = check_pack(folder).findings
    assert [str(finding) for finding in findings.errors] == []
    warnings = [str(finding) for finding in findings.warnings]
    assert [warning for warning in warnings if UNTRANSLATED not in warning] == []


def test_holidays_and_texts_reach_a_year_ahead(pack: Pack) -> None:
    ahead = timezone.now().date() + timedelta(days=365)
    offices = next(calendar for calendar in pack.calendars if calendar.is_default)
    assert max(day.day for day in offices.days) > ahead - timedelta(days=60)
    assert {text.key for text in pack.texts} >= {"welcome", "privacy"}


def test_applied_again_nothing_changes_and_what_is_exported_is_the_same_pack(
    town: City, pack: Pack, tmp_path: Path
) -> None:
    again = apply_pack(pack=pack)
    assert not again.tally.has_changes, again.tally.as_dict()
    stored = stored_pack(town)
    assert [str(difference) for difference in compare(stored, pack)] == []
    folder = tmp_path / town.slug
    write_pack(stored, folder)
    assert [str(difference) for difference in compare(stored, read(folder))] == []


@pytest.mark.usefixtures("town")
def test_every_triage_rule_can_be_met() -> None:
    missed = []
    for service in book().services.values():
        met = {filling.rule for filling in fillings(service)}
        missed += [
            f"{service.code}: {rule.code}" for rule, _conditions in service.triage
            if rule.id not in met
        ]  # fmt: skip
    assert missed == []


def test_a_case_of_every_service_through_intake(town: City, pack: Pack) -> None:
    assert town.center is not None
    point = Point(*town.center)
    here = areas_at(town, point)
    inside = frozenset(located.area_id for located in here)
    for service in book().public_services():
        filed = submit(
            Report(
                service_code=service.code,
                channel=Channel.WEB,
                description=f"{service.code}: ñandú 街灯 🕳️",
                answers=accepted(service, inside),
                point=None if service.location is LocationRule.NONE else point,
            ),
            actor=ANONYMOUS,
        )
        case = Case.objects.get(number=filed.number)
        _holds(case, service, pack, town)
    assert list(verify()) == []
    assert Case.objects.count() == len(list(book().public_services()))


def _holds(case: Case, service: ServiceEntry, pack: Pack, town: City) -> None:
    assert case.service_id == service.id
    assert case.department_id in book().departments
    assert int(case.number) >= town.first_number
    if service.kind is CaseKind.INQUIRY:
        assert case.due_at is None
        return
    if case.is_hazard:
        return
    for due, calendar in _due_at_closing(case, pack):
        local = due.astimezone(ZoneInfo(calendar.time_zone or town.time_zone))
        closes = {hours.closes for hours in calendar.hours if hours.weekday == local.weekday()}
        closes |= {day.closes for day in calendar.days if day.day == local.date() and day.closes}
        assert local.hour * 60 + local.minute in closes, (service.code, local)
        closed = {day.day for day in calendar.days if day.opens is None}
        assert local.date() not in closed


def _due_at_closing(case: Case, pack: Pack) -> list[tuple[datetime, Calendar]]:
    """The case's due dates that were promised in business days, with their calendars."""
    found = []
    for clock in Clock.objects.filter(case=case, kind=TargetKind.RESOLVE).select_related(
        "target__version__calendar"
    ):
        target = clock.target
        if (
            clock.due_at is None
            or target is None
            or target.unit != "business_days"
            or target.day_end != "close"
        ):
            continue
        code = target.version.calendar.code
        found.append((clock.due_at, next(one for one in pack.calendars if one.code == code)))
    return found


def test_the_portal_in_each_of_its_languages(town: City, pack: Pack) -> None:
    web = Client(HTTP_HOST=pack.city.hosts[0] if pack.city.hosts else "localhost")
    for language in pack.city.languages:
        for path in ("", "report/", "requests/"):
            answer = web.get(f"/{language}/{path}")
            assert answer.status_code == 200, (language, path)
            assert f'lang="{language}"' in answer.content.decode().partition(">")[2][:400]
        page = web.get(f"/{language}/report/").content.decode()
        for service in book().public_services():
            assert f"/report/{service.code}/" in page
    assert web.get("/").headers["Content-Language"] == pack.city.languages[0]


def test_open311_lists_the_services(town: City, pack: Pack) -> None:
    web = Client(HTTP_HOST=pack.city.hosts[0] if pack.city.hosts else "localhost")
    answer = web.get("/open311/v2/services.json", {"jurisdiction_id": pack.city.jurisdiction_id})
    assert answer.status_code == 200
    listed = {service["service_code"] for service in answer.json()}
    assert listed == {service.code for service in book().public_services()}
