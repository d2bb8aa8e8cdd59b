"""Other cities' published files, each by a mapping of a few lines, from nothing to a city."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lamppost.cases.importing.mapping import find_mapping
from lamppost.cases.importing.run import draft_services, import_requests
from lamppost.cases.importing.tally import Tally
from lamppost.cases.models import Case
from lamppost.cases.services.verify import verify
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.shipped import shipped
from lamppost.packs.check import check_pack
from tests.cities.conftest import put_into_force, read

TOP = Path(__file__).resolve().parents[2]
MAPPINGS = TOP / "docs" / "examples" / "mappings"
PUBLISHED = TOP.parent / "shared" / "data" / "other_cities"

# Rows made up, in the columns those cities publish.
OWN = Path(__file__).parent / "files"
SAMPLES = {
    "boston": ("boston_311_2011h2_sample.csv", "boston_animal_requests_sample.csv"),
    "baltimore": ("baltimore_311_sample.csv",),
    "new-york": ("nyc_311_sample.csv",),
    "zurich": ("zurich_zwn_sample.csv",),
}
# Where the published samples lie beside the checkout they are read as well.
FILES = [(path.stem, "") for path in sorted(OWN.glob("*.csv"))] + [
    (name, sample)
    for name, samples in SAMPLES.items()
    for sample in samples
    if (PUBLISHED / sample).is_file()
]


@dataclass
class Brought:
    """What came of one file."""

    tally: Tally
    city: City


@pytest.fixture
def bring(db: None, tmp_path: Path) -> Callable[[str, str], Brought]:
    """Bring a file into a village that has none of its services, by way of the draft."""

    def make(name: str, sample: str) -> Brought:
        path = PUBLISHED / sample if sample else OWN / f"{name}.csv"
        mapping = find_mapping(str(MAPPINGS / f"{name}.yaml"))
        rejects = tmp_path / "rejects.csv"
        folder = tmp_path / "pack"
        shutil.copytree(shipped("cities") / "riverbend", folder)
        city = put_into_force(read(folder))
        with city_scope(city.pk):
            first = import_requests(path, mapping=mapping, rejects=rejects)
            assert first.new == 0
            draft = draft_services(first)
        assert draft is not None
        (folder / "services" / "draft.yaml").write_text(draft, encoding="utf-8")
        findings = check_pack(folder).findings
        assert [str(finding) for finding in (*findings.errors, *findings.warnings)] == []
        city = put_into_force(read(folder))
        with city_scope(city.pk):
            return Brought(import_requests(path, mapping=mapping, rejects=rejects), city)

    return make


@pytest.mark.parametrize(("name", "sample"), FILES)
def test_every_row_comes_in_and_none_twice(
    name: str, sample: str, bring: Callable[[str, str], Brought]
) -> None:
    brought = bring(name, sample)
    tally = brought.tally
    assert tally.unknown.counts == {}
    assert tally.rejected == 0
    assert tally.new + tally.repeated == tally.read > 0
    with city_scope(brought.city.pk):
        assert Case.objects.count() == tally.new
        assert not Case.objects.filter(state="closed", closed_at=None).exists()
        assert list(verify()) == []


def found(brought: Brought, number: str) -> dict[str, Any]:
    with city_scope(brought.city.pk):
        case = Case.objects.select_related("service", "outcome").get(number=number)
        return {
            "service": case.service.name["en"],
            "state": case.state,
            "outcome": case.outcome.kind if case.outcome else "",
            "channel": case.channel,
            "zipcode": case.zipcode,
            "place": case.location,
            "requested": case.requested_at.astimezone(brought.city.zone).isoformat(" ")[:19],
            "late": bool(case.due_at and case.closed_at and case.closed_at > case.due_at),
        }


EXPECTED: list[tuple[str, str, dict[str, Any]]] = [
    ("boston", "101",
     {"service": "Street Light Outages", "state": "closed", "outcome": "done",
      "channel": "phone", "zipcode": "02131", "place": (-71.0772, 42.2715),
      "requested": "2011-07-01 01:32:33", "late": False}),
    ("boston", "102",
     {"service": "Request for Pothole Repair", "state": "received", "outcome": "",
      "channel": "web", "place": None}),
    ("boston", "103", {"outcome": "duplicate", "channel": "app", "late": True}),
    ("baltimore", "14-00000001", {"outcome": "done", "channel": "phone", "late": False}),
    ("baltimore", "14-00000002",
     {"state": "closed", "outcome": "duplicate", "channel": "api", "late": True}),
    ("baltimore", "14-00000003", {"state": "received", "channel": "staff", "place": None}),
    ("new-york", "1",
     {"service": "Illegal Animal", "outcome": "not_found", "zipcode": "11367",
      "requested": "2010-01-07 11:41:51"}),
    # The hour that is left out in spring: an hour later.
    ("new-york", "2", {"state": "received", "requested": "2010-03-14 03:30:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "number", "expected"), EXPECTED)
def test_a_row_means_what_it_meant(
    name: str, number: str, expected: dict[str, Any], bring: Callable[[str, str], Brought]
) -> None:
    case = found(bring(name, ""), number)
    assert {key: case[key] for key in expected} == expected


def test_swiss_points_lie_in_the_city_and_the_same_row_is_one_request(
    bring: Callable[[str, str], Brought],
) -> None:
    brought = bring("zurich", "")
    assert (brought.tally.new, brought.tally.repeated) == (3, 1)
    with city_scope(brought.city.pk):
        cases = Case.objects.select_related("service").order_by("id")
        for case in cases:
            assert case.location is not None
            assert 8.4 < case.location.long < 8.7
            assert 47.3 < case.location.lat < 47.5
            assert case.number.startswith("ZWN-")
        codes = {case.service.code for case in cases}
    assert codes == {"brunnen-hydranten", "strasse-trottoir-platz", "grunflachen-spielplatze"}


def test_a_draft_says_how_often_who_and_how_long(
    db: None, tmp_path: Path, apply: Callable[[str], Any]
) -> None:
    _pack, city = apply("riverbend")
    path = OWN / "boston.csv"
    mapping = find_mapping(str(MAPPINGS / "boston.yaml"))
    with city_scope(city.pk):
        tally = import_requests(path, mapping=mapping, rejects=tmp_path / "rejects.csv")
        draft = draft_services(tally)
    assert draft is not None
    assert "code: request-for-pothole-repair" in draft
    assert 'name: "Request for Pothole Repair"' in draft
    assert "# 2 rows; agency in the file: Public Works; closed after 6.0 days (median)" in draft
    # Nobody here is called Public Works: whoever takes what nobody else does.
    assert draft.count("department: clerk") == 2
