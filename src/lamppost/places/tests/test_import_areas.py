"""``lamppost import areas``: exit codes, what it says, what it does."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lamppost.cities.models import City
from lamppost.database.scope import city_scope, no_city
from lamppost.places.commands import add_import_parser
from lamppost.places.models import Area, AreaKind
from lamppost.places.tests.files import (
    PUBLISHED,
    as_file,
    collection,
    feature,
    square,
    two_districts,
)


def run(*arguments: str | Path) -> int:
    """Run the command as the shell would: no city is in scope."""
    parser = argparse.ArgumentParser(prog="lamppost")
    add_import_parser(parser.add_subparsers())
    with no_city():
        args = parser.parse_args(["areas", *map(str, arguments)])
        return int(args.run(args))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "districts.geojson"
    path.write_bytes(two_districts())
    return path


KIND = ("--kind", "district", "--name", "District")


def test_wrong_use(city: City, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = (
        (("--kind", "No Good!", "--code-field", "DISTRICT"), "small letters"),
        ((*KIND,), "Properties found: DISTRICT, NAME. Try: --code-field DISTRICT"),
        ((*KIND, "--code-field", "DIST"), "no property “DIST”"),
        ((*KIND, "--code-field", "DISTRICT", "--name-field", "TITLE"), "no property “TITLE”"),
        ((*KIND, "--code-field", "DISTRICT", "--city", "atlantis"), "--city: springfield"),
    )
    for arguments, words in wrong:
        assert run(file, *arguments) == 2
        assert words in capsys.readouterr().err
    assert not AreaKind.objects.exists()


def test_which_city_must_be_said_where_there_are_several(
    city: City, other_city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(file, *KIND, "--code-field", "DISTRICT") == 2
    assert "shelbyville, springfield" in capsys.readouterr().err
    assert run(file, *KIND, "--code-field", "DISTRICT", "--city", "shelbyville") == 0
    assert not Area.objects.exists()
    with city_scope(other_city.pk):
        assert Area.objects.count() == 2


def test_without_any_city(db: None, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, *KIND, "--code-field", "DISTRICT") == 2
    assert "city pack" in capsys.readouterr().err


def test_a_missing_file_is_refused(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "nothing.geojson", *KIND, "--code-field", "A") == 1
    assert "No such file" in capsys.readouterr().err


def test_errors_name_file_line_and_feature(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.geojson"
    path.write_bytes(
        as_file(collection(feature(square(-75, 40), C="1"), feature(None, C="2"), feature(5, C=3)))
    )
    assert run(path, *KIND, "--code-field", "C") == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(f"{path}:4: feature 2: has no geometry")
    assert lines[1].startswith(f"{path}:5: feature 3: has a geometry of type")
    assert run(path, *KIND, "--code-field", "C", "--json") == 1
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert [(error["feature"], error["line"]) for error in errors] == [(2, 4), (3, 5)]
    assert not AreaKind.objects.exists()


def test_a_new_kind_without_a_name_is_refused(
    city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(file, "--kind", "district", "--code-field", "DISTRICT") == 1
    assert "give it a name" in capsys.readouterr().err


def test_a_file_becomes_the_citys_areas_and_again_changes_nothing(
    city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (file, *KIND, "--code-field", "DISTRICT", "--name-field", "NAME")
    assert run(*arguments) == 0
    assert "2 created" in capsys.readouterr().out
    first = Area.objects.get(code="1")
    assert (first.name, first.source) == ({"en": "First"}, "districts.geojson")
    assert not first.is_approximate
    assert run(*arguments, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["created"], result["unchanged"]) == (0, 2)


def test_options_reach_the_areas(city: City, tmp_path: Path) -> None:
    path = tmp_path / "limits.geojson.gz"
    part = square(-75.0, 39.9)
    path.write_bytes(
        gzip.compress(as_file(collection(feature(square(-75.2, 39.9), ID=1), feature(part, ID=1))))
    )
    options = ("--limits", "--approximate", "--join", "--source", "A map", "--language", "es")
    assert run(path, "--kind", "limits", "--name", "Límites", "--code-field", "ID", *options) == 0
    kind = AreaKind.objects.get()
    assert (kind.is_limits, kind.name) == (True, {"es": "Límites"})
    area = Area.objects.get()
    assert (area.name, area.source, area.is_approximate) == ({"es": "1"}, "A map", True)
    assert area.boundary is not None
    assert area.boundary["type"] == "MultiPolygon"


@pytest.mark.parametrize("data", PUBLISHED, ids=range(len(PUBLISHED)))
def test_a_published_file_is_imported_by_following_what_the_command_says(
    data: bytes, city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "published.geojson"
    path.write_bytes(data)
    assert run(path, *KIND) == 2
    suggested = capsys.readouterr().err.strip().rpartition("--code-field ")[2]
    assert run(path, *KIND, "--code-field", suggested) == 0
    capsys.readouterr()
    count = len(json.loads(data)["features"])
    assert Area.objects.filter(boundary__isnull=False).count() == count
    assert run(path, *KIND, "--code-field", suggested, "--json") == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == count


def test_the_database_is_there_while_the_command_works(city: City, file: Path) -> None:
    """The launcher lends its own way to have one; nothing is asked of it before or after."""
    calls: list[str] = []

    @contextmanager
    def database() -> Iterator[None]:
        calls.append("opened")
        yield
        calls.append("closed")

    parser = argparse.ArgumentParser(prog="lamppost")
    add_import_parser(parser.add_subparsers(), database=database)
    args = parser.parse_args(["areas", str(file), *KIND, "--code-field", "DISTRICT"])
    assert calls == []
    assert args.run(args) == 0
    assert calls == ["opened", "closed"]


def test_what_was_mended_is_said(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bow_tie = [[-75.0, 40], [-74.98, 40.02], [-74.98, 40], [-75.0, 40.02], [-75.0, 40]]
    path = tmp_path / "loop.geojson"
    path.write_bytes(
        as_file(collection(feature({"type": "Polygon", "coordinates": [bow_tie]}, C="1")))
    )
    assert run(path, *KIND, "--code-field", "C") == 0
    assert f"{path}:3: feature 1: was mended: Self-intersection" in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("--help")
    assert ended.value.code == 0
    assert "lamppost import areas districts.geojson --kind" in capsys.readouterr().out
