"""What a pack says in messages: only names that stand for something, applied and exported."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from lamppost.packs.check import check_pack

CITIES = Path(__file__).resolve().parents[4] / "cities"
TODAY = date(2026, 11, 22)

# One notice, and what the check says of it; '' for nothing.
NOTICES = [
    ('code: case_closed\n    sms: "{number}: {outcome}"', "", "names it may use"),
    ('code: case_closed\n    text: "Dear {name}"', "{name}", "a person's name is none of them"),
    ('code: case_received\n    sms: "{outcome}"', "{outcome}", "a receipt has no outcome"),
    ('code: case_sold\n    text: "Sold"', "case_sold", "no such notice"),
]


@pytest.mark.parametrize(("notice", "said", "why"), NOTICES)
def test_a_notice(tmp_path: Path, notice: str, said: str, why: str) -> None:
    folder = tmp_path / "riverbend"
    shutil.copytree(CITIES / "riverbend", folder)
    (folder / "notices.yaml").write_text(f"notices:\n  - {notice}\n", encoding="utf-8")
    errors = [str(each) for each in check_pack(folder, today=TODAY).findings.errors]
    assert bool(errors) == bool(said), why
    assert all(said in error and "notices.yaml:2" in error for error in errors), why
