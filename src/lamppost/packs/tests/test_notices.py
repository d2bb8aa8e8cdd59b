"""What a pack says in messages: only names that stand for something, applied and exported."""

from __future__ import annotations

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from lamppost.database.scope import city_scope
from lamppost.notify.choices import MessageChannel
from lamppost.notify.selectors.quiet_hours import quiet_hours
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import compare
from lamppost.packs.export import write_pack
from lamppost.packs.stored import stored_pack

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


QUIET = [
    ("channel: sms\n    hours: 22:00-07:30", "", "over midnight"),
    ("channel: push\n    hours: none", "", "at any hour"),
    ("channel: sms\n    hours: 22:00-22:00", "ends when it begins", "that would be always"),
    ("channel: fax\n    hours: 22:00-07:00", "fax", "no such channel"),
    ("channel: sms\n    hours: at night", "not a stretch", "times are wanted"),
]


def with_hours(tmp_path: Path, hours: str) -> Path:
    """A village that says when it is quiet."""
    folder = Path(shutil.copytree(CITIES / "riverbend", tmp_path / "riverbend"))
    (folder / "notices.yaml").write_text(f"quiet_hours:\n  - {hours}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("hours", "said", "why"), QUIET)
def test_quiet_hours_are_times(tmp_path: Path, hours: str, said: str, why: str) -> None:
    found = check_pack(with_hours(tmp_path, hours), today=TODAY).findings.errors
    errors = [str(each) for each in found]
    assert bool(errors) == bool(said), why
    assert all(said in error for error in errors), why


def test_quiet_hours_are_applied_and_come_back_the_same(tmp_path: Path, db: None) -> None:
    hours = "channel: push\n    hours: none\n  - channel: sms\n    hours: 22:00-07:30"
    wanted = check_pack(with_hours(tmp_path, hours), today=TODAY).pack
    assert wanted is not None
    city = apply_pack(pack=wanted).city
    with city_scope(city.pk):
        assert quiet_hours(MessageChannel.SMS) == (time(22), time(7, 30))
        assert quiet_hours(MessageChannel.PUSH) is None
        assert compare(stored_pack(city), wanted) == []
        write_pack(stored_pack(city), tmp_path / "out")
    again = check_pack(tmp_path / "out", today=TODAY).pack
    assert again is not None
    assert again.quiet_hours == wanted.quiet_hours
