"""/healthz, /readyz, /metrics: who may see what, and that it is true."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from lamppost.cases.models import Case
from lamppost.faces.operations import metrics, state, views
from lamppost.faces.theme.outage import is_outage
from lamppost.kernel.logs import DiscreetFormatter
from lamppost.kernel.secrets import secret

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_kept", None)
    monkeypatch.setattr(views, "_complete", False)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "203.0.113.7"),
        ({"X-Forwarded-For": "203.0.113.7"}, "127.0.0.1"),
        ({"Forwarded": "for=203.0.113.7"}, "127.0.0.1"),
        ({"Authorization": "Bearer wrong"}, "203.0.113.7"),
        ({"Authorization": "Bearer "}, "203.0.113.7"),
        ({"Authorization": "Basic é"}, "203.0.113.7"),
    ],
)
def test_metrics_are_not_for_the_public(
    client: Client, headers: dict[str, str], address: str
) -> None:
    response = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert response.status_code == 401
    assert b"lamppost_" not in response.content


def test_metrics_are_for_this_machine_and_for_the_token(client: Client, file_case: Any) -> None:
    file_case()
    token = secret(settings.HOME, views.TOKEN_NAME)
    local = client.get("/metrics")
    remote = client.get(
        "/metrics", headers={"Authorization": f"Bearer {token}"}, REMOTE_ADDR="203.0.113.7"
    )
    assert local.status_code == remote.status_code == 200
    text = local.content.decode()
    assert 'lamppost_cases_open{city="springfield",state="received"} 1\n' in text
    assert "lamppost_migrations_pending 0\n" in text
    line = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    for row in text.splitlines():
        assert row.startswith("# ") or line.fullmatch(row), row


def test_metrics_name_no_case_and_nobody(client: Client, file_case: Any) -> None:
    case: Case = file_case(description="Call Jane Roe at 215-555-0100")
    text = client.get("/metrics").content.decode()
    assert "Jane" not in text
    assert case.number not in text


def test_without_a_city_monitors_are_answered(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_not_ready_while_migrations_are_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "pending_migrations", lambda: ["cases.0099_later"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"lamppost migrate" in response.content
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("no server"), True),
        (OSError(28, "No space left on device"), True),
        (OSError(2, "No such file"), False),
        (ValueError("a fault of ours"), False),
        (None, False),
    ],
)
def test_only_what_is_away_for_everybody_counts_as_an_outage(
    error: BaseException | None, away: bool
) -> None:
    assert is_outage(error) is away


def test_log_lines_lose_the_values_of_a_refused_row() -> None:
    import logging

    record = logging.LogRecord(
        "x", logging.ERROR, "", 0,
        "duplicate key value\nDETAIL:  Key (email)=(jane@example.org) already exists.\nafter",
        None, None,
    )  # fmt: skip
    text = DiscreetFormatter("%(message)s").format(record)
    assert "jane" not in text
    assert text.startswith("duplicate key value")
    assert text.endswith("after")
