"""``work.yaml``: what is wrong with it is said with its place, what is right comes back."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import compare
from lamppost.packs.stored import stored_pack
from lamppost.work.models import MacroStep, WorkItem, WorkTemplate

RIVERBEND = Path(__file__).parents[4] / "cities" / "riverbend"

REPLY = "replies:\n  - {code: r, title: T, text: "
ITEM = "items:\n  - {code: i, service: road, department: clerk, title: T"
MACRO = "macros:\n  - code: m\n    title: T\n    steps:\n      - "


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the village's pack, to be spoiled."""
    return Path(copytree(RIVERBEND, tmp_path / "riverbend"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (REPLY + '"Ask {actor.email}"}', "which means nothing"),
        (REPLY + '"Case {number"}', "which means nothing"),
        (REPLY + "Hello, service: nowhere}", 'no service "nowhere"'),
        (REPLY + "Hello, outcome: nowhere}", 'no outcome "nowhere"'),
        (ITEM + ", within: 3}", 'only one of "within" and "unit"'),
        (ITEM + ", unit: hours}", 'only one of "within" and "unit"'),
        (ITEM + ", answers: {water: {flooding: ['yes']}}}", "answer of another service"),
        (ITEM + ", calendar: nowhere}", 'no calendar "nowhere"'),
        (MACRO + "do: dance", "dance"),
        (MACRO + "do: move", 'needs "status"'),
        (MACRO + "{do: move, status: closed}", "closed with an outcome"),
        (MACRO + "do: close", 'needs "outcome"'),
        (MACRO + "{do: close, outcome: duplicate}", "by hand"),
        (MACRO + "{do: close, outcome: done}\n      - do: take", "goes on after closing"),
        (MACRO + "do: note", 'needs "text" or "reply"'),
        (MACRO + "{do: item, item: nowhere}", 'no work item "nowhere"'),
        (MACRO + "{do: team, team: crew}", 'needs "department"'),
        (MACRO + "do: priority", 'needs "priority"'),
        ("macros:\n  - {code: m, title: T}", "has no steps"),
        ("chores: []", 'no part "chores"'),
    ],
)
def test_what_is_wrong_is_found(pack: Path, text: str, message: str) -> None:
    (pack / "work.yaml").write_text(text + "\n")
    found = [str(each) for each in check_pack(pack).findings.found]
    assert any(message in each and "work.yaml" in each for each in found), found


@pytest.mark.django_db
def test_what_a_case_has_used_is_retired_not_deleted(pack: Path) -> None:
    """An item of a case keeps its template; the pack that comes out no longer names it."""
    city = _apply(pack)
    with city_scope(city.pk):
        from lamppost.cases.reports import Report
        from lamppost.cases.services.intake import submit
        from lamppost.catalog.choices import Channel
        from lamppost.people.actors import ANONYMOUS

        submit(
            Report(service_code="water", channel=Channel.WEB, answers={"flooding": ("no",)}),
            actor=ANONYMOUS,
        )
        assert WorkItem.objects.get().checklist.count() == 2
    (pack / "work.yaml").unlink()
    _apply(pack)
    with city_scope(city.pk):
        assert not WorkTemplate.objects.get().is_active
        assert WorkItem.objects.get().checklist.count() == 2
        assert not MacroStep.objects.exists()
        reading = check_pack(pack)
        assert reading.pack is not None
        assert compare(stored_pack(city), reading.pack) == []


def _apply(folder: Path) -> City:
    reading = check_pack(folder)
    assert reading.pack is not None, reading.findings.found
    return apply_pack(pack=reading.pack).city
