"""Every operation, every answer it announces, held to the published schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.support.fixtures import API_KEY
from tests.support.installation import Installation

from lamppost.cases.models import Case, Diversion
from lamppost.cases.reports import Reporter
from lamppost.cases.services.lifecycle import move
from lamppost.cities.models import City
from lamppost.faces.api.tests.conftest import BODY, ROOT
from lamppost.people.actors import Actor
from lamppost.people.models import ApiKey

ANY: Any = Callable


def test_refused_first(call: ANY, api_key: ApiKey, bearer: dict[str, str]) -> None:
    """No key, a wrong one, a body that is none, a report that is wrong: nothing is written."""
    call("post", "/cases", 401, body=BODY)
    call("post", "/cases", 401, body=BODY, headers={"Authorization": "Bearer wrong"})
    call("post", "/cases", 400, body="{", headers=bearer)
    call("post", "/cases", 413, body={**BODY, "description": "x" * 1_500_000}, headers=bearer)
    call("post", "/cases", 404, body={**BODY, "service_code": "NOPE"}, headers=bearer)
    for wrong, field in (
        ({"lat": 91}, "report.lat"),
        ({"lat": None}, "lat"),
        ({"answers": {}}, "attribute[WHERE]"),
        ({"answers": {"WHERE": 7}}, "report.answers.WHERE.str"),
        ({"description": "x" * 4001}, "description"),
        ({"surprise": 1}, "report.surprise"),
        ({"reporter": {"email": "nobody"}}, "email"),
    ):
        told = call("post", "/cases", 422, body={**BODY, **wrong}, headers=bearer)
        assert field in {error["field"] for error in told["errors"]}
    assert Case.objects.count() == 0
    ApiKey.objects.update(per_minute=0)
    call("post", "/cases", 429, body=BODY, headers=bearer)


def test_triage_is_a_problem_that_says_what_to_do(
    call: ANY, api_key: ApiKey, bearer: dict[str, str]
) -> None:
    body = {**BODY, "answers": {"WHERE": ["gas"]}}
    told = call("post", "/cases", 422, body=body, headers=bearer)
    assert (told["type"], told["triage"]["outcome"]) == ("diverted", "emergency")
    assert "911" in told["triage"]["text"]
    assert call("post", "/triage", 200, body=body)["outcome"] == "emergency"
    assert Case.objects.count() == 0
    assert Diversion.objects.count() == 1  # the preview is not counted


def test_filing_twice_is_one_case(call: ANY, api_key: ApiKey, bearer: dict[str, str]) -> None:
    headers = {**bearer, "Idempotency-Key": "retry"}
    first = call("post", "/cases", 201, body=BODY, headers=headers)
    again = call("post", "/cases", 200, body=BODY, headers=headers)
    assert (first["number"], again["repeated"]) == (again["number"], True)
    call("post", "/cases", 409, body={**BODY, "description": "Else"}, headers=headers)
    secret = call("post", "/cases", 201, body={"service_code": "POLICE"}, headers=bearer)
    assert secret["number"] is None
    assert secret["tracking_token"]


def test_catalogue(call: ANY) -> None:
    codes = [entry["code"] for entry in call("get", "/services", 200)["items"]]
    assert codes == ["POLICE", "POTHOLE", "QUESTION", "TREE"]
    form = call("get", "/services/{code}/form", 200, code="POTHOLE")
    assert [question["code"] for question in form["questions"]] == ["WHERE", "SIZE"]
    call("get", "/services/{code}/form", 404, code="NOPE")


def test_pages_by_cursor(call: ANY, file_case: ANY) -> None:
    """All of them, once, newest first, also while new ones arrive."""
    made = [file_case().number for _ in range(5)]
    page = call("get", "/cases", 200, query="?limit=2")
    seen = [row["number"] for row in page["items"]]
    file_case()
    while page["next"]:
        page = call("get", "/cases", 200, query=f"?limit=2&cursor={page['next']}")
        seen += [row["number"] for row in page["items"]]
    assert seen == made[::-1]
    for query in ("cursor=zzz", "limit=0", "limit=201", "state=asleep", "bbox=1,2", "since=x"):
        call("get", "/cases", 422, query=f"?{query}")
    assert call("get", "/cases", 200, query="?service=NOPE")["items"] == []
    assert len(call("get", "/cases", 200, query="?service=POTHOLE&state=open")["items"]) == 6


def test_one_case_and_what_is_not_shown(call: ANY, file_case: ANY, worker: Actor) -> None:
    case = file_case(reporter=Reporter(name="Ada Secretname", email="ada@secret.example"))
    move(case_id=case.pk, status_code="in-progress", actor=worker, note="Begun")
    found = call("get", "/cases/{number}", 200, number=case.number)
    assert found["history"][0]["text"] == "Begun"
    assert "secret" not in str(found).lower()
    Case.objects.filter(pk=case.pk).update(visibility="limited")
    limited = call("get", "/cases/{number}", 200, number=case.number)
    assert (limited["description"], limited["lat"], limited["answers"]) == ("", None, [])
    assert "Begun" not in str(limited)
    Case.objects.filter(pk=case.pk).update(visibility="private")
    call("get", "/cases/{number}", 404, number=case.number)
    call("get", "/cases/{number}", 404, number="%00")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nothing", 404), ("get", "", 404), ("delete", "/cases", 405), ("put", "/x", 404)],
)
def test_every_other_address_is_a_problem_too(
    city: City, method: str, path: str, status: int
) -> None:
    response = getattr(Client(), method)(f"{ROOT}{path}/" if not path else ROOT + path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_no_input_leads_out_of_the_schema(
    make_installation: Callable[..., Installation],
) -> None:
    """Requests made from the schema by a machine: answers conform, nothing is a fault of ours."""
    server = make_installation("api", two_cities=True)
    schema = schemathesis.openapi.from_url(f"{server.url}{ROOT}/openapi.json")
    operations: list[Any] = list(schema.get_all_operations())
    cases = st.one_of([operation.ok().as_strategy() for operation in operations])

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def answers_conform(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {API_KEY}"},
            # A catalogue knows more than a schema can say: what is well formed may be refused.
            excluded_checks=[positive_data_acceptance],
        )

    answers_conform()
