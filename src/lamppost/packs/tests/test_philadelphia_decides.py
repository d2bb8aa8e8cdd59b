"""The reference city's pack, put into force and asked through intake: one sentence per row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from lamppost.cases.models import Case
from lamppost.cases.reports import Filed, Report
from lamppost.cases.services.intake import submit
from lamppost.catalog.choices import Channel, LocationRule, Visibility
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.people.actors import ANONYMOUS

FOLDER = Path(__file__).resolve().parents[4] / "cities" / "philadelphia"
CITY_HALL = Point(-75.1636, 39.9526)
FAR_NORTH = Point(-75.03, 40.09)


@pytest.fixture(scope="module")
def applied(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city as its pack makes it, put into force once for the module and undone after it."""
    pack = check_pack(FOLDER).pack
    assert pack is not None
    with django_db_blocker.unblock(), transaction.atomic():
        yield apply_pack(pack=pack).city
        transaction.set_rollback(True)


@pytest.fixture
def philadelphia(applied: City, db: None) -> Iterator[City]:
    """The city, in scope; what a test files is undone after it."""
    with city_scope(applied.pk):
        yield applied


def file(service: str, answers: dict[str, str], **more: Any) -> Filed:
    """File a report; several choices of one question are parted by blanks."""
    fields: dict[str, Any] = {
        "service_code": service,
        "channel": Channel.WEB,
        "description": "For the test",
        "answers": {question: tuple(chosen.split()) for question, chosen in answers.items()},
        "point": CITY_HALL,
    }
    return submit(Report(**(fields | more)), actor=ANONYMOUS)


DIVERTED = [
    ("a smell of gas from a hole calls 911", "SR-ST01",
     {"problem": "pothole", "hazard": "gas"}, "emergency", ""),
    ("gas outranks running water", "SR-ST01",
     {"problem": "pothole", "hazard": "water gas"}, "emergency", ""),
    ("running water goes to the Water Department", "SR-ST01",
     {"problem": "cave-in", "hazard": "water"}, "refer", "Philadelphia Water Department"),
    ("a state highway goes to PennDOT", "SR-ST01",
     {"problem": "pothole", "owner": "state"}, "refer", "PennDOT"),
    ("a utility cut goes to the utility", "SR-ST01",
     {"problem": "ditch", "owner": "utility"}, "refer", "The utility company"),
    ("graffiti on rail property goes to SEPTA", "SR-CL01",
     {"surface": "rail", "height": "ground"}, "refer", "SEPTA"),
    ("graffiti above the second floor is the owner's", "SR-CL01",
     {"surface": "public-building", "height": "higher"}, "refer", "The owner of the property"),
    ("a sign in Center City is the Center City District's", "SR-CL01",
     {"surface": "sign", "height": "ground"}, "refer", "Center City District"),
    ("a broken steering column may mean a stolen car", "SR-PD01",
     {"place": "street", "signs": "no-plate steering", "make": "x", "color": "x"},
     "emergency", ""),
    ("a car on private property is the owner's", "SR-PD01",
     {"place": "private", "make": "x", "color": "x"}, "refer", "The owner of the property"),
    ("trash set out late waits for the next day", "SR-ST03",
     {"material": "rubbish", "set-out": "later"}, "refer", "Your next collection day"),
    ("construction debris is no household trash", "SR-ST03",
     {"material": "rubbish", "set-out": "before-seven", "amount": "construction"},
     "refer", "Sanitation convenience centers"),
    ("dumping that happens now calls 911", "SR-ST02",
     {"what": "tires", "where": "street", "happening": "yes"}, "emergency", ""),
    ("dumping on private land is the owner's", "SR-ST02",
     {"what": "tires", "where": "private"}, "refer", "Licenses & Inspections"),
    ("a sparking pole calls 911", "SR-ST04",
     {"problem": "sparking", "property": "street"}, "emergency", ""),
    ("a light on private property is the owner's", "SR-ST04",
     {"problem": "out", "property": "private"}, "refer", "The owner of the property"),
    ("the city puts up no new alley lights", "SR-ST06",
     {"problem": "new"}, "refer", "The owner of the property"),
    ("an electric manhole goes to PECO", "SR-ST14",
     {"problem": "loose", "owner": "electric"}, "refer", "PECO"),
    ("a dead animal on a sidewalk is the owner's", "SR-ST10",
     {"where": "sidewalk"}, "refer", "The owner of the property"),
    ("a new stop sign needs a study", "SR-ST21",
     {"problem": "new"}, "refer", "Streets Department, Traffic and Lighting Engineering"),
    ("rats outside go to Vector Control", "SR-LI17",
     {"pest": "rats", "where": "street"}, "refer",
     "Department of Public Health, Vector Control"),
    ("somebody in distress is given the crisis line", "HS-ENCAMPMENT",
     {"help": "crisis"}, "crisis", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "answers", "outcome", "refer_to"),
    [row[1:] for row in DIVERTED],
    ids=[row[0] for row in DIVERTED],
)
@pytest.mark.usefixtures("philadelphia")
def test_diverted(service: str, answers: dict[str, str], outcome: str, refer_to: str) -> None:
    filed = file(service, answers)
    assert (filed.triage.outcome, filed.triage.refer_to) == (outcome, refer_to)
    assert filed.triage.text
    assert not filed.number
    assert not Case.objects.exists()


