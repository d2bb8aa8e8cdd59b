"""The command line: exit codes, where output goes, and what scripts read."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import pytest

from lamppost.cities.models import City
from lamppost.packs.commands import register

CITIES = Path(__file__).resolve().parents[4] / "cities"


def run(*words: str) -> int:
    """Run ``lamppost pack WORDS`` the way the command does."""
    parser = argparse.ArgumentParser(prog="lamppost")
    register(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["pack", *words])
    code: int = arguments.run(arguments)
    return code


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    folder = tmp_path / "riverbend"
    shutil.copytree(CITIES / "riverbend", folder)
    path = folder / "services" / "village.yaml"
    path.write_text(path.read_text().replace("location: none", "location: nowhere"))
    return folder


@pytest.mark.parametrize("words", [[], ["apply"], ["paint", "x"], ["check", "x", "--yes"]])
def test_wrong_use_ends_with_two(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2


def test_check_names_file_line_and_column(
    spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", str(spoiled)) == 1
    shown = capsys.readouterr()
    assert f"{spoiled}/services/village.yaml:89:15: " in shown.err
    assert shown.out == "2 errors, 0 warnings, 10 services.\n"


def test_check_needs_no_database_and_is_done_with_a_good_pack(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("check", str(CITIES / "riverbend")) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings, 12 services.\n"


def test_check_speaks_json(spoiled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(spoiled), "--json") == 1
    first = json.loads(capsys.readouterr().out)["errors"][0]
    assert (first["file"], first["line"], first["column"]) == ("services/village.yaml", 89, 15)
    assert first["hint"]


@pytest.mark.django_db
def test_a_pack_with_errors_is_not_applied(
    spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("apply", str(spoiled)) == 1
    assert "2 errors. Nothing was written." in capsys.readouterr().err
    assert not City.objects.exists()


@pytest.mark.django_db
def test_apply_then_diff_then_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = str(CITIES / "riverbend")
    assert run("diff", pack) == 1
    assert "+ services/snow" in capsys.readouterr().out
    assert run("apply", pack, "--json") == 0
    assert json.loads(capsys.readouterr().out)["counts"]["service"] == {"created": 12}
    assert run("apply", pack) == 0
    assert capsys.readouterr().out == "riverbend: nothing to change.\n"
    assert run("diff", pack) == 0
    assert capsys.readouterr().out == "riverbend: no difference.\n"
    assert run("export", str(tmp_path / "out")) == 0
    assert run("diff", str(tmp_path / "out")) == 0
    capsys.readouterr()
    assert run("export", str(tmp_path / "out")) == 1
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.django_db
def test_export_of_a_city_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", str(tmp_path / "out")) == 2
    assert "Apply a pack first" in capsys.readouterr().err
    assert run("export", str(tmp_path / "out"), "--city", "atlantis") == 2
    assert not (tmp_path / "out").exists()


def test_every_command_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("check", "apply", "diff", "export"):
        with pytest.raises(SystemExit):
            run(command, "--help")
        assert f"example: lamppost pack {command}" in capsys.readouterr().out
