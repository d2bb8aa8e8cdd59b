"""A pack in the database: applied twice, exported, compared, retired, kept as history."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.models import Question, Service
from lamppost.cities.models import City, CityLanguage
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict
from lamppost.packs.apply import Applied, apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.content import Pack
from lamppost.packs.content import RoutingRule as RoutingRuleFacts
from lamppost.packs.diff import compare
from lamppost.packs.export import pack_files, write_pack
from lamppost.packs.reader import read_pack
from lamppost.packs.stored import stored_pack
from lamppost.people.models import AuditEntry, Department, Team
from lamppost.places.models import Area
from lamppost.routing.models import RoutingRule
from lamppost.sla.models import AgreementVersion, SlaTarget

CITIES = Path(__file__).resolve().parents[4] / "cities"
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.django_db


def good(folder: Path) -> Pack:
    """The pack in a folder, which must have no error."""
    reading = check_pack(folder, today=TODAY)
    assert [str(each) for each in reading.findings.errors] == []
    assert reading.pack is not None
    return reading.pack


def apply(folder: Path) -> Applied:
    return apply_pack(pack=good(folder), today=TODAY)


@pytest.fixture
def village(tmp_path: Path) -> Path:
    """A copy of the village's pack to change."""
    folder = tmp_path / "riverbend"
    shutil.copytree(CITIES / "riverbend", folder)
    return folder


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A copy of the reference city's pack to change."""
    folder = tmp_path / "philadelphia"
    shutil.copytree(CITIES / "philadelphia", folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def in_force(slug: str) -> Pack:
    city = City.objects.get(slug=slug)
    with city_scope(city.pk):
        return stored_pack(city)


def test_what_a_pack_changed_is_in_the_audit_log_and_nothing_else_is(village: Path) -> None:
    city = apply(village).city
    with city_scope(city.pk):
        first = AuditEntry.objects.get()
        assert (first.what, first.label) == ("pack", "riverbend")
        assert "service: " in first.detail
    apply(village)
    with city_scope(city.pk):
        assert AuditEntry.objects.count() == 1


def test_a_changed_promise_is_refused_and_nothing_is_written(large: Path) -> None:
    apply(large)
    edit(large / "agreements.csv", "SR-ST03,2016-01-01,resolve,2,", "SR-ST03,2016-01-01,resolve,9,")
    edit(large / "services" / "sanitation.yaml", "name: Illegal dumping", "name: Dumping")
    with pytest.raises(Conflict) as refusal:
        apply(large)
    assert "SR-ST03 from 2016-01-01" in str(refusal.value)
    assert "its own effective_from" in str(refusal.value)
    with city_scope(City.objects.get(slug="philadelphia").pk):
        assert Service.objects.get(code="SR-ST02").name["en"] == "Illegal dumping"


def test_a_promise_taken_out_is_refused(large: Path) -> None:
    apply(large)
    lines = (large / "agreements.csv").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("SR-PD01")]
    (large / "agreements.csv").write_text("".join(kept))
    with pytest.raises(Conflict, match="SR-PD01 from 2016-01-01"):
        apply(large)


def test_a_new_version_is_added_and_the_old_one_stays(large: Path) -> None:
    apply(large)
    with (large / "agreements.csv").open("a") as stream:
        stream.write("SR-ST03,2027-01-01,resolve,1,business_days,Council 2026\n")
    applied = apply(large)
    assert applied.tally.as_dict()["agreement"]["created"] == 1
    with city_scope(applied.city.pk):
        amounts = SlaTarget.objects.filter(version__agreement__service__code="SR-ST03")
        assert sorted(amounts.values_list("amount", flat=True)) == [1, 2]


def test_a_version_that_has_not_begun_may_still_change(large: Path) -> None:
    line = "SR-ST03,2027-01-01,resolve,1,business_days,Council 2026\n"
    with (large / "agreements.csv").open("a") as stream:
        stream.write(line)
    apply(large)
    edit(large / "agreements.csv", "2027-01-01,resolve,1,", "2027-01-01,resolve,3,")
    applied = apply(large)
    assert applied.tally.as_dict()["agreement"]["changed"] == 1
    edit(large / "agreements.csv", line.replace("resolve,1", "resolve,3"), "")
    assert apply(large).tally.as_dict()["agreement"]["deleted"] == 1
    with city_scope(applied.city.pk):
        assert not AgreementVersion.objects.filter(effective_from=date(2027, 1, 1)).exists()


