"""What leaves a city: nothing private, nothing harmed, and all of it back again elsewhere."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.exporting.export import Wanted, write_csv, write_json, write_removed
from lamppost.cases.exporting.layout import find_layout
from lamppost.cases.importing.mapping import find_mapping
from lamppost.cases.importing.run import import_requests
from lamppost.cases.importing.tests.support import mapping, row, write
from lamppost.cases.models import Attachment, Case
from lamppost.cases.services.corrections import recategorize, set_visibility
from lamppost.cases.services.verify import verify
from lamppost.catalog.choices import State, Visibility
from lamppost.catalog.models import Status
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.people.choices import Role

# Columns of the file the city publishes, in its order.
PUBLISHED = (
    "objectid,service_request_id,subject,status,status_notes,service_name,service_code,"
    "agency_responsible,service_notice,requested_datetime,updated_datetime,expected_datetime,"
    "closed_datetime,address,zipcode,media_url,lat,lon,gdb_geomattr_data,service_type"
)
FORMATS = ("philadelphia", "open311-bulk")
SCRIPTS = "Piñata, 街灯坏了, مصباح مكسور, Фонарь, 🕳️ “quoted”\nsecond line"


def as_csv(name: str = "open311-bulk", **wanted: Any) -> str:
    file = io.StringIO()
    write_csv(file, find_layout(name), Wanted(**wanted))
    return file.getvalue()


def exported(name: str = "open311-bulk", **wanted: Any) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(as_csv(name, **wanted)))
    return {row["service_request_id"]: row for row in rows}


def removed(**wanted: Any) -> list[str]:
    file = io.StringIO()
    write_removed(file, find_layout("open311-bulk"), Wanted(**wanted))
    return [line.partition(",")[0] for line in file.getvalue().splitlines()[1:]]


@pytest.fixture
def filled(city: City, tmp_path: Path) -> City:
    """A city with twenty imported cases."""
    rows = [row(number) for number in range(1, 20)] + [row(20, text=SCRIPTS, note=SCRIPTS)]
    path = write(tmp_path / "filled.csv", rows)
    import_requests(path, mapping=mapping(), rejects=tmp_path / "rejects.csv")
    return city


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns:\n  number: a\n", "it can only be imported"),
        ("export:\n  columns: [a]\n", "columns: write one"),
        ("export:\n  columns:\n    a: nubmer\n", "did you mean 'number'"),
        ("export:\n  column: x\n", "did you mean 'columns'"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(Invalid, match=reason):
        find_layout(str(path))


@pytest.mark.usefixtures("filled")
def test_private_requests_stay_at_home() -> None:
    Case.objects.filter(number="1").update(visibility=Visibility.PRIVATE)
    assert "1" not in exported()
    assert "1" in exported(include_private=True)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", FORMATS)
def test_of_a_limited_request_nothing_a_person_wrote_or_did_is_told(name: str) -> None:
    Case.objects.filter(number="20").update(visibility=Visibility.LIMITED)
    told = exported(name)["20"]
    for column in ("description", "status_notes", "address", "lat", "lon", "long", "source"):
        assert not told.get(column)
    assert told["service_code"]
    assert told["requested_datetime"]
    assert exported(name, include_private=True)["20"]["status_notes"]


@pytest.mark.usefixtures("filled")
def test_another_citys_requests_stay_there(other_city: City) -> None:
    with city_scope(other_city.pk):
        assert exported() == {}


def test_the_columns_are_those_of_the_published_file_in_its_order(city: City) -> None:
    assert as_csv("philadelphia").strip() == PUBLISHED


@pytest.mark.usefixtures("filled")
def test_a_row_as_the_city_published_it() -> None:
    told = exported("philadelphia")["1"]
    assert told["objectid"] == "1"
    assert (told["status"], told["service_code"], told["service_name"]) == (
        "Closed", "TREE", "Street tree",
    )  # fmt: skip
    assert told["requested_datetime"] == "2025-01-06 16:00:00+00"
    # A promise is a day: midnight UTC of the day it ends in the city.
    assert told["expected_datetime"] == "2025-01-11 00:00:00+00"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", FORMATS)
def test_no_script_is_harmed(name: str) -> None:
    assert exported(name)["20"]["status_notes"] == SCRIPTS


@pytest.mark.usefixtures("filled")
def test_json_says_the_same_as_csv() -> None:
    file = io.StringIO()
    assert write_json(file, find_layout("open311-bulk"), Wanted()) == 20
    told = {row["service_request_id"]: row for row in json.loads(file.getvalue())}
    for number, values in exported().items():
        for column, value in values.items():
            other = told[number][column]
            assert ("" if other is None else str(other)) == value
    assert isinstance(told["1"]["lat"], float)


def test_an_empty_city_gives_an_empty_file(city: City) -> None:
    file = io.StringIO()
    assert write_json(file, find_layout("open311-bulk"), Wanted()) == 0
    assert json.loads(file.getvalue()) == []


@pytest.mark.usefixtures("filled")
def test_since_gives_only_what_changed() -> None:
    moment = timezone.now()
    assert exported(since=moment) == {}
    Case.objects.filter(number="7").update(updated_at=moment + timedelta(seconds=1))
    assert list(exported(since=moment)) == ["7"]


@pytest.mark.usefixtures("filled")
def test_a_photo_is_a_link_where_the_site_is_known_and_hidden_ones_are_not() -> None:
    case = Case.objects.get(number="1")
    Case.objects.filter(pk=case.pk).update(photo_count=2)
    for token, hidden in (("hid", True), ("shown", False)):
        Attachment.objects.create(
            case=case, token=token, path=token, sha256="", width=1, height=1, size=1,
            is_hidden=hidden, created_at=timezone.now(),
        )  # fmt: skip
    assert exported(site="https://x.example")["1"]["media_url"] == (
        "https://x.example/photos/shown.jpg"
    )
    assert exported()["1"]["media_url"] == ""


def test_what_was_public_and_is_not_any_more_is_named_and_nothing_else(
    filled: City, actor: Any
) -> None:
    supervisor = actor(Role.SUPERVISOR)
    start = timezone.now()
    ids = dict(Case.objects.values_list("number", "pk"))
    for number, visibility in (("1", Visibility.PRIVATE), ("2", Visibility.LIMITED)):
        set_visibility(
            case_id=ids[number], visibility=visibility, reason="A child", actor=supervisor
        )
    # Made private and public again: it is there.
    for visibility in (Visibility.PRIVATE, Visibility.PUBLIC):
        set_visibility(case_id=ids["4"], visibility=visibility, reason="Why", actor=supervisor)
    # To a private service: hidden by that.
    recategorize(case_id=ids["3"], service_code="POLICE", reason="A complaint", actor=supervisor)
    # Private from the first: nobody may learn that it exists.
    Case.objects.filter(number="6").update(visibility=Visibility.PRIVATE)
    assert removed() == ["1", "3"]
    assert removed(since=start) == ["1", "3"]
    assert removed(since=timezone.now()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_out_of_one_city_into_another_and_out_again_is_the_same_file(
    name: str, filled: City, other_city: City, tmp_path: Path
) -> None:
    first = as_csv(name)
    path = tmp_path / "out.csv"
    path.write_text(first, encoding="utf-8")
    # The same clock on the wall: a promise that is a day ends with that day.
    City.objects.filter(pk=other_city.pk).update(time_zone=filled.time_zone)
    with city_scope(other_city.pk):
        tally = import_requests(path, mapping=find_mapping(name), rejects=tmp_path / "rejected.csv")
        assert (tally.new, tally.rejected) == (20, 0)
        assert as_csv(name) == first


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", FORMATS)
def test_what_is_hidden_here_is_hidden_where_everything_is_moved_to(
    name: str, other_city: City, tmp_path: Path
) -> None:
    Case.objects.filter(number="1").update(visibility=Visibility.PRIVATE)
    Case.objects.filter(number="2").update(visibility=Visibility.LIMITED)
    file = io.StringIO()
    write_csv(file, find_layout(name).with_private(), Wanted(include_private=True))
    path = tmp_path / "all.csv"
    path.write_text(file.getvalue(), encoding="utf-8")
    with city_scope(other_city.pk):
        import_requests(path, mapping=find_mapping(name), rejects=tmp_path / "rejected.csv")
        assert not {"1", "2"} & set(exported(name))
        assert len(exported(name)) == 18


def test_an_open_status_keeps_its_name(filled: City, other_city: City, tmp_path: Path) -> None:
    status = Status.objects.filter(state=State.WAITING).first()
    assert status is not None
    Case.objects.filter(number="3").update(state=status.state, status=status)
    path = tmp_path / "out.csv"
    path.write_text(as_csv(), encoding="utf-8")
    with city_scope(other_city.pk):
        for _again in range(2):
            import_requests(
                path, mapping=find_mapping("open311-bulk"), rejects=tmp_path / "rejected.csv"
            )
            case = Case.objects.select_related("status").get(number="3")
            assert (case.state, case.status.name) == (State.WAITING, status.name)
        assert list(verify()) == []
        # A word the city has not is one of its usual statuses.
        path.write_text(path.read_text().replace(status.name["en"], "Nobody knows"))
        import_requests(
            path, mapping=find_mapping("open311-bulk"), rejects=tmp_path / "rejected.csv"
        )
        assert Case.objects.get(number="3").state == State.RECEIVED


def test_json_goes_into_another_city_too(filled: City, other_city: City, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with path.open("w", encoding="utf-8") as file:
        write_json(file, find_layout("open311-bulk"), Wanted())
    first = exported()
    with city_scope(other_city.pk):
        mapped = find_mapping("open311-bulk")
        tally = import_requests(path, mapping=mapped, rejects=tmp_path / "rejected.csv")
        assert (tally.new, tally.rejected) == (20, 0)
        assert exported() == first
