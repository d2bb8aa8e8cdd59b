"""The commands a person types: what they print, what they write, how they end."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lamppost.cases.importing.tests.support import MAPPING, row, write
from lamppost.cases.models import Case
from lamppost.cities.models import City, CityHost
from lamppost.commands import exporting, importing
from lamppost.database.scope import city_scope, no_city
from lamppost.kernel.refusals import Invalid, NotFound, Refusal

Run = Callable[..., int]


@pytest.fixture
def run(city: City) -> Run:
    """Run a command as the ``lamppost`` program does: with no city in scope."""

    def call(*arguments: object) -> int:
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(required=True)
        importing.register(commands)
        exporting.register(commands)
        given = parser.parse_args([str(argument) for argument in arguments])
        with no_city():
            return int(given.run(given))

    return call


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of ten rows, three of an unknown service."""
    rows = [row(number, kind="Unicorn" if number < 4 else "Pothole") for number in range(1, 11)]
    (tmp_path / "mine.yaml").write_text(MAPPING)
    return write(tmp_path / "old.csv", rows)


def test_wrong_use_is_told_before_anything_is_read(
    run: Run, old: Path, tmp_path: Path, other_city: City
) -> None:
    mine = tmp_path / "mine.yaml"
    refused: list[tuple[type[Refusal], str, tuple[object, ...]]] = [
        (Invalid, "no such file", ("import", "requests", "nowhere.csv", "--format", mine)),
        (Invalid, "there is no format", ("import", "requests", old, "--format", "nothing")),
        (Invalid, "say which city", ("import", "requests", old, "--format", mine)),
        (NotFound, "there is no city",
         ("import", "requests", old, "--format", mine, "--city", "atlantis")),
        (Invalid, "only be imported", ("export", "requests", "--format", mine)),
        (Invalid, "--json needs --out",
         ("export", "requests", "--format", "open311-bulk", "--json")),
        (Invalid, "--since",
         ("export", "requests", "--format", "open311-bulk", "--city", "springfield",
          "--since", "soon")),
    ]  # fmt: skip
    for kind, words, arguments in refused:
        with pytest.raises(kind, match=words):
            run(*arguments)
    assert not Case.objects.exists()
    with pytest.raises(SystemExit) as ended:
        run("import", "requests", old)
    assert ended.value.code == 2


def test_an_import_says_what_it_did(
    run: Run, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft.yaml"
    command = ("import", "requests", old, "--format", tmp_path / "mine.yaml")
    assert run(*command, "--draft-services", draft) == 0
    said = capsys.readouterr().out
    assert "10 rows read: 7 new, 0 changed, 0 as they were, 0 repeated, 3 rejected" in said
    assert str(tmp_path / "old.csv.rejects.csv") in said
    assert "3  Unicorn" in said
    assert "no column for" not in said
    assert str(draft) in said
    assert "- code: unicorn" in draft.read_text()
    assert run(*command, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["unchanged"] == 7
    assert figures["unknown_services"] == {"Unicorn": 3}


def test_a_mistyped_column_and_a_word_that_did_not_close_are_named(
    run: Run, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MAPPING.replace("address: street", "address: stret") + "closed_when: done\n")
    assert run("import", "requests", old, "--format", mine) == 0
    said = capsys.readouterr().out
    assert "the file has no column for: address (stret)" in said
    assert "closed_when: 'closed' 5" in said


def test_a_place_where_rejects_cannot_go_is_named(run: Run, old: Path, tmp_path: Path) -> None:
    command = ("import", "requests", old, "--format", tmp_path / "mine.yaml")
    with pytest.raises(Invalid, match="say with --rejects"):
        run(*command, "--rejects", tmp_path / "no" / "such" / "folder.csv")
    assert not Case.objects.exists()


def test_without_rejected_rows_there_is_no_rejects_file(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "good.csv", [row(1)])
    (tmp_path / "mine.yaml").write_text(MAPPING)
    run("import", "requests", path, "--format", tmp_path / "mine.yaml")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["good.csv", "mine.yaml"]


def test_an_export_to_a_file_and_to_the_screen_say_the_same(
    run: Run, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", "requests", old, "--format", tmp_path / "mine.yaml")
    capsys.readouterr()
    out, gone = tmp_path / "out.csv", tmp_path / "gone.csv"
    command = ("export", "requests", "--format", "open311-bulk")
    assert run(*command, "--out", out, "--removed", gone) == 0
    assert "7 requests written to" in capsys.readouterr().out
    assert gone.read_text() == "service_request_id,removed_datetime\n"
    assert run(*command) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
    assert run(*command, "--out", tmp_path / "out.json", "--json") == 0
    assert json.loads(capsys.readouterr().out)["written"] == 7
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))) == 7


def test_a_photo_s_link_begins_with_the_city_s_first_host(city: City) -> None:
    CityHost.objects.create(city=city, host="second.example")
    with city_scope(city.pk):
        assert exporting._site(None, city) == "https://springfield.example"
    assert exporting._site("http://127.0.0.1:8311/", city) == "http://127.0.0.1:8311"


def test_an_export_that_fails_leaves_no_half_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("yesterday's")

    def fail(*given: object, **more: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(exporting, "write_csv", fail)
    with pytest.raises(Invalid, match=r"out\.csv: the disk is full; nothing was written"):
        run("export", "requests", "--format", "open311-bulk", "--out", out)
    assert out.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [out]