ACCEPTED = [
    ("a pothole is the Streets Department's", "SR-ST01",
     {"problem": "pothole"}, "streets", False),
    ("a cave-in alarms the crew", "SR-ST01", {"problem": "cave-in"}, "streets", True),
    ("a missing manhole cover alarms the crew whoever owns it", "SR-ST14",
     {"problem": "missing", "owner": "electric"}, "streets", True),
    ("a rattling sewer cover is the Water Department's", "SR-ST14",
     {"problem": "loose", "owner": "city"}, "water", False),
    ("a hanging lamp alarms the crew", "SR-ST04",
     {"problem": "hanging", "property": "street"}, "streets", True),
    ("a light in a park is Parks & Recreation's", "SR-ST04",
     {"problem": "out", "property": "park"}, "parks", False),
    ("tires on a vacant lot are CLIP's", "SR-ST02",
     {"what": "tires", "where": "city-lot"}, "clip", False),
    ("chemicals alarm the crew", "SR-ST02",
     {"what": "bags chemicals", "where": "street"}, "streets", True),
    ("a stop sign that is down alarms the crew", "SR-ST21", {"problem": "down"}, "streets", True),
    ("hateful graffiti comes first", "SR-CL01",
     {"surface": "public-building", "height": "ground", "content": "hate"}, "clip", True),
    ("graffiti on a wall is CLIP's", "SR-CL01",
     {"surface": "public-building", "height": "ground"}, "clip", False),
    ("a car without a plate is the Police Department's", "SR-PD01",
     {"place": "street", "signs": "no-plate", "make": "x", "color": "x"}, "police", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "answers", "department", "is_hazard"),
    [row[1:] for row in ACCEPTED],
    ids=[row[0] for row in ACCEPTED],
)
@pytest.mark.usefixtures("philadelphia")
def test_accepted(service: str, answers: dict[str, str], department: str, is_hazard: bool) -> None:
    filed = file(service, answers)
    case = Case.objects.select_related("department").get(number=filed.number)
    assert (case.department.code, case.is_hazard) == (department, is_hazard)


@pytest.mark.usefixtures("philadelphia")
def test_the_center_city_rule_holds_only_in_center_city() -> None:
    answers = {"surface": "sign", "height": "ground"}
    assert file("SR-CL01", answers).triage.outcome == "refer"
    assert file("SR-CL01", answers, point=FAR_NORTH).number


# Published requests of 2025; local dates as the city shows them (facts of live rows).
DUE = [
    ("New Year's Eve evening, 7 business days", "SR-CL01", {"surface": "public-building",
     "height": "ground"}, datetime(2025, 1, 1, 0, 0, 34, tzinfo=UTC), date(2025, 1, 10)),
    ("New Year's Eve evening, 2 business days", "SR-ST03", {"material": "rubbish",
     "set-out": "before-seven"}, datetime(2025, 1, 1, 0, 6, 29, tzinfo=UTC), date(2025, 1, 3)),
    ("a pothole before the promise changed: 3 business days", "SR-ST01", {"problem": "pothole"},
     datetime(2024, 12, 2, 15, 0, tzinfo=UTC), date(2024, 12, 5)),
    ("a pothole after it changed: 46 business days", "SR-ST01", {"problem": "pothole"},
     datetime(2025, 1, 2, 15, 0, tzinfo=UTC), date(2025, 3, 11)),
    ("no promise, no due date", "SR-ST13", {"marking": "crosswalk"},
     datetime(2025, 1, 2, 15, 0, tzinfo=UTC), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "answers", "at", "due"), [row[1:] for row in DUE], ids=[row[0] for row in DUE]
)
@pytest.mark.usefixtures("philadelphia")
def test_due_dates(service: str, answers: dict[str, str], at: datetime, due: date | None) -> None:
    filed = file(service, answers, requested_at=at)
    case = Case.objects.get(number=filed.number)
    zone = ZoneInfo("America/New_York")
    assert (case.due_at and case.due_at.astimezone(zone).date()) == due


@pytest.mark.usefixtures("philadelphia")
def test_the_catalogue_is_complete_and_careful() -> None:
    services = {row.code: row for row in Service.objects.all()}
    assert len(services) >= 50
    for code in ("SR-PD02", "SR-FD01", "HS-ENCAMPMENT", "SR-LI17", "SR-LI08", "SR-FD02"):
        assert services[code].visibility == Visibility.PRIVATE, code
    assert services["CL-OPIOID"].visibility == Visibility.LIMITED
    assert services["SR-IR01"].location == LocationRule.NONE
    for row in services.values():
        assert row.name["es"], row.code
        assert row.name["ar"], row.code
        assert row.description["es"], row.code
