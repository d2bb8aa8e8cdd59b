"""Mapping files: what is wrong in one is named with the key and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from lamppost.cases.importing.mapping import find_mapping, parse_mapping
from lamppost.kernel.refusals import Invalid

COLUMNS = "columns:\n  number: id\n  requested_at: day\n  service_name: kind\n"
REFUSED = [
    ("nothing", "", "write `columns:`"),
    ("a list", "- a\n- b\n", "write `columns:`"),
    ("not YAML", "columns: [", "m.yaml"),
    ("an unknown key", COLUMNS + "closed_wen: x\n", "did you mean 'closed_when'"),
    ("an unknown field", COLUMNS + "  adress: street\n", "did you mean 'address'"),
    ("no number", "columns:\n  requested_at: day\n  service_name: kind\n", "is the number"),
    ("no time", "columns:\n  number: id\n  service_name: kind\n", "requested_at"),
    ("no service", "columns:\n  number: id\n  requested_at: day\n", "service_code or service_name"),
    ("columns that are a list", "columns: [a, b]\n", "columns: write one `name: value` a line"),
    ("an unknown outcome", COLUMNS + "outcomes:\n  fixed: [done]\n", "outcomes: unknown 'fixed'"),
    ("an unknown channel", COLUMNS + "channels:\n  fax: [fax]\n", "channels: unknown 'fax'"),
    ("an unknown time zone", COLUMNS + "time_zone: Mars/Olympus\n", "time_zone: 'Mars/Olympus'"),
    ("digits that are none", COLUMNS + "zipcode_digits: five\n", "zipcode_digits"),
    ("an unknown encoding", COLUMNS + "encoding: klingon\n", "encoding: 'klingon'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_mapping(text, name="m", source="m.yaml")
    assert reason in str(refused.value)
    assert str(refused.value).startswith("m.yaml")


def test_a_format_nobody_knows_names_those_that_are() -> None:
    with pytest.raises(Invalid, match="open311-bulk"):
        find_mapping("no-such-format")


def test_a_mapping_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"no such mapping file"):
        find_mapping(str(tmp_path / "mine.yaml"))


def test_three_lines_are_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(COLUMNS)
    mapping = find_mapping(str(path))
    assert mapping.name == "mine"
    assert mapping.columns_read == ("id", "day", "kind")
    assert mapping.closed_when == {"closed"}
