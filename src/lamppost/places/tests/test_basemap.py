"""The ground of the maps from a small file of one's own: what is refused, what is built."""

from __future__ import annotations

import gzip
import json
import os
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

from lamppost.cities.models import City
from lamppost.commands import basemap as command
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.places.basemap import build, store
from lamppost.places.basemap.ground import (
    NoColumn,
    Reading,
    major_rule,
    name_column,
    streets,
)
from lamppost.places.geocoding.files import FileRow
from lamppost.places.tests.files import as_file, collection, feature, square

LONG, LAT = -75.16, 39.95


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """An installation without maps."""
    settings.HOME = tmp_path / "home"
    return Path(settings.HOME)


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(place) for place in places]}


def block(at: int, name: str, **more: Any) -> dict[str, Any]:
    west = LONG + at / 1000
    return feature(line((west, LAT), (west + 0.001, LAT)), STREET=name, **more)


def town(folder: Path, *features: Any, name: str = "streets.geojson") -> Path:
    path = folder / name
    made = features or (block(0, "MAIN ST", CLASS="Major"), block(1, "MAIN ST", CLASS="Major"))
    data = as_file(collection(*made))
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def run(path: Path, **options: Any) -> int:
    given = {
        "file": path, "parks": None, "water": None, "name": "", "major": "",
        "no_tiles": False, "city": "", "json": True, **options,
    }  # fmt: skip
    return command.run(Namespace(**given))


# Refusals


