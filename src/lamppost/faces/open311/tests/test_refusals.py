"""What is refused, with which code, always in the standard's form, never as a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from tests.support.fixtures import API_KEY

from lamppost.cases.models import Case
from lamppost.cities.models import City
from lamppost.faces.open311.tests.conftest import BASE, HERE, errors_of
from lamppost.people.models import ApiKey

ANY: Any = Callable

PATHS = [
    ("services", 404, "no format named"),
    ("services.csv", 404, "a format we have not"),
    ("services.yaml", 404, "a format we have not"),
    ("", 404, "nothing named"),
    ("nothing.json", 404, "no such list"),
    ("services/NOPE.json", 404, "no such service"),
    ("services/a/b.json", 404, "too deep"),
    ("requests/no.json", 404, "no such request"),
    ("requests/%00.json", 404, "NUL in an id"),
    ("requests/1%0A.json", 404, "a line break in an id"),
    ("requests/" + "9" * 3000 + ".json", 404, "an endless id"),
    ("requests/%FF%FE.xml", 404, "an id that is not UTF-8"),
    ("requests/..%2F..%2Fetc%2Fpasswd.json", 404, "a path in an id"),
    ("tokens/no.json", 404, "no such token"),
    ("tokens/%00.xml", 404, "NUL in a token"),
    ("requests.json?status=sleeping", 400, "no such status"),
    ("requests.json?status=open,sleeping", 400, "one of two wrong"),
    ("requests.json?start_date=yesterday", 400, "no date"),
    ("requests.json?start_date=2024-02-30T00:00:00Z", 400, "no such day"),
    ("requests.json?end_date=2024-01-01T25:00:00Z", 400, "no such hour"),
    ("requests.json?end_date=2024-01-01T00:00:00%2B99:99", 400, "no such zone"),
    ("requests.json?start_date=0001-01-01T00:00:00%2B14:00", 400, "before all calendars"),
    ("requests.json?start_date=9999-12-31T23:59:59-14:00", 400, "after them"),
    (
        "requests.json?start_date=2024-01-01T00:00:00Z&end_date=2024-06-01",
        400,
        "too long",
    ),
    ("requests.json?start_date=%00", 400, "NUL"),
    ("requests.json?page=x", 400, "a page that is no number"),
    ("requests.json?page=-1", 400, "a page below zero"),
    ("requests.json?page_size=0", 400, "pages of nothing"),
    ("requests.json?page_size=%D9%A3", 400, "digits of another script"),
    ("requests.json?page_size=1e9", 400, "an exponent"),
    ("requests.json?bbox=1,2,3", 400, "three corners"),
    ("requests.json?bbox=a,b,c,d", 400, "corners that are no numbers"),
    ("requests.json?bbox=-75,41,-74,39", 400, "upside down"),
    ("requests.json?lat=39.9", 400, "half a place"),
    ("requests.json?radius=500", 400, "a circle around nothing"),
    ("requests.json?lat=99&long=0", 400, "no such latitude"),
    ("requests.json?lat=39.9&long=-75&radius=-1", 400, "a circle inside out"),
    ("requests.json?lat=39.9&long=-75&radius=1e12", 400, "a circle around the earth"),
    ("requests.json?jurisdiction_id=elsewhere.example", 404, "another city"),
    ("requests.json?jurisdiction_id=%00", 404, "NUL for a city"),
    ("requests.json?" + "&".join(f"a{n}=1" for n in range(1200)), 400, "too many parameters"),
    ("servicerequestupdates.json?start_date=x", 400, "no date"),
]


@pytest.mark.parametrize(("path", "status", "why"), PATHS, ids=[row[2] for row in PATHS])
def test_reads_are_refused_in_the_standards_form(
    client: Client, city: City, path: str, status: int, why: str
) -> None:
    response = client.get(f"{BASE}/{path}")
    assert response.status_code == status, why
    fmt = "xml" if path.partition("?")[0].endswith(".xml") else "json"
    assert errors_of(response, fmt)[0][0] == status


FIELDS = [
    ({"api_key": None}, 403, "no key"),
    ({"api_key": ""}, 403, "an empty key"),
    ({"api_key": "wrong"}, 403, "a wrong key"),
    ({"api_key": API_KEY + "\0"}, 403, "a key with NUL behind it"),
    ({"api_key": API_KEY.upper()}, 403, "a key in capitals"),
    ({"api_key": "x" * 5000}, 403, "an endless key"),
    ({"jurisdiction_id": "elsewhere.example"}, 404, "another city"),
    ({"service_code": None}, 400, "no service"),
    ({"service_code": ""}, 400, "an empty service"),
    ({"service_code": "NOPE"}, 404, "no such service"),
    ({"lat": None, "long": None}, 400, "no place"),
    ({"lat": None}, 400, "half a place"),
    ({"lat": "91"}, 400, "no such latitude"),
    ({"long": "-181"}, 400, "no such longitude"),
    ({"lat": "NaN"}, 400, "not a number"),
    ({"lat": "1e999"}, 400, "infinite"),
    ({"lat": "39,95"}, 400, "a comma"),
    ({"lat": "1" * 500}, 400, "endless digits"),
    ({"lat": "0", "long": "0"}, 400, "what programs send when they know no place"),
    ({"description": "x" * 4001}, 400, "one letter too many"),
    ({"description": "x" * 1_500_000}, 400, "a body too large"),
    ({"media_url": "javascript:alert(1)"}, 400, "a script for a photo"),
    ({"media_url": "file:///etc/passwd"}, 400, "a file of ours for a photo"),
    ({"media_url": "https://example.org/" + "y" * 3000}, 400, "an endless link"),
    ({"email": "a@b\r\nBcc: x@y.z"}, 400, "a mail header in an address"),
    ({"email": "nobody"}, 400, "no address"),
    ({"phone": "call me"}, 400, "no number"),
    ({"service_code": "WRECK"}, 400, "a required answer missing"),
    ({"service_code": "WRECK", "attribute[Q1]": ""}, 400, "a required answer empty"),
    ({"service_code": "WRECK", "attribute[Q1]": "pink"}, 400, "a choice there is not"),
    ({"service_code": "WRECK", "attribute[Q1]": "red", "attribute[Q4]": "1e999"}, 400, "infinite"),
    (
        {"service_code": "WRECK", "attribute[Q1]": "red", "attribute[Q2][]": ["red", "pink"]},
        400,
        "one of two choices there is not",
    ),
    ({"service_code": "POTHOLE", "attribute[WHERE]": "gas"}, 400, "an emergency: call instead"),
    ({f"attribute[A{n}]": "1" for n in range(1500)}, 400, "thousands of fields"),
]


@pytest.mark.parametrize("fmt", ["json", "xml"])
@pytest.mark.parametrize(("changes", "status", "why"), FIELDS, ids=[row[2] for row in FIELDS])
def test_a_refused_request_leaves_nothing(
    post: ANY, changes: dict[str, Any], status: int, why: str, fmt: str
) -> None:
    response = post(f"requests.{fmt}", **changes)
    assert response.status_code == status, (why, response.content[:300])
    assert errors_of(response, fmt)[0][0] == status
    assert Case.objects.count() == 0


def test_refusals_name_the_field(post: ANY) -> None:
    """The person who reads them must know what to change."""
    told = " ".join(text for _code, text in errors_of(post(lat="91", media_url="x:y"), "json"))
    assert "lat" in told
    told = " ".join(text for _code, text in errors_of(post(service_code="WRECK"), "json"))
    assert "attribute[Q1]" in told


BODIES = [
    ("text/plain", b"hello"),
    ("application/json", b'{"service_code": "LIGHT"}'),
    ("application/json", b"{"),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"--y\r\n"),
    ("application/x-www-form-urlencoded", b"description=%FF%FE"),
    ("application/x-www-form-urlencoded; charset=latin-1", b"a=b"),
    ("", b"a=b"),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_bodies_that_are_no_form(client: Client, city: City, kind: str, body: bytes) -> None:
    response = client.post(f"{BASE}/requests.json", body, content_type=kind)
    assert response.status_code in {400, 403}
    assert errors_of(response, "json")[0][0] == response.status_code


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_wrong_methods(client: Client, file_case: ANY, method: str) -> None:
    """They say what is allowed instead, and change nothing."""
    case = file_case()
    for path in ("services.json", f"requests/{case.number}.json", "discovery.xml"):
        response = getattr(client, method)(f"{BASE}/{path}")
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert errors_of(response, path.rpartition(".")[2])[0][0] == 405
    assert Case.objects.get().state == case.state


WORDS = ["'", "' OR '1'='1", "1); DROP TABLE x;--", "\0", "<script>alert(1)</script>", "${7*7}",
         "漢💩", ",", ",,,", "a" * 2500, "-1", "9" * 30, "1e309", "NaN", "\r\nX-Evil: 1", "*", "%",
         "_", "\\"]  # fmt: skip
PARAMS = ["service_request_id", "service_code", "status", "start_date", "updated_after", "page",
          "page_size", "jurisdiction_id", "extensions", "q", "lat", "bbox", "agency_responsible",
          "locale", "api_key"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_hostile_words_in_every_parameter(client: Client, file_case: ANY, word: str) -> None:
    file_case()
    for name in PARAMS:
        response = client.get(f"{BASE}/requests.json?{name}={quote(word)}")
        assert response.status_code in {200, 400, 404}, (name, word)
        assert "X-Evil" not in response.headers
        if name in {"service_request_id", "service_code"} and word.strip(","):
            assert response.status_code != 200 or response.json() == []


def test_percent_and_underscore_are_letters_in_a_search(get: ANY, file_case: ANY) -> None:
    """Nobody finds everything by searching for a joker of the database."""
    file_case()
    assert get("requests.json", q="%") == []
    assert get("requests.json", q="_") == []
    assert len(get("requests.json", q="deep HOLE")) == 1


def test_calls_are_counted(post: ANY, key: ApiKey) -> None:
    """Beyond what a key is good for in a minute, the answer says when to come back."""
    ApiKey.objects.filter(pk=key.pk).update(per_minute=2)
    assert [post().status_code for _ in range(3)] == [201, 201, 429]
    refused = post("requests.xml")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert errors_of(refused, "xml")[0][0] == 429


def test_a_revoked_key_is_no_key(post: ANY, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=key.created_at)
    assert post().status_code == 403


def test_a_fault_of_ours_has_the_form_too(
    client: Client, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a programming error is answered in the format asked for, without its innards."""
    monkeypatch.setattr("lamppost.faces.open311.requests.filters_of", lambda _call: 1 / 0)
    response = client.get(f"{BASE}/requests.xml")
    assert response.status_code == 500
    assert "division" not in errors_of(response, "xml")[0][1]


def test_a_key_of_one_city_is_none_in_another(
    client: Client, key: ApiKey, other_city: City
) -> None:
    fields = HERE | {"jurisdiction_id": other_city.jurisdiction_id, "service_code": "TREE"}
    assert client.post(f"{BASE}/requests.json", fields).status_code == 403
