"""A file brought into a city: what is written, what is said of the rest, again and again."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from lamppost.cases.choices import ClockState
from lamppost.cases.importing import run as runner
from lamppost.cases.importing.run import draft_services, import_requests
from lamppost.cases.importing.tally import Tally
from lamppost.cases.importing.tests.support import MAPPING, mapping, row, write
from lamppost.cases.models import Case, CaseEvent, CaseLink, Clock, ImportRun
from lamppost.cases.services.verify import verify
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.models import Area, AreaKind

COUNTED = ("read", "new", "changed", "unchanged", "repeated", "rejected", "skipped")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "requests.csv"


def bring(path: Path, **more: object) -> Tally:
    given = {"mapping": mapping(), "rejects": rejects_of(path)} | more
    return import_requests(path, **given)  # type: ignore[arg-type]


def rejects_of(path: Path) -> Path:
    return path.with_name("rejects.csv")


def rejected(path: Path) -> list[list[str]]:
    with rejects_of(path).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def counts(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in COUNTED if getattr(tally, name)}


@pytest.mark.usefixtures("city")
def test_a_file_of_other_columns_is_refused_and_writes_nothing(path: Path) -> None:
    path.write_text("ticket,what\n1,hole\n")
    with pytest.raises(Invalid, match="no column for number"):
        bring(path)
    assert not Case.objects.exists()


@pytest.mark.usefixtures("city")
def test_every_bad_row_is_named_and_the_others_come_in(path: Path) -> None:
    rows = [
        row(1),
        row(2, id=""),
        row(3, opened="someday"),
        row(4, kind="Unicorn"),
        row(5, lat="400", long="1"),
        row(6, id="6/7"),
        row(7),
    ]
    write(path, rows)
    with path.open("ab") as file:
        file.write(b"8,too,few\n9" + b",caf\xe9" * 14 + b"\n")
    tally = bring(path)
    assert counts(tally) == {"read": 9, "new": 2, "rejected": 7}
    assert [(line, number) for line, number, _reason in rejected(path)] == [
        ("3", ""), ("4", "3"), ("5", "4"), ("6", "5"), ("7", "6/7"), ("9", "8"), ("10", "9"),
    ]  # fmt: skip
    reasons = [reason for _line, _number, reason in rejected(path)]
    for reason, words in zip(
        reasons,
        ("no number", "'someday' is not a time", "'Unicorn' is not in the catalogue", "'400'",
         "cannot be a case number", "3 fields where the header has 15", "not UTF-8"),
        strict=True,
    ):  # fmt: skip
        assert words in reason
    assert tally.unknown.counts == {"Unicorn": 1}


@pytest.mark.usefixtures("city")
def test_a_number_that_is_no_text_does_not_break_the_rejects_file(path: Path) -> None:
    write(path, [row(1)])
    with path.open("ab") as file:
        file.write(b"\xff\xfe" + b"," * 14 + b"\n")
    assert counts(bring(path)) == {"read": 2, "new": 1, "rejected": 1}
    assert rejected(path)[0][1] == r"\udcff\udcfe"


@pytest.mark.usefixtures("city")
def test_what_a_case_holds_afterwards(path: Path) -> None:
    write(path, [row(1, closed="2025-01-20T10:00:00Z", changed="2025-01-20T10:00:00Z")])
    bring(path)
    case = Case.objects.select_related("service", "department", "outcome").get(number="1")
    assert (case.service.code, case.department.code, case.state) == ("TREE", "streets", "closed")
    assert (case.source, case.channel, case.visibility) == ("test", "import", "public")
    assert case.description == "Number 1: ñ 街 🕳"
    assert case.requested_at == datetime(2025, 1, 6, 16, tzinfo=UTC)
    assert case.closed_at == datetime(2025, 1, 20, 10, tzinfo=UTC)
    assert case.outcome is not None
    assert case.outcome.kind == "done"
    assert case.location == (-75.1999, 39.9001)
    clock = Clock.objects.get(case=case)
    assert (clock.state, clock.due_at) == (ClockState.MISSED, case.due_at)
    assert list(CaseEvent.objects.filter(case=case).values_list("kind", flat=True)) == [
        "imported", "closed",
    ]  # fmt: skip
    assert list(verify()) == []


@pytest.mark.usefixtures("city")
def test_again_doubles_nothing_and_writes_nothing(path: Path) -> None:
    write(path, (row(number) for number in range(1, 200)))
    assert counts(bring(path)) == {"read": 199, "new": 199}
    events = CaseEvent.objects.count()
    assert counts(bring(path)) == {"read": 199, "unchanged": 199}
    assert (Case.objects.count(), CaseEvent.objects.count()) == (199, events)


@pytest.mark.usefixtures("city")
def test_a_changed_row_brings_one_event(path: Path) -> None:
    write(path, [row(3), row(6)])
    bring(path)
    closed = "2025-02-01T12:00:00Z"
    write(path, [row(3, status="Closed", closed=closed, changed=closed, note="Filled"), row(6)])
    assert counts(bring(path)) == {"read": 2, "changed": 1, "unchanged": 1}
    case = Case.objects.get(number="3")
    assert (case.state, case.status_note) == ("closed", "Filled")
    assert list(case.events.values_list("kind", flat=True)) == ["imported", "closed"]
    assert Clock.objects.get(case=case).state == ClockState.MISSED
    assert list(verify()) == []


@pytest.mark.usefixtures("city")
def test_what_the_source_makes_private_is_private_here_and_stays_so(path: Path) -> None:
    write(path, [row(1), row(2)])
    bring(path)
    write(path, [row(1, private="true"), row(2)])
    bring(path)
    case = Case.objects.get(number="1")
    assert case.visibility == "private"
    assert list(case.events.values_list("kind", "audience"))[-1] == ("visibility", "staff")
    write(path, [row(1), row(2)])
    bring(path)
    assert Case.objects.get(number="1").visibility == "private"
    assert Case.objects.get(number="2").visibility == "public"
    assert list(verify()) == []


@pytest.mark.usefixtures("city")
def test_a_case_that_moved_lies_in_the_area_it_moved_to(path: Path) -> None:
    kind = AreaKind.objects.create(code="half", name={"en": "Half"})
    for code, west in (("west", -75.5), ("east", -75.0)):
        ring = [(west, 39), (west + 0.5, 39), (west + 0.5, 41), (west, 41), (west, 39)]
        boundary = {"type": "Polygon", "coordinates": [[list(corner) for corner in ring]]}
        Area.objects.create(kind=kind, code=code, name={"en": code}, boundary=boundary)
    write(path, [row(1, long="-75.25", lat="40")])
    bring(path)
    write(path, [row(1, long="-74.75", lat="40")])
    bring(path)
    inside = Case.objects.get(number="1").areas.values_list("area__code", flat=True)
    assert list(inside) == ["east"]


@pytest.mark.usefixtures("city")
def test_of_a_number_that_comes_twice_the_later_row_counts(path: Path) -> None:
    closed = "2025-02-01T12:00:00Z"
    write(path, [row(3), row(3, status="Closed", closed=closed, changed=closed)])
    assert counts(bring(path)) == {"read": 2, "new": 1, "repeated": 1}
    assert Case.objects.get(number="3").state == "closed"


@pytest.mark.usefixtures("city")
def test_a_duplicate_is_linked_to_the_case_it_repeats(path: Path) -> None:
    closed = "2025-01-07T12:00:00Z"
    duplicate = {"status": "Closed", "closed": closed, "changed": closed, "note": "Duplicate"}
    write(path, [row(1), row(2, parent="1", **duplicate), row(4, parent="99")])
    bring(path)
    link = CaseLink.objects.get()
    assert (link.from_case.number, link.to_case.number) == ("2", "1")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("at_once", [True, False], ids=["in one file", "one after the other"])
def test_of_two_that_name_each_other_one_repeats_the_other(path: Path, at_once: bool) -> None:
    pair = [row(1, parent="2"), row(2, parent="1")]
    for rows in [pair] if at_once else [pair[:1], pair[1:], pair]:
        write(path, rows)
        bring(path)
    link = CaseLink.objects.get()
    assert (link.from_case.number, link.to_case.number) == ("2", "1")


def test_the_same_numbers_in_another_city_are_other_cases(
    path: Path, city: City, other_city: City
) -> None:
    write(path, [row(1), row(2)])
    bring(path)
    with city_scope(other_city.pk):
        assert counts(bring(path)) == {"read": 2, "new": 2}
        assert Case.objects.count() == 2
    assert Case.objects.count() == 2


@pytest.mark.usefixtures("city")
def test_numbers_given_here_afterwards_do_not_meet_imported_ones(
    path: Path, file_case: object
) -> None:
    write(path, [row(5000)])
    bring(path)
    made = file_case()  # type: ignore[operator]
    assert int(made.number) > 5000


class Cut(Exception):
    """Stands for whatever ends a run."""


def cut_after(batches: int) -> object:
    seen = []

    def progress(tally: Tally, position: int) -> None:
        seen.append(position)
        if len(seen) == batches:
            raise Cut

    return progress


@pytest.mark.usefixtures("city")
def test_a_run_that_was_cut_off_is_taken_up_where_it_stopped(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    rows = [row(number, kind="Unicorn" if number % 7 == 0 else "Pothole") for number in range(100)]
    write(path, rows)
    with pytest.raises(Cut):
        bring(path, progress=cut_after(3))
    done = ImportRun.objects.get().rows_done
    assert 30 <= done < 100
    second = bring(path)
    assert second.skipped == done
    assert second.read == 100 - done
    assert Case.objects.count() == 85
    # Each rejected row is named once, whichever run met it.
    assert [number for _line, number, _why in rejected(path)] == [
        str(number) for number in range(0, 100, 7)
    ]
    run = ImportRun.objects.get()
    assert (run.rows_done, run.rows_new, run.rows_rejected) == (100, 85, 15)
    assert run.finished_at is not None


@pytest.mark.usefixtures("city")
def test_rejects_written_before_the_cut_are_not_written_twice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    write(path, [row(number, kind="Unicorn" if number % 2 else "Pothole") for number in range(60)])
    real, calls = runner.load_staged, []

    def load_and_fail(*given: object, **more: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise Cut
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "load_staged", load_and_fail)
    with pytest.raises(Cut):
        bring(path)
    bring(path)
    assert [number for _line, number, _why in rejected(path)] == [
        str(number) for number in range(1, 60, 2)
    ]
    assert Case.objects.count() == 30


@pytest.mark.usefixtures("city")
def test_a_file_all_on_one_line_keeps_its_rejects_when_taken_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    path = path.with_name("one-line.json")
    path.write_text(json.dumps([row(n, kind="Unicorn" if n % 7 == 0 else "Pothole")
                                for n in range(1, 60)]))  # fmt: skip
    with pytest.raises(Cut):
        bring(path, progress=cut_after(3))
    bring(path)
    assert [number for _line, number, _why in rejected(path)] == [
        str(number) for number in range(7, 60, 7)
    ]


@pytest.mark.usefixtures("city")
def test_what_a_mapping_may_have_got_wrong_is_told(path: Path) -> None:
    more = MAPPING.replace("  agency: agency\n", "  agency: [agncy, dept]\n")
    write(path, [row(1, status="Completed"), row(2), row(4, status="Completed")])
    tally = bring(path, mapping=mapping(more))
    assert tally.left_open == {"completed": 2}
    assert tally.absent == {"agency": ("agncy", "dept")}
    assert (tally.new, tally.rejected) == (3, 0)


@pytest.mark.usefixtures("city")
def test_spellings_the_catalogue_takes_for_one_are_one_service_in_the_draft(path: Path) -> None:
    long = "a very long name " * 20
    write(path, [row(1, kind="HEAT"), row(2, kind="Heat"), row(3, kind="Heat"), row(4, kind=long)])
    tally = bring(path)
    assert tally.unknown.counts == {"Heat": 3, long[:200].strip(): 1}
    drafted = yaml.safe_load(draft_services(tally) or "")["services"]
    assert [one["name"] for one in drafted] == ["Heat", long[:200].strip()]
    assert drafted[0]["code"] == "heat"


@pytest.mark.usefixtures("city")
def test_a_run_cut_off_after_its_last_row_keeps_its_rejects(path: Path) -> None:
    write(path, [row(1), row(2, kind="Unicorn")])
    with pytest.raises(Cut):
        bring(path, progress=cut_after(1))
    assert counts(bring(path)) == {"skipped": 2}
    assert len(rejected(path)) == 1


@pytest.mark.usefixtures("city")
def test_restart_and_another_mapping_begin_at_the_first_row(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    write(path, (row(number) for number in range(30)))
    for again in ({"restart": True}, {"mapping": mapping(name="other")}):
        with pytest.raises(Cut):
            bring(path, progress=cut_after(1))
        assert bring(path, **again).read == 30
        ImportRun.objects.all().delete()


@pytest.mark.usefixtures("city")
def test_a_column_that_is_no_service_does_not_fill_the_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamppost.cases.importing.unknown.MOST_SERVICES", 50)
    write(path, (row(number, kind=f"Thing {number}") for number in range(300)))
    tally = bring(path)
    assert len(tally.unknown.counts) == 51
    assert sum(tally.unknown.counts.values()) == tally.rejected == 300
