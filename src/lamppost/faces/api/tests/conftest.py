"""A client that knows the published schema and holds every answer to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.test import Client
from tests.support.fixtures import API_KEY

from lamppost.cities.models import City

ROOT = "/api/v1"
BODY = {
    "service_code": "POTHOLE", "description": "A deep hole", "answers": {"WHERE": "roadway"},
    "long": -75.16, "lat": 39.95,
}  # fmt: skip


def published(schema: dict[str, Any], path: str, method: str, status: int, kind: str) -> Any:
    """The schema published for an answer; fails when that answer is not announced."""
    return schema["paths"][ROOT + path][method]["responses"][str(status)]["content"][kind]["schema"]


@pytest.fixture
def call(city: City) -> Callable[..., Any]:
    """Call and check against the schema: ``call("get", "/cases/{number}", 200, number="1")``."""
    client = Client(headers={"host": "springfield.example"})
    schema = client.get(f"{ROOT}/openapi.json").json()

    def send(
        method: str,
        path: str,
        status: int,
        *,
        body: Any = None,
        query: str = "",
        headers: Any = None,
        **parts: str,
    ) -> Any:
        more: dict[str, Any] = {"headers": headers or {}}
        if body is not None:
            data = body if isinstance(body, str) else json.dumps(body)
            more |= {"data": data, "content_type": "application/json"}
        response = getattr(client, method)(ROOT + path.format(**parts) + query, **more)
        assert response.status_code == status, response.content.decode()
        kind = response.headers["Content-Type"].partition(";")[0]
        assert kind == ("application/json" if status < 400 else "application/problem+json")
        found = json.loads(response.content)
        wanted = published(schema, path, method, status, kind)
        validator = jsonschema.Draft202012Validator(
            {**wanted, "components": schema["components"]},
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
        assert [error.message for error in validator.iter_errors(found)] == []
        return found

    return send


@pytest.fixture
def bearer() -> dict[str, str]:
    """The header that carries the key of ``api_key``."""
    return {"Authorization": f"Bearer {API_KEY}"}
