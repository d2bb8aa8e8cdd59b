"""Files as they come: damaged, packed, in other encodings, and what is said about them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from lamppost.cases.importing.files import Row, Rows, file_digest
from lamppost.kernel.refusals import Invalid

COLUMNS = ("id", "text")
NEEDED = (("number", ("id", "ID")),)


def read(path: Path, content: str | bytes, encoding: str = "utf-8") -> list[Row]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(Rows(path, COLUMNS, needed=NEEDED, encoding=encoding))


def good(rows: list[Row]) -> list[tuple[int, str, str]]:
    return [(row.line, row.values[0], row.values[1]) for row in rows if not row.problem]


REFUSED = [
    ("an empty file", "x.csv", "", "the file is empty"),
    ("a workbook", "x.xlsx", "PK\x03\x04\x14", "save it as CSV first"),
    ("a file without the number", "x.csv", "key,text\n1,a\n",
     "no column for number (id or ID); the file has key, text"),
    ("a header that names a column twice", "x.csv", "id,text,text\n1,a,b\n",
     "column 'text' stands there 2 times"),
    ("a file that only claims to be packed", "x.csv.gz", "id,text\n1,a\n", "gzip"),
    ("an empty JSON file", "x.json", "", "there is no object in this file; each needs id"),
    ("an empty array", "x.json", "[]", "there is no object in this file"),
    ("JSON that is no object", "x.json", "", "there is no object"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused_with_the_name_of_the_file(
    name: str, content: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match=re.escape(reason)) as refused:
        read(tmp_path / name, content)
    assert name in str(refused.value)


DAMAGED = [
    ("a row with a field too few", "id,text\n1,a\n2\n3,c\n",
     (3, "1 fields where the header has 2"), ["1", "3"]),
    ("a row with a field too many", "id,text\n1,a\n2,b,c\n3,c\n",
     (3, "3 fields where the header has 2"), ["1", "3"]),
    ("the header in the middle, of two files put together", "id,text\n1,a\nid,text\n3,c\n",
     (3, "the header once more"), ["1", "3"]),
    ("a quote that is never closed does not swallow the rows after it",
     'id,text\n1,a\n2,"never\n3,c\n4,d\n', (3, "a quote is opened and never closed"),
     ["1", "3", "4"]),
    ("a quote that closes rows later does not swallow them either",
     'id,text\n1,a\n2,"never\n3,c\n4,d" x\n5,e\n', (3, "not CSV"), ["1", "3", "4", "5"]),
    ("a field of a megabyte", "id,text\n1,a\n2," + "x" * 1_000_001 + "\n3,c\n",
     (3, "longer than 100,000 characters"), ["1", "3"]),
    ("a line of three megabytes is not held", "id,text\n1,a\n2," + "x," * 1_500_000 + "\n3,c\n",
     (3, "fields where the header has 2"), ["1", "3"]),
    ("bytes that are not UTF-8", b"id,text\n1,a\n2,caf\xe9\n3,c\n",
     (3, "the row is not UTF-8"), ["1", "3"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem", "taken"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED]
)
def test_a_damaged_row_stops_nothing(
    content: str | bytes, problem: tuple[int, str], taken: list[str], tmp_path: Path
) -> None:
    rows = read(tmp_path / "x.csv", content)
    bad = [row for row in rows if row.problem]
    assert bad[0].line == problem[0]
    assert problem[1] in bad[0].problem
    assert [number for _line, number, _text in good(rows)][: len(taken)] == taken


SAME = [
    ("commas", "id,text\n1,a\n2,b\n"),
    ("semicolons", "id;text\n1;a\n2;b\n"),
    ("tabs", "id\ttext\n1\ta\n2\tb\n"),
    ("bars", "id|text\n1|a\n2|b\n"),
    ("a byte order mark", "\ufeffid,text\n1,a\n2,b\n"),
    ("lines ended as on Windows", "id,text\r\n1,a\r\n2,b\r\n"),
    ("lines ended as on old Macs", "id,text\r1,a\r2,b\r"),
    ("no end of the last line", "id,text\n1,a\n2,b"),
    ("everything quoted", '"id","text"\n"1","a"\n"2","b"\n'),
    ("blanks around the names", " id , text \n1,a\n2,b\n"),
    ("other columns and another order", "x,text,y,id\nq,a,,1\nq,b,,2\n"),
    ("empty fields at the end", "id,text\n1,a,,\n2,b,\n"),
    ("UTF-16 as spreadsheets write it", "id\ttext\n1\ta\n2\tb\n".encode("utf-16")),
]


@pytest.mark.parametrize("content", [row[1] for row in SAME], ids=[row[0] for row in SAME])
def test_the_same_rows_however_they_are_written(content: str | bytes, tmp_path: Path) -> None:
    assert good(read(tmp_path / "x.csv", content)) == [(2, "1", "a"), (3, "2", "b")]


def test_empty_lines_are_no_rows(tmp_path: Path) -> None:
    assert good(read(tmp_path / "x.csv", "id,text\n\n1,a\n\n\n2,b\n\n")) == [
        (3, "1", "a"),
        (6, "2", "b"),
    ]


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    rows = read(tmp_path / "x.csv", 'id,text\n1,"a\nb\nc"\n2,d\n')
    assert good(rows) == [(2, "1", "a\nb\nc"), (5, "2", "d")]


def test_a_column_the_file_lacks_is_empty(tmp_path: Path) -> None:
    assert good(read(tmp_path / "x.csv", "id\n1\n2\n")) == [(2, "1", ""), (3, "2", "")]


def test_packed_files_read_the_same(tmp_path: Path) -> None:
    packed = gzip.compress("id,text\n1,ü\n".encode())
    assert good(read(tmp_path / "x.csv.gz", packed)) == [(2, "1", "ü")]


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    rows = read(tmp_path / "x.csv", "id,text\n1,Straße\n".encode("cp1252"), encoding="cp1252")
    assert good(rows) == [(2, "1", "Straße")]


OBJECTS = [{"id": 1, "text": "a"}, {"id": "2", "text": "b [c] {d}"}]
JSON = [
    ("an array", json.dumps(OBJECTS)),
    ("an array over many lines", json.dumps(OBJECTS, indent=2)),
    ("one object a line", "\n".join(map(json.dumps, OBJECTS))),
    ("wrapped, with something before and after it",
     json.dumps({"meta": {"n": 2}, "requests": OBJECTS, "more": [1, 2]})),
    ("a byte order mark", "\ufeff" + json.dumps(OBJECTS)),
]  # fmt: skip


@pytest.mark.parametrize("content", [row[1] for row in JSON], ids=[row[0] for row in JSON])
def test_json_however_it_is_wrapped(content: str, tmp_path: Path) -> None:
    rows = read(tmp_path / "x.json", content)
    assert [row.problem for row in rows] == ["", ""]
    assert [list(row.values) for row in rows] == [["1", "a"], ["2", "b [c] {d}"]]


def test_geojson_gives_properties_and_place(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    point = {"type": "Point", "coordinates": [8.5, 47.4]}
    feature = {"type": "Feature", "properties": {"id": 1}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (row,) = Rows(path, ("id", "long", "lat"))
    assert list(row.values) == ["1", "8.5", "47.4"]


def test_a_damaged_object_stops_nothing(tmp_path: Path) -> None:
    content = '[{"id": 1, "text": "a"},\n{"id": 2, "text": b},\n{"id": 3, "text": "c"},\n7]'
    rows = read(tmp_path / "x.json", content)
    assert [(row.line, row.problem[:8]) for row in rows] == [
        (1, ""), (2, "not JSON"), (3, ""), (4, "not a JS"),
    ]  # fmt: skip
    assert [row.values[0] for row in rows if not row.problem] == ["1", "3"]


def test_objects_across_the_pieces_a_file_is_read_in(tmp_path: Path) -> None:
    objects = [{"id": number, "text": "x" * 1000} for number in range(2000)]
    rows = read(tmp_path / "x.json", json.dumps(objects))
    assert [row.values[0] for row in rows] == [str(number) for number in range(2000)]
    assert {row.problem for row in rows} == {""}


def test_a_file_is_told_from_another_by_its_ends_and_its_mapping(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a" * 3_000_000)
    first = file_digest(path, "mapping")
    assert first == file_digest(path, "mapping")
    assert first != file_digest(path, "another mapping")
    path.write_bytes(b"a" * 2_999_999 + b"b")
    assert first != file_digest(path, "mapping")


def test_the_position_reaches_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,text\n" + "1,a\n" * 10_000)
    rows = Rows(path, COLUMNS)
    seen = [rows.position for _row in rows]
    assert seen == sorted(seen)
    assert rows.position == rows.size == path.stat().st_size
