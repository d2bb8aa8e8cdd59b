"""Reading rows of published files, whole and broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lamppost.places.geocoding import files
from lamppost.places.geocoding.files import BadFile, FileRow, read_rows
from lamppost.places.geocoding.grammar import grammar_of
from lamppost.places.geocoding.reading import (
    BadRow,
    Columns,
    alias,
    crossing,
    known,
    landmark,
    segment,
)
from lamppost.places.geocoding.tests.town import as_csv, segments, street_file


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["s.geojson", "s.geojson.gz", "S.JSON"])
def test_features_are_read_one_by_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, name, street_file())
    whole = list(read_rows(path))
    assert len(whole) == len(segments())
    assert whole[0].columns["street"] == "BIRCH ST"
    monkeypatch.setattr(files, "_PIECE", 50)
    assert list(read_rows(path)) == whole, "however small the pieces are it is read in"


def test_csv_with_and_without_header(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv.gz", as_csv(["name", "Lat", "LON"], ["A", "40.5", "-75.5"]))
    (row,) = read_rows(path)
    assert row.geometry == {"type": "Point", "coordinates": [-75.5, 40.5]}
    assert row.text("name") == "A"
    rows = list(read_rows(path, header=False))
    assert [one.text("1") for one in rows] == ["name", "A"]
    assert [one.number for one in rows] == [1, 2]


def test_parquet_where_it_can_be_read(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"street": ["A", "B"], "n": [1.0, 2.5]}), path)
    assert [(row.text("street"), row.whole("n")) for row in read_rows(path)] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.geojson", b""),
        ("no_features.geojson", b'{"type": "Feature"}'),
        ("cut.geojson", b'{"features": [{"type": "Feature", "prop'),
        ("words.geojson", b'{"features": [nonsense'),
        ("numbers.geojson", b'{"features": [1, 2]}'),
        ("latin.csv", "name\nJosé".encode("latin-1")),
        ("not_gzip.csv.gz", None),
        ("deep.geojson", b'{"features": [' + b"[" * 100_000),
    ],
)
def test_broken_files_are_refused_with_a_reason(
    name: str, data: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(b"plain" if data is None else data)
    with pytest.raises(BadFile) as refused:
        list(read_rows(path))
    assert str(refused.value)


def test_an_empty_csv_has_no_rows(tmp_path: Path) -> None:
    assert list(read_rows(write(tmp_path, "a.csv", b""))) == []


LINE = {"type": "LineString", "coordinates": [[-75, 40], [-75.001, 40]]}
POINT = {"type": "Point", "coordinates": [-75, 40]}
US = grammar_of("US")


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "no line"),
        (POINT, "no line"),
        ({"type": "LineString", "coordinates": [[-75, 40]]}, "two points"),
        ({"type": "LineString", "coordinates": [[-75, 40], ["x", 1]]}, "no pair"),
        ({"type": "LineString", "coordinates": [[2700000, 240000], [1, 1]]}, "WGS 84"),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "not on earth"),
        ({"type": "LineString", "coordinates": None}, "two points"),
    ],
)
def test_a_block_needs_a_line_on_earth(geometry: dict[str, object] | None, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        segment(FileRow(1, {"n": "A ST"}, geometry), Columns(name="n"))


def test_a_block_needs_a_name_that_fits() -> None:
    for name in ("", "   ", "A" * 121):
        with pytest.raises(BadRow):
            segment(FileRow(1, {"n": name}, LINE), Columns(name="n"))


def test_names_join_columns_and_numbers_may_be_written_anyhow() -> None:
    columns = Columns(name="d+n+t", ranges=("a", "b", "c", "e"), zips=("z", "z"))
    row = FileRow(
        1,
        {"d": "", "n": "BIRCH", "t": "ST", "a": "101.0", "b": None, "c": "x", "e": -4, "z": 19103},
        LINE,
    )
    found = segment(row, columns)
    assert found[:5] == ("BIRCH ST", 101, 0, 0, 0)
    assert (found.zip_left, found.zip_right) == ("19103", "19103")


def test_of_several_lines_the_longest_is_taken() -> None:
    geometry = {
        "type": "MultiLineString",
        "coordinates": [[[-75, 40], [-75.0001, 40]], LINE["coordinates"]],
    }
    assert segment(FileRow(1, {"n": "A ST"}, geometry), Columns(name="n")).line[2] == -75_001_000


def test_an_area_is_known_by_its_middle() -> None:
    ring = [[[-75, 40], [-74, 40], [-74, 41], [-75, 41], [-75, 40]]]
    row = FileRow(1, {"n": "Park"}, {"type": "Polygon", "coordinates": ring})
    found, is_placed = landmark(row, Columns(name="n"))
    assert is_placed
    assert (found.x, found.y) == (-74_500_000, 40_500_000)


@pytest.mark.parametrize(
    ("text", "street", "number", "suffix"),
    [
        ("1200-02 MARKET ST", "MARKET ST", 1200, ""),
        ("2026R S 70TH ST", "S 70TH ST", 2026, "r"),
        ("1118 1/2 N 40TH ST", "N 40TH ST", 1118, ""),
    ],
)
def test_whole_addresses(text: str, street: str, number: int, suffix: str) -> None:
    found = known(FileRow(1, {"a": text}), Columns(address="a"), US)
    assert found == (street, number, suffix, "", None)


def test_addresses_in_parts() -> None:
    columns = Columns(number="n", street="s", zipcode="z")
    row = FileRow(1, {"n": 12.0, "s": "Birch St", "z": "19103"}, POINT)
    assert known(row, columns, US) == ("Birch St", 12, "", "19103", (-75_000_000, 40_000_000))


@pytest.mark.parametrize("text", ["", "MARKET ST", "0 MARKET ST", "5TH ST"])
def test_an_address_without_a_number_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="house number"):
        known(FileRow(1, {"a": text}), Columns(address="a"), US)


def test_other_rows_say_what_they_lack() -> None:
    with pytest.raises(BadRow, match="“b”"):
        crossing(FileRow(1, {"a": "A ST"}, POINT), Columns(streets=("a", "b")))
    with pytest.raises(BadRow, match="no place"):
        crossing(FileRow(1, {"a": "A ST", "b": "B ST"}), Columns(streets=("a", "b")))
    with pytest.raises(BadRow, match="neither"):
        landmark(FileRow(1, {"n": "Hall"}), Columns(name="n"))
    found = alias(
        FileRow(1, {"w": "OLD", "n": "NEW", "a": 9, "b": 5}),
        Columns(written="w", name="n", ranges=("a", "b")),
    )
    assert found == ("OLD", "NEW", 5, 9)
