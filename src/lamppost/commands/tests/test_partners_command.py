"""``lamppost partners``: for scripts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lamppost.cities.models import City
from lamppost.cli import _parser
from lamppost.kernel.refusals import Refusal
from lamppost.partners.models import Connection, OutboxEntry

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    """Run one step as the command line would, with its database at hand."""
    arguments = _parser(["partners"]).parse_args(["partners", *words])
    return int(arguments.run(arguments))


ADD = ("add", "works", "--department", "streets", "--kind", "webhook")


def test_add_start_list_and_compare(city: City, file_case: Any, capsys: Any) -> None:
    assert run(*ADD, "--address", "https://works.example/hook") == 0
    assert "whsec_" in capsys.readouterr().out
    assert Connection.objects.get().state == "paused"
    assert run("start", "works") == 0
    capsys.readouterr()
    file_case()
    assert OutboxEntry.objects.exists()
    assert run("list", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["code"], row["state"], row["waiting"]) == ("works", "active", 0)
    assert "secret" not in row
    assert run("pause", "works") == 0


@pytest.mark.parametrize(
    "words",
    [
        (*ADD, "--address", "https://127.0.0.1/hook"),
        ("add", "works", "--department", "nowhere", "--kind", "email", "--address", "a@b.example"),
        ("test", "nobody"),
        ("start", "nobody"),
        ("pause", "works", "--city", "nowhere"),
    ],
)
def test_refusals(city: City, words: tuple[str, ...]) -> None:
    with pytest.raises(Refusal):
        run(*words)
    assert not Connection.objects.exists()
