"""The list, one request, and who may see what of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case
from lamppost.cases.reports import Reporter
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.notes import add_note
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.faces.open311.answers import to_xml
from lamppost.faces.open311.tests.conftest import BASE, numbers
from lamppost.people.actors import Actor

ANY: Any = Callable
DAY = timedelta(days=1)


def ago(case: Case, span: timedelta) -> str:
    """Move a case back in time; return its number."""
    at = datetime.now(UTC) - span
    Case.objects.filter(pk=case.pk).update(requested_at=at, updated_at=at, created_at=at)
    return case.number


def test_private_does_not_exist_and_limited_says_only_the_status(get: ANY, file_case: ANY) -> None:
    public, limited, private = file_case(), file_case(address="5 Elm St"), file_case()
    Case.objects.filter(pk=limited.pk).update(
        visibility="limited", status_note="Words", media_url="https://example.org/a.jpg"
    )
    Case.objects.filter(pk=private.pk).update(visibility="private")
    rows = get("requests.json", extensions="true")
    assert set(numbers(rows)) == {public.number, limited.number}
    row = next(row for row in rows if row["service_request_id"] == limited.number)
    assert row["status"] == "open"
    assert row["description"] == ""
    hidden = ("address", "lat", "long", "media_url", "status_notes", "zipcode")
    assert {name: row[name] for name in hidden} == dict.fromkeys(hidden)
    assert row["notes"] == row["attributes"] == []
    get(f"requests/{private.number}.json", expect=404)
    assert get("requests.json", service_request_id=private.number) == []


@pytest.mark.parametrize(
    "search", [{"q": "deep"}, {"bbox": "-76,39,-75,40"}, {"lat": "39.9526", "long": "-75.1636"}]
)
def test_a_limited_case_is_not_found_by_what_is_hidden(
    get: ANY, file_case: ANY, search: dict[str, str]
) -> None:
    """Otherwise a search in small steps would tell where it is."""
    case = file_case()
    assert numbers(get("requests.json", **search)) == [case.number]
    Case.objects.filter(pk=case.pk).update(visibility="limited")
    assert get("requests.json", **search) == []


def test_nothing_of_the_reporter_is_shown(client: Client, file_case: ANY) -> None:
    case = file_case(
        reporter=Reporter(
            name="Ada Secretname", email="ada@secret.example", phone="+12155550123",
            device_id="dev-secret", account_id="acc-secret",
        )
    )  # fmt: skip
    for path in (f"requests/{case.number}", "requests", "servicerequestupdates"):
        for fmt in ("json", "xml"):
            text = client.get(f"{BASE}/{path}.{fmt}?extensions=true").content.decode().lower()
            assert "secret" not in text
            assert "5550123" not in text


def test_cities_do_not_see_each_other(get: ANY, file_case: ANY, other_city: City) -> None:
    """Numbers overlap; the same number in the other city is another case, or none."""
    case = file_case()
    named = {"jurisdiction_id": other_city.jurisdiction_id.upper()}
    get(f"requests/{case.number}.json", expect=404, **named)
    assert get("requests.json", **named) == []
    with city_scope(other_city.pk):
        file_case(description="Ein Loch")
    assert get(f"requests/{case.number}.json", **named)[0]["description"] == "Ein Loch"
    assert get(f"requests/{case.number}.json")[0]["description"] == "A deep hole"
    assert numbers(get("requests.json", jurisdiction_id="")) == [case.number]


def test_default_is_the_last_90_days_newest_first(get: ANY, file_case: ANY) -> None:
    old = ago(file_case(), 91 * DAY)
    middle, new = ago(file_case(), 89 * DAY), ago(file_case(), DAY)
    assert numbers(get("requests.json")) == [new, middle]
    assert numbers(get("requests.json", service_request_id=f"{old}, {new},nope")) == [new, old]


def test_dates_are_joined_and_read_with_their_zone(get: ANY, file_case: ANY) -> None:
    case = file_case()
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    Case.objects.filter(pk=case.pk).update(requested_at=at)
    for start, end, found in (
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", True),
        ("2026-03-01T12:00:01Z", "2026-03-02T00:00:00Z", False),
        ("2026-02-01T00:00:00Z", "2026-03-01T11:59:59Z", False),
        ("2026-03-01T17:30:00+05:30", "2026-03-01T17:30:00+05:30", True),
        ("2026-03-01T17:30:00 05:30", "2026-03-01T17:30:00 05:30", True),
        ("2026-03-01T11:59:59.017Z", "2026-03-01T12:00:00.999999Z", True),
        ("2026-03-01T07:00:00", "2026-03-01T07:00:00", True),  # the city's own time
        ("2026-03-01", "2026-03-02", True),
        ("2026-03-02", "2026-03-01", False),
    ):
        rows = get("requests.json", start_date=start, end_date=end)
        assert (numbers(rows) == [case.number]) is found, (start, end)
    assert numbers(get("requests.json", start_date="2026-02-28")) == [case.number]
    assert numbers(get("requests.json", end_date="2026-03-02")) == [case.number]


def test_filters(get: ANY, file_case: ANY, worker: Actor) -> None:
    hole, tree = file_case(), file_case(service_code="TREE", answers={}, address="5 Elm Street")
    close(case_id=hole.pk, outcome_code="done", text="Filled.", actor=worker)
    for params, found in (
        ({"status": "closed"}, [hole]),
        ({"status": "OPEN"}, [tree]),
        ({"status": "open,closed"}, [tree, hole]),
        ({"service_code": "TREE"}, [tree]),
        ({"service_code": "TREE,POTHOLE"}, [tree, hole]),
        ({"service_code": "NOPE"}, []),
        ({"agency_responsible": "parks"}, [tree]),
        ({"agency_responsible": "Nobody"}, []),
        ({"q": "elm"}, [tree]),
        ({"q": hole.number}, [hole]),
        ({"page_size": "1"}, [tree]),
        ({"page_size": "1", "page": "2"}, [hole]),
        ({"page_size": "1", "page": "100000"}, []),
        ({"status": "closed", "service_code": "TREE"}, []),
    ):
        expected = [case.number for case in found]
        assert numbers(get("requests.json", **params)) == expected, params
    recent = (datetime.now(UTC) - DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert numbers(get("requests.json", updated_after=recent)) == [hole.number, tree.number]
    assert get("requests.json", updated_before=recent) == []
    # Of the last change any span may be asked for: who harvests begins years back.
    old = ago(file_case(), 400 * DAY)
    years = {"updated_after": "2020-01-01T00:00:00Z", "updated_before": "2100-01-01T00:00:00Z"}
    assert numbers(get("requests.json", **years)) == [hole.number, tree.number, old]


def test_places(get: ANY, file_case: ANY) -> None:
    """Nearest first within the circle; a box holds its edges; a far place has nothing."""
    near = file_case(point=Point(-75.1640, 39.9526))
    nearer = file_case(point=Point(-75.1637, 39.9526))
    far = file_case(point=Point(-75.1636, 39.9700))
    here = {"lat": "39.9526", "long": "-75.1636"}
    assert numbers(get("requests.json", **here)) == [nearer.number, near.number]
    assert numbers(get("requests.json", **here, radius="20")) == [nearer.number]
    everything = get("requests.json", **here, radius="5000")
    assert numbers(everything) == [nearer.number, near.number, far.number]
    assert numbers(get("requests.json", **here, page_size="1", page="2")) == [near.number]
    assert get("requests.json", lat="-39", long="75") == []
    assert numbers(get("requests.json", bbox="-75.164,39.96,-75.163,39.97")) == [far.number]
    assert len(get("requests.json", bbox="170,39,-170,40")) == 0


def test_a_new_one_behind_many_old_ones_is_found(get: ANY, file_case: ANY) -> None:
    for step in range(3):
        ago(file_case(point=Point(-75.1636 + step / 1e5, 39.9526)), 200 * DAY)
    new = file_case(point=Point(-75.1630, 39.9526))
    found = get("requests.json", lat="39.9526", long="-75.1636", radius="200", page_size="1")
    assert numbers(found) == [new.number]


def test_nearest_is_what_is_nearest_on_the_ground(get: ANY, file_case: ANY) -> None:
    """A degree of longitude is shorter than one of latitude: 85 meters to the east, 100 north."""
    north = file_case(point=Point(-75.1636, 39.9526 + 0.0009))
    east = file_case(point=Point(-75.1636 + 0.0010, 39.9526))
    found = get("requests.json", lat="39.9526", long="-75.1636", radius="200")
    assert numbers(found) == [east.number, north.number]


def test_closed_tells_when_and_what(get: ANY, file_case: ANY, worker: Actor) -> None:
    case = file_case()
    move(case_id=case.pk, status_code="in-progress", actor=worker, note="Crew is on its way.")
    assert get(f"requests/{case.number}.json")[0]["status_notes"] == "Crew is on its way."
    close(case_id=case.pk, outcome_code="done", text="Filled.", actor=worker)
    add_note(case_id=case.pk, text="Colleagues only", actor=worker, audience=EventAudience.STAFF)
    row = get(f"requests/{case.number}.json", extensions="true")[0]
    closed = Case.objects.get().closed_at
    assert closed is not None
    assert row["status"] == "closed"
    assert row["updated_datetime"] == closed.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert row["extended_attributes"]["outcome"] == "Done"
    assert [note["type"] for note in row["notes"]] == ["submitted", "activity", "closed"]
    assert "Colleagues" not in json.dumps(row)
    assert row["attributes"] == [
        {"code": "WHERE", "label": "Where on the street is it?", "value": "roadway",
         "name": "In the roadway"},
    ]  # fmt: skip


def test_language(client: Client, get: ANY, file_case: ANY) -> None:
    """Asked for in the address, never guessed from the browser: one address, one answer."""
    case = file_case()
    assert get(f"requests/{case.number}.json", locale="es-MX")[0]["service_name"] == "Bache"
    assert get(f"requests/{case.number}.json", locale="xx")[0]["service_name"] == "Pothole"
    spanish = client.get(f"/es{BASE}/services.json")
    assert [row["service_name"] for row in spanish.json()][1] == "Bache"
    guessed = client.get(f"{BASE}/services.json", headers={"Accept-Language": "es"})
    assert [row["service_name"] for row in guessed.json()][1] == "Pothole"


def test_both_formats_say_the_same(client: Client, file_case: ANY) -> None:
    case = file_case(description="a & b < c > \" ' ]]> &amp; \u202e 漢字 e\u0301")
    row = client.get(f"{BASE}/requests/{case.number}.json").json()[0]
    found = ElementTree.fromstring(client.get(f"{BASE}/requests/{case.number}.xml").content)
    values = {child.tag: child.text for child in found[0]}
    assert values == {name: None if v is None else str(v) for name, v in row.items()}
    assert row["description"] == case.description


def test_xml_never_carries_what_xml_cannot() -> None:
    """Old imports hold control characters; a reader must get the rest of the list."""
    text = to_xml("errors", json.dumps([{"code": 1, "description": "a\x0b\x00\ufffe\rb"}]))
    root = ElementTree.fromstring(text.encode())
    assert root.findtext("error/description") == "a\rb"


def test_packed_only_for_who_can_unpack(client: Client, file_case: ANY) -> None:
    for _number in range(4):
        file_case()
    plain = client.get(f"{BASE}/requests.json")
    packed = client.get(f"{BASE}/requests.json", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    refused = client.get(f"{BASE}/requests.json", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content == refused.content
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_any_page_may_read(client: Client, city: City) -> None:
    for path in ("services.json", "requests.xml", "nothing.json"):
        response = client.get(f"{BASE}/{path}", headers={"Origin": "https://example.com"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies
    assert client.options(f"{BASE}/requests.json").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.head(f"{BASE}/requests.json").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["requests.json", "requests.xml?extensions=true", "requests/1001.json",
     "requests.json?lat=39.9526&long=-75.1636&page_size=1"],
)  # fmt: skip
def test_a_hot_read_is_one_statement(client: Client, file_case: ANY, path: str) -> None:
    """What the speed rests on: no session, no user, nothing but the rows."""
    file_case()
    client.get(f"{BASE}/{path}")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{BASE}/{path}").status_code == 200
    assert len(queries) == 1