def test_evidence_may_be_set_right(large: Path) -> None:
    apply(large)
    edit(large / "agreements.csv", '2025"\nSR-ST04', '2025; seen again"\nSR-ST04')
    assert apply(large).tally.as_dict()["agreement"]["changed"] == 1


def test_the_host_of_another_city_is_refused(village: Path, large: Path) -> None:
    edit(large / "city.yaml", "hosts: []", "hosts: [311.example.org]")
    apply(large)
    edit(village / "city.yaml", "hosts: []", "hosts: [311.example.org]")
    with pytest.raises(Conflict, match=r"311\.example\.org"):
        apply(village)
    assert not City.objects.filter(slug="riverbend").exists()


def test_the_status_a_case_stands_in_cannot_vanish(
    city: City, file_case: Callable[..., Case]
) -> None:
    case = file_case()
    pack = stored_pack(city)
    renamed = tuple(
        replace(row, code="arrived") if row.code == case.status.code else row
        for row in pack.statuses
    )
    with pytest.raises(Conflict, match=f'status "{case.status.code}".*Put it back'):
        apply_pack(pack=replace(pack, statuses=renamed, moves=()), today=TODAY)


def test_a_routing_rule_that_sent_a_case_is_retired(
    city: City, file_case: Callable[..., Case]
) -> None:
    pack = stored_pack(city)
    rule = RoutingRuleFacts(code="all-to-parks", department="parks")
    apply_pack(pack=replace(pack, routing=(rule,)), today=TODAY)
    case = file_case()
    assert case.routed_by is not None
    applied = apply_pack(pack=pack, today=TODAY)
    assert applied.tally.retired["routing rule"] == 1
    case.refresh_from_db()
    assert case.routed_by is not None
    assert stored_pack(city) == pack


@pytest.mark.parametrize("slug", ["philadelphia", "riverbend"])
def test_applying_twice_changes_nothing(slug: str) -> None:
    first = apply(CITIES / slug)
    assert first.tally.created["service"] >= 12
    before = City.objects.get(slug=slug)
    second = apply(CITIES / slug)
    assert not second.tally.has_changes, second.tally.as_dict()
    after = City.objects.get(slug=slug)
    assert after.catalog_changed_at == before.catalog_changed_at
    assert after.areas_changed_at == before.areas_changed_at


@pytest.mark.parametrize("slug", ["philadelphia", "riverbend"])
def test_what_was_exported_differs_in_nothing(slug: str, tmp_path: Path) -> None:
    pack = good(CITIES / slug)
    apply_pack(pack=pack, today=TODAY)
    stored = in_force(slug)
    assert compare(stored, pack) == []
    write_pack(stored, tmp_path / "out")
    exported = good(tmp_path / "out")
    assert compare(stored, exported) == []
    assert not apply_pack(pack=exported, today=TODAY).tally.has_changes


def test_an_export_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    apply(CITIES / "philadelphia")
    files = pack_files(in_force("philadelphia"))
    write_pack(in_force("philadelphia"), tmp_path / "out")
    again = read_pack(tmp_path / "out").pack
    assert again is not None
    assert pack_files(again) == files


def test_an_export_never_writes_over_anything(tmp_path: Path) -> None:
    apply(CITIES / "riverbend")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        write_pack(in_force("riverbend"), tmp_path)


def test_a_change_shows_in_the_diff_by_its_path(large: Path) -> None:
    apply(large)
    edit(large / "services" / "streets.yaml", "name: Street defect", "name: Pothole and defect")
    edit(large / "services" / "streets.yaml", "          small: Smaller", "          tiny: Smaller")
    edit(large / "translations" / "es" / "streets.yaml", "small: Más peq", "tiny: Más peq")
    edit(
        large / "translations" / "ar" / "streets.yaml",
        "          small: أصغر",
        "          tiny: أصغر",
    )
    shown = [str(each) for each in compare(in_force("philadelphia"), good(large))]
    assert '~ services/SR-ST01/name/en: "Street defect" -> "Pothole and defect"' in shown
    assert "+ services/SR-ST01/questions/size/values/tiny" in shown
    assert "- services/SR-ST01/questions/size/values/small" in shown
    assert all("SR-ST01" in line for line in shown)


