"""Streets in the database: imports, two cities, what intake is given, geocoders outside."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamppost.cities.models import City
from lamppost.commands.checks import Level
from lamppost.commands.checks.machine import geocoder
from lamppost.database.fields import Point
from lamppost.database.scope import UnscopedQuery, city_scope, no_city
from lamppost.kernel.geo import Box, distance_m
from lamppost.kernel.refusals import Invalid
from lamppost.places.commands import add_import_parser
from lamppost.places.geocoding import loading
from lamppost.places.geocoding.adapters import outside_geocoder
from lamppost.places.geocoding.lookup import geocode, place_from_text, reverse, suggest
from lamppost.places.geocoding.matches import Match, MatchKind
from lamppost.places.geocoding.rows import KnownRow, SegmentRow
from lamppost.places.geocoding.services import replace_addresses, replace_streets
from lamppost.places.geocoding.tests.town import (
    as_csv,
    corner,
    micro,
    place,
    segments,
    street_file,
)
from lamppost.places.models import AddressBook, AddressPoint, Landmark, StreetSegment


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    loading._kept.clear()
    loading.forget_streets()


@pytest.fixture
def town(city: City) -> City:
    """The city in scope, with the streets of the invented town."""
    replace_streets(rows=segments(), source="town")
    loading.forget_streets()
    return city


def run(*arguments: str | Path) -> int:
    """Run the command as the shell would: no city is in scope."""
    parser = argparse.ArgumentParser(prog="lamppost")
    add_import_parser(parser.add_subparsers())
    with no_city():
        args = parser.parse_args([str(argument) for argument in arguments])
        code = int(args.run(args))
    loading.forget_streets()
    return code


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


RANGES = ("--name", "street", "--ranges", "lf,lt,rf,rt")


# Refusals


def test_streets_belong_to_a_city(city: City) -> None:
    with no_city(), pytest.raises(UnscopedQuery):
        replace_streets(rows=segments(), source="town")


def test_streets_of_another_continent_are_refused_and_nothing_is_lost(town: City) -> None:
    count = StreetSegment.objects.count()
    far = SegmentRow("CALLE 12", 1, 9, 2, 10, [-56_000_000, -34_000_000, -56_001_000, -34_000_000])
    with pytest.raises(Invalid, match="longitude first"):
        replace_streets(rows=[*segments(), far], source="far")
    assert StreetSegment.objects.count() == count
    assert AddressBook.objects.get().sources["streets"]["source"] == "town"


def test_a_file_without_rows_is_refused_and_nothing_is_lost(town: City) -> None:
    with pytest.raises(Invalid, match="no row"):
        replace_streets(rows=[], source="nothing")
    assert StreetSegment.objects.exists()


def test_wrong_use(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "s.geojson", street_file())
    table = write(tmp_path, "a.csv", as_csv(["A", "B"], [1, 2]))
    wrong: tuple[tuple[Sequence[str | Path], str], ...] = (
        (("streets", file), "--name"),
        (("streets", file, "--name", "title"), "Columns found: street, lf"),
        (("streets", file, "--name", "street", "--ranges", "lf,lt"), "4 columns"),
        (("intersections", table), "--streets"),
        (("intersections", table, "--streets", "A"), "2 columns"),
        (("addresses", table, "--number", "A"), "--number and --street"),
        (("landmarks", table), "--name"),
        (("street-names", table, "--name", "A"), "--written"),
        (("streets", file, *RANGES, "--city", "atlantis"), "--city: springfield"),
    )
    for arguments, words in wrong:
        assert run(*arguments) == 2, arguments
        assert words in capsys.readouterr().err
    assert run("streets", tmp_path / "nothing.geojson", *RANGES) == 1
    assert run("streets", write(tmp_path, "b.geojson", b"{}"), *RANGES) == 1
    assert "FeatureCollection" in capsys.readouterr().err
    assert not StreetSegment.objects.exists()


# Imports


def test_a_published_file_becomes_the_citys_streets_and_again_changes_nothing(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "s.geojson", street_file())
    for _time in range(2):
        assert run("streets", file, *RANGES, "--json") == 0
        result = json.loads(capsys.readouterr().out)
        assert result == {"what": "streets", "taken": len(segments()), "rejected": 0}
        assert StreetSegment.objects.count() == len(segments())
    book = AddressBook.objects.get()
    assert book.sources["streets"]["source"] == "s.geojson"
    assert geocode(city, "312 Aspen St")[0].label == "312 Aspen St"


def test_a_bad_row_is_reported_and_stops_nothing(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nameless = segments()[0]._replace(name="")
    file = write(tmp_path, "s.geojson", street_file(rows=[nameless, *segments()]))
    assert run("streets", file, *RANGES) == 0
    seen = capsys.readouterr()
    assert f"{file}: row 1 has no “street”" in seen.err
    assert "1 rejected" in seen.out


def test_everything_else_is_imported(
    town: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long, lat = corner(2, 5)
    far_long, far_lat = place(700, 20)
    files: tuple[tuple[str, bytes, tuple[str, ...]], ...] = (
        ("intersections", as_csv(["A", "B", "lon", "lat"], ["FERN CT", "ASPEN ST", long, lat]),
         ("--streets", "A,B")),
        ("addresses", as_csv(["address", "zip", "lon", "lat"],
                             ["312 ASPEN ST", "19103", far_long, far_lat], ["314 ASPEN ST"], ["x"]),
         ("--address", "address", "--zipcode", "zip")),
        ("landmarks", as_csv(["name", "address"], ["Clock Tower", "501 Aspen St"], ["Lost", "?"]),
         ("--name", "name", "--address", "address")),
        ("street-names", as_csv(["BIRCH ST", "BEECH ROAD"]),
         ("--no-header", "--name", "1", "--written", "2")),
    )  # fmt: skip
    for what, data, options in files:
        assert run(what, write(tmp_path, f"{what}.csv", data), *options) == 0, what
    assert "not found" in capsys.readouterr().err
    assert geocode(town, "Fern & Aspen")[0].kind == MatchKind.INTERSECTION
    exact = geocode(town, "312 Aspen")[0]
    assert (exact.kind, exact.zipcode) == (MatchKind.ADDRESS, "19103")
    assert AddressPoint.objects.get(number=314).point is None
    assert geocode(town, "clock tower")[0].kind == MatchKind.LANDMARK
    assert Landmark.objects.count() == 1
    assert geocode(town, "112 Beech Road")[0].label == "112 Birch St"
    assert set(AddressBook.objects.get().sources) == {
        "streets", "intersections", "addresses", "landmarks", "street-names"
    }  # fmt: skip


def test_spellings_of_one_street_are_one(town: City) -> None:
    rows = [
        KnownRow(name, number, "", "", micro(300, 515))
        for number, name in enumerate(("ASPEN ST", "Aspen Street", "aspen st."), start=301)
    ]
    assert replace_addresses(rows=rows, source="x") == 3
    assert set(AddressPoint.objects.values_list("street", flat=True)) == {"ASPEN ST"}
    assert geocode(town, "302 Aspen St")[0].kind == MatchKind.ADDRESS


def test_a_new_file_is_used_without_a_restart(town: City) -> None:
    assert geocode(town, "12 Quince St") == () or geocode(town, "12 Quince St")[0].score < 0.85
    renamed = [row._replace(name="QUINCE ST") for row in segments() if row.name == "ASPEN ST"]
    replace_streets(rows=[*segments(), *renamed], source="newer")
    loading.forget_streets()
    assert geocode(town, "312 Quince St")[0].label == "312 Quince St"


def test_the_streets_are_read_once(town: City) -> None:
    geocode(town, "312 Aspen St")
    with CaptureQueriesContext(connection) as queries:
        for text in ("314 Aspen St", "3rd & Aspen", "nowhere"):
            geocode(town, text)
            suggest(town, text)
            reverse(town, corner(2, 5))
    assert len(queries) == 0


# Two cities


def test_two_cities_do_not_mix(town: City, other_city: City) -> None:
    with city_scope(other_city.pk):
        replace_streets(
            rows=[
                row._replace(name=f"NEW {row.name}", line=[n + 1000 for n in row.line])
                for row in segments()
                if row.name == "ASPEN ST"
            ],
            source="other",
        )
    loading.forget_streets()
    assert StreetSegment.objects.count() == len(segments()), "an import replaces its own city's"
    assert geocode(town, "312 Aspen St")[0].label == "312 Aspen St"
    assert geocode(other_city, "312 New Aspen St")[0].label == "312 New Aspen St"
    assert all(match.label != "312 New Aspen St" for match in geocode(town, "312 New Aspen St"))
    assert [match.label for match in suggest(other_city, "aspen")] == ["New Aspen St"]
    assert suggest(other_city, "birch") == ()
    assert reverse(other_city, place(0, -300)) is None
    # Also when the caller has another city in scope, or none.
    with city_scope(other_city.pk):
        assert geocode(town, "312 Birch St")[0].label == "312 Birch St"
    with no_city():
        assert geocode(town, "312 Birch St")[0].label == "312 Birch St"


def test_a_city_without_streets_finds_nothing_and_fails_nowhere(city: City) -> None:
    assert geocode(city, "312 Aspen St") == ()
    assert suggest(city, "312 Asp") == ()
    assert reverse(city, corner(2, 5)) is None
    assert place_from_text(city, "312 Aspen St") is None


def test_the_least_used_city_is_forgotten_when_too_much_is_kept(
    town: City, other_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_MOST_SEGMENTS", 10)
    with city_scope(other_city.pk):
        replace_streets(rows=segments(), source="other")
    loading.forget_streets()
    geocode(town, "312 Aspen St")
    geocode(other_city, "312 Aspen St")
    assert list(loading._kept) == [other_city.pk]


# For intake


@pytest.mark.parametrize("text", ["312 Aspen St", "3rd & Aspen", "300 block of Aspen", "312 apsen"])
def test_what_is_sure_gives_a_place(text: str, town: City) -> None:
    point = place_from_text(town, text)
    assert point is not None
    assert distance_m(point, corner(2, 5)) < 130


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing was typed"),
        ("on the corner by the shop", "no street is named"),
        ("Aspen St", "a whole street is no place"),
        ("5000 Aspen St", "the street has no such number"),
        ("212 3rd St", "one such house is in the north and one in the south"),
        ("312 Zyzx St", "there is no such street"),
    ],
)
def test_what_is_unsure_gives_none(text: str, why: str, town: City) -> None:
    assert place_from_text(town, text) is None, why


# Outside


class Outside:
    """An outside geocoder that knows one place and remembers what it was asked."""

    asked: list[Any] = []

    def geocode(
        self, text: str, *, country: str, within: Box | None, limit: int
    ) -> Sequence[Match]:
        self.asked.append((text, country, within, limit))
        return [Match(Point(-75.16, 39.95), "Found Outside", MatchKind.ADDRESS, 0.9, 10)]

    def reverse(self, point: Point) -> Match | None:
        self.asked.append(point)
        return Match(point, "Somewhere", MatchKind.ADDRESS, 1.0, 10)


class Broken(Outside):
    def geocode(
        self, text: str, *, country: str, within: Box | None, limit: int
    ) -> Sequence[Match]:
        raise TimeoutError(f"no answer from https://geocoder.example/?q={text}")

    def reverse(self, point: Point) -> Match | None:
        raise TimeoutError("too slow")


@pytest.fixture
def outside(settings: Any) -> type[Outside]:
    settings.OUTSIDE_GEOCODER = f"{__name__}.Outside"
    Outside.asked.clear()
    return Outside


def test_nobody_outside_is_asked_what_the_city_knows(town: City, outside: type[Outside]) -> None:
    geocode(town, "312 Aspen St")
    geocode(town, "   ")
    suggest(town, "zzz")
    reverse(town, corner(2, 5))
    assert outside.asked == []


def test_outside_is_asked_for_the_rest(town: City, outside: type[Outside]) -> None:
    assert geocode(town, "1 Zyzzyva Plaza", limit=3)[0].label == "Found Outside"
    box = Box(-76.0, 39.0, -74.0, 41.0)
    assert outside.asked == [("1 Zyzzyva Plaza", "US", box, 3)]
    assert place_from_text(town, "1 Zyzzyva Plaza") == Point(-75.16, 39.95)
    found = reverse(town, (-70.0, 41.0))
    assert found is not None
    assert found.label == "Somewhere"


def test_a_failure_outside_is_logged_without_the_address(
    town: City, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OUTSIDE_GEOCODER = f"{__name__}.Broken"
    with caplog.at_level(logging.ERROR):
        assert all(match.score < 0.85 for match in geocode(town, "1 Zyzzyva Plaza"))
        assert reverse(town, (-70.0, 41.0)) is None
    assert "outside geocoder failed" in caplog.text
    assert "Zyzzyva" not in caplog.text


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{__name__}.Outsied", "does not define"),
        ("no.such.Geocoder", "No module named"),
        (f"{__name__}.Path", "has no geocode and no reverse"),
    ],
)
def test_a_mistyped_geocoder_is_named_and_no_lookup_fails_for_it(
    path: str, reason: str, town: City, settings: Any
) -> None:
    settings.OUTSIDE_GEOCODER = path
    with pytest.raises(Invalid, match=f"LAMPPOST_OUTSIDE_GEOCODER: {path} .*{reason}"):
        outside_geocoder()
    assert geocode(town, "1 Zyzzyva Plaza") == ()
    assert reverse(town, (-70.0, 41.0)) is None
    assert [(one.check, one.level) for one in geocoder()] == [("geocoder", Level.FAILURE)]
    settings.OUTSIDE_GEOCODER = f"{__name__}.Outside"
    assert [one.level for one in geocoder()] == [Level.OK]