@pytest.mark.parametrize(
    "slug",
    ["../other", "a/b", "", ".", "..", "a\x00b", "a.pmtiles", "ciudad ñ", "x" * 64, "-\n"],
)
def test_what_is_no_slug_is_never_a_file(slug: str, home: Path) -> None:
    (home / "maps").mkdir(parents=True)
    (home / "other.pmtiles").write_bytes(b"secret")
    assert store.tiles_file(slug) is None
    assert store.streets_file(slug) is None
    with pytest.raises(Invalid):
        store.tiles_path(slug)
    with pytest.raises(Invalid):
        build.build_streets(slug, [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no features"),
        (b"%PDF-1.7", "no features"),
        (b'{"type":"FeatureCollection","features":[', "middle of a feature"),
        (b'{"type":"FeatureCollection","features":[7]}', "no object"),
        (b'{"type":"FeatureCollection","features":[]}', "no street"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_of_anything_else_is_refused_with_the_reason(
    city: City, tmp_path: Path, home: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "streets.geojson"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=why):
        run(path)
    assert not list(home.glob("maps/*"))


def test_a_file_that_is_not_there_is_named(city: City, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nowhere\.geojson"):
        run(tmp_path / "nowhere.geojson")


def test_a_broken_file_of_parks_leaves_the_map_as_it_was(
    city: City, tmp_path: Path, home: Path
) -> None:
    path = town(tmp_path)
    run(path)
    before = (home / "maps" / "springfield.pmtiles").read_bytes()
    parks = tmp_path / "parks.geojson"
    parks.write_bytes(as_file(collection(feature(square(LONG, LAT))))[:-20])
    with pytest.raises(Invalid, match="middle of a feature"):
        run(path, parks=parks)
    assert [one.name for one in (home / "maps").iterdir()] == ["springfield.pmtiles"]
    assert (home / "maps" / "springfield.pmtiles").read_bytes() == before


def test_a_tiler_that_fails_is_told_and_leaves_the_map_as_it_was(
    tmp_path: Path, home: Path
) -> None:
    tool = tmp_path / "tippecanoe"
    tool.write_text("#!/bin/sh\necho disk is full >&2\nexit 3\n")
    tool.chmod(0o755)
    build.build_streets("springfield", [])
    with pytest.raises(Refusal, match="disk is full"):
        build.build_tiles("springfield", [], {}, tool=str(tool))
    assert [one.name for one in (home / "maps").iterdir()] == ["springfield.streets.geojson.gz"]


def test_tiles_of_another_kind_are_refused(tmp_path: Path, home: Path) -> None:
    tool = tmp_path / "tippecanoe"
    tool.write_text("#!/bin/sh\necho SQLite format 3 > ground.pmtiles\n")
    tool.chmod(0o755)
    with pytest.raises(Refusal, match="version 3"):
        build.build_tiles("springfield", [], {}, tool=str(tool))
    assert not list((home / "maps").iterdir())


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "is not a LineString"),
        (square(LONG, LAT), "is not a LineString"),
        ({"type": "LineString", "coordinates": None}, "no usable geometry"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "too few corners"),
        ({"type": "MultiLineString", "coordinates": []}, "no usable geometry"),
        (line((2_690_000.0, 236_000.0), (2_690_001.0, 236_000.0)), "not on earth"),
        (line((float("nan"), LAT), (LONG, LAT)), "not on earth"),
        ({"type": "LineString", "coordinates": [["x", 1], [1, 2]]}, "could not convert"),
    ],
)
def test_a_street_that_cannot_be_drawn_is_counted_with_the_reason(geometry: Any, why: str) -> None:
    reading = Reading()
    assert streets([FileRow(7, {}, geometry)], name="n", major=None, reading=reading) == []
    ((number, reason),) = reading.rejected
    assert number == 7
    assert why in reason


@pytest.mark.parametrize("wanted", ["NAME", "nothing"])
def test_a_name_column_that_is_not_there_is_refused(wanted: str) -> None:
    with pytest.raises(NoColumn, match="STREET, CLASS"):
        name_column(["STREET", "CLASS"], wanted)


@pytest.mark.parametrize("wanted", ["CLASS", "CLASS=", "CLASS=,", "OTHER=1", "="])
def test_a_rule_of_main_streets_that_says_nothing_is_refused(wanted: str) -> None:
    with pytest.raises(NoColumn, match="COLUMN=VALUE"):
        major_rule(["STREET", "CLASS"], wanted)


# What is built


def layers_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        assert any(True for _tile in all_tiles(MmapSource(file)))
        header, metadata = reader.header(), reader.metadata()
    # Anybody can read it: no folder of the machine it was built on.
    assert "/" not in metadata.get("generator_options", "")
    return {"header": header, "layers": {one["id"]: one for one in metadata["vector_layers"]}}


@pytest.mark.parametrize(
    "name", ["streets.geojson", "streets.geojson.gz", "; rm -rf $HOME '\" é.geojson"]
)
def test_a_small_town_becomes_tiles_whatever_its_file_is_called(
    city: City, tmp_path: Path, home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parks = town(tmp_path, feature(square(LONG, LAT)), name="parks of town.geojson")
    water = town(tmp_path, feature(square(LONG, LAT + 0.02)), name="water.geojson")
    assert run(town(tmp_path, name=name), parks=parks, water=water) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "tiles"
    assert told["taken"] == {"streets": 2, "parks": 1, "water": 1}
    path = home / "maps" / "springfield.pmtiles"
    assert told["bytes"] == path.stat().st_size
    found = layers_of(path)
    assert set(found["layers"]) == {"streets", "parks", "water"}
    assert set(found["layers"]["streets"]["fields"]) == {"name", "class"}
    header = found["header"]
    assert (header["min_zoom"], header["max_zoom"]) == (8, 15)
    assert header["min_lon_e7"] == pytest.approx(LONG * 1e7, abs=100)
    assert [one.name for one in (home / "maps").iterdir()] == ["springfield.pmtiles"]


def test_a_file_name_that_looks_like_an_option_is_a_file(
    city: City, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    town(tmp_path, name="--output=stolen.geojson")
    assert run(Path("--output=stolen.geojson")) == 0
    assert (home / "maps" / "springfield.pmtiles").exists()
    assert sorted(os.listdir(tmp_path)) == ["--output=stolen.geojson", "home"]


def light(home: Path) -> list[dict[str, Any]]:
    path = home / "maps" / "springfield.streets.geojson.gz"
    return list(json.loads(gzip.decompress(path.read_bytes()))["features"])


def test_without_the_tiler_streets_are_one_light_file(
    city: City, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "tiler", lambda: None)
    assert run(town(tmp_path), parks=tmp_path / "not even looked for.geojson") == 0
    (street,) = light(home)
    assert street["properties"] == {"name": "Main St", "class": "major"}
    # Two blocks that meet are one line, without the corner that is none.
    assert street["geometry"]["coordinates"] == [[[-75.16, 39.95], [-75.158, 39.95]]]


def test_one_kind_of_ground_takes_the_place_of_the_other(
    city: City, tmp_path: Path, home: Path
) -> None:
    path = town(tmp_path)
    run(path, no_tiles=True)
    assert store.streets_file("springfield")
    run(path)
    assert store.tiles_file("springfield")
    assert store.streets_file("springfield") is None
    run(path, no_tiles=True)
    assert store.tiles_file("springfield") is None


def test_the_ground_is_the_city_named(
    city: City, other_city: City, tmp_path: Path, home: Path
) -> None:
    with pytest.raises(Invalid, match="--city"):
        run(town(tmp_path))
    run(town(tmp_path), city=other_city.slug)
    assert [one.name for one in (home / "maps").iterdir()] == [f"{other_city.slug}.pmtiles"]


@pytest.mark.parametrize(
    ("columns", "wanted", "main"),
    [
        # What OpenStreetMap calls a main road.
        ([{"highway": "primary"}, {"highway": "residential"}], "", [True, False]),
        # What the US Census calls one.
        ([{"MTFCC": "S1200"}, {"MTFCC": "S1400"}], "", [True, False]),
        # As the city says, case aside.
        ([{"net": "State Road"}, {"net": "Local"}], "net=state road,toll", [True, False]),
    ],
)
def test_main_streets_are_told_by_the_file(
    columns: list[dict[str, str]], wanted: str, main: list[bool]
) -> None:
    rows = [
        FileRow(at, {"name": str(at), **more}, line((LONG, LAT + at), (LONG, LAT + at + 0.01)))
        for at, more in enumerate(columns)
    ]
    found = streets(rows, name="name", major=major_rule(columns[0], wanted), reading=Reading())
    assert [one.is_major for one in found] == main


def test_where_the_file_does_not_say_the_longest_streets_are_the_main_ones() -> None:
    rows = [
        FileRow(at, {"name": f"Side {at}"}, line((LONG, LAT + at), (LONG + 0.01, LAT + at)))
        for at in range(20)
    ]
    rows += [
        FileRow(100, {"name": "Long Street"}, line((LONG, LAT), (LONG + 0.045, LAT))),
        # Nameless pieces are many, not one long street.
        FileRow(101, {"name": ""}, line((LONG, LAT), (LONG + 3, LAT))),
    ]
    found = streets(rows, name="name", major=None, reading=Reading())
    assert [one.name for one in found if one.is_major] == ["Long Street"]