def test_questions_can_trade_places(large: Path) -> None:
    apply(large)
    path = large / "services" / "police.yaml"
    text = path.read_text()
    make, color = text.index("      - code: make"), text.index("      - code: color")
    plate = text.index("      - code: plate")
    path.write_text(text[:make] + text[color:plate] + text[make:color] + text[plate:])
    applied = apply(large)
    with city_scope(applied.city.pk):
        codes = Question.objects.filter(service__code="SR-PD01").values_list("code", flat=True)
        assert list(codes)[2:4] == ["color", "make"]
    assert not apply(large).tally.has_changes


def test_the_catch_all_can_move_to_another_department(large: Path) -> None:
    apply(large)
    edit(large / "departments.yaml", "    catch_all: yes\n", "")
    edit(
        large / "departments.yaml", "  - code: streets\n", "  - code: streets\n    catch_all: yes\n"
    )
    applied = apply(large)
    with city_scope(applied.city.pk):
        assert Department.objects.get(is_catch_all=True).code == "streets"


def test_a_service_with_a_promise_is_retired_and_comes_back(large: Path) -> None:
    apply(large)
    path = large / "services" / "police.yaml"
    text = path.read_text()
    cut = text.index("  - code: SR-PD01"), text.index("  - code: SR-PD02")
    path.write_text(text[: cut[0]] + text[cut[1] :])
    for language in ("es", "ar"):
        shutil.rmtree(large / "translations" / language, ignore_errors=True)
    agreements = (large / "agreements.csv").read_text().splitlines(keepends=True)
    (large / "agreements.csv").write_text(
        "".join(line for line in agreements if not line.startswith("SR-PD01"))
    )
    articles = large / "articles" / "parking.yaml"
    articles.write_text(
        re.sub(r"    service: SR-PD01\n(    answers:\n( {6}.*\n)+)?", "", articles.read_text())
    )
    rules = (large / "routing.yaml").read_text()
    at = rules.index("  - code: vehicles-in-parks"), rules.index("  - code: city-and-sewer")
    (large / "routing.yaml").write_text(rules[: at[0]] + rules[at[1] :])
    applied = apply(large)
    assert applied.tally.retired["service"] == 1
    assert applied.tally.retired["routing rule"] == 1
    with city_scope(applied.city.pk):
        assert not Service.objects.get(code="SR-PD01").is_active
        rule = RoutingRule.objects.get(code="vehicles-in-parks")
        assert rule.rule_set.state == "retired"
    assert not apply(large).tally.has_changes
    again = apply(CITIES / "philadelphia")
    with city_scope(again.city.pk):
        assert Service.objects.get(code="SR-PD01").is_active


def test_two_cities_keep_apart() -> None:
    apply(CITIES / "philadelphia")
    large = in_force("philadelphia")
    apply(CITIES / "riverbend")
    assert in_force("philadelphia") == large
    village = City.objects.get(slug="riverbend")
    with city_scope(village.pk):
        assert Area.objects.count() == 0
        assert list(CityLanguage.objects.values_list("code", flat=True)) == ["en"]
        assert not Service.objects.filter(code="SR-ST01").exists()


def test_a_change_of_areas_is_stamped_apart_from_the_catalog(large: Path) -> None:
    first = apply(large).city
    edit(large / "services" / "streets.yaml", "name: Street defect", "name: Pothole")
    second = apply(large).city
    assert second.catalog_changed_at > first.catalog_changed_at
    assert second.areas_changed_at == first.areas_changed_at
    edit(large / "areas.yaml", "name: Part of the city", "name: District")
    third = apply(large).city
    assert third.areas_changed_at > second.areas_changed_at
    assert third.areas_changed_at <= timezone.now()


def test_teams_of_a_department_come_from_the_pack_and_stay_as_the_desk_has_them(
    village: Path,
) -> None:
    apply(village)
    with city_scope(City.objects.get().pk):
        crew = Team.objects.get()
        assert (crew.department.code, crew.code, crew.name["en"]) == (
            "clerk", "road-crew", "Road Crew",
        )  # fmt: skip
        own = Team.objects.create(department=crew.department, code="desk", name={"en": "Desk"})
    edit(village / "departments.yaml", "name: Road Crew", "name: Roads")
    apply(village)
    with city_scope(City.objects.get().pk):
        crew.refresh_from_db()
        own.refresh_from_db()
        assert crew.name["en"] == "Roads"
        assert own.is_active, "a team made at the desk is not the pack's to take away"
