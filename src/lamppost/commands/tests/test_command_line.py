"""The command as such: help with an example, and words for what went wrong."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import psycopg
import pytest
from django.db import ProgrammingError

from lamppost import cli


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from parsers(one)


def test_every_command_shows_an_example() -> None:
    found = list(parsers(cli._parser([])))
    assert len(found) > 20
    assert [one.prog for one in found if "lamppost " not in (one.epilog or "")] == []


def test_a_database_of_another_version_is_called_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(words: object) -> None:
        raise ProgrammingError("no relation") from psycopg.errors.UndefinedTable("no relation")

    monkeypatch.setattr(cli, "_parser", fail)
    assert cli.main(["verify"]) == 1
    assert "run `lamppost migrate`" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(words: object) -> None:
        raise PermissionError(13, "Permission denied", "requests.csv")

    monkeypatch.setattr(cli, "_parser", fail)
    assert cli.main(["import"]) == 1
    assert capsys.readouterr().err == "lamppost: requests.csv: Permission denied\n"
