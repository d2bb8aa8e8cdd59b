from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lamppost.database.settings import ENGINE, database_settings, parse_url

_HOME = Path("/nowhere/at-all")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://a:secret@h/db",
        "sqlite:///db",
        "postgresql://a:secret@h/",
        "postgresql://a:secret@h:port/db",
        "postgresql://a:secret@h/db?pooler=transaction",
        "h/db",
    ],
)
def test_an_address_that_cannot_be_is_refused_by_name_and_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as refusal:
        database_settings(_HOME, {"DATABASE_URL": url})
    assert "secret" not in str(refusal.value)
    assert "secret" not in repr(refusal.value.__context__ and refusal.value.__suppress_context__)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://ann:p%40ss%2Fword@db.example:6543/city%20one",
            ("city one", "ann", "p@ss/word", "db.example", "6543", {}, ""),
        ),
        ("postgres:///lamppost", ("lamppost", "", "", "", "", {}, "")),
        (
            "postgresql:///lamppost?host=/run/postgresql",
            ("lamppost", "", "", "/run/postgresql", "", {}, ""),
        ),
        (
            "postgresql://u@[::1]/x?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            ("x", "u", "", "::1", "", {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}, ""),
        ),
        ("postgresql://u@h/x?pooler=session", ("x", "u", "", "h", "", {}, "session")),
    ],
)
def test_parts_of_an_address(url: str, expected: tuple[Any, ...]) -> None:
    parts = parse_url(url, "DATABASE_URL")
    keys = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS", "LAMPPOST_POOLER")
    assert tuple(parts[key] for key in keys) == expected


def test_without_an_address_the_embedded_server_is_meant_and_nothing_is_touched() -> None:
    aliases = database_settings(_HOME, {})
    assert sorted(aliases) == ["default", "owner"]
    for alias in aliases.values():
        assert alias["ENGINE"] == ENGINE
        assert alias["LAMPPOST_HOME"] == str(_HOME)
    assert not _HOME.exists()
    assert "pool" in aliases["default"]["OPTIONS"]
    assert "pool" not in aliases["owner"]["OPTIONS"]


def test_owner_and_replicas_have_addresses_of_their_own() -> None:
    aliases = database_settings(
        _HOME,
        {
            "DATABASE_URL": "postgresql://app@h/x?sslmode=require",
            "DATABASE_OWNER_URL": "postgresql://owner@h/x",
            "DATABASE_REPLICA_URL": "postgresql://app@r1/x, postgresql://app@r2/x",
        },
    )
    assert {name: (alias["HOST"], alias["USER"]) for name, alias in aliases.items()} == {
        "default": ("h", "app"),
        "owner": ("h", "owner"),
        "replica": ("r1", "app"),
        "replica2": ("r2", "app"),
    }
    assert aliases["default"]["OPTIONS"]["sslmode"] == "require"
    assert "sslmode" not in aliases["replica"]["OPTIONS"]
