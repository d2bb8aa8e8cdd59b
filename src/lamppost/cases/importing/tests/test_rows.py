"""One row at a time: what is refused and why, what is taken and as what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lamppost.cases.importing.mapping import FIELDS, parse_mapping
from lamppost.cases.importing.past import PastCase
from lamppost.cases.importing.rows import Catalogue, RowProblem, RowReader, UnknownService
from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.kernel.refusals import Invalid

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BERLIN, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago")
COLUMNS = "columns:\n" + "".join(f"  {name}: {name}\n" for name in FIELDS)
GOOD = {"number": "1", "service_name": "Pothole", "requested_at": "2026-05-01T10:00:00Z"}


def reader(more: str = "", zone: ZoneInfo = BERLIN, local_until: date | None = None) -> RowReader:
    catalogue = Catalogue(
        service_of=lambda code, name: {"pothole": "HOLE", "hole": "HOLE"}.get(
            (code or name).lower()
        ),
        department_of=lambda name: {"Streets": "streets"}.get(name, ""),
        status_of=lambda name, is_closed: "" if is_closed else {"Looked at": "seen"}.get(name, ""),
    )
    mapping = parse_mapping(COLUMNS + more, name="test", source="test.yaml")
    return RowReader(mapping, catalogue, zone=zone, now=NOW, local_until=local_until)


def take(more: str = "", zone: ZoneInfo = BERLIN, **fields: str) -> PastCase:
    taker = reader(more, zone)
    row = GOOD | fields
    return taker.read([row.get(name, "") for name in taker.columns])


REFUSED = [
    ("no number", {"number": ""}, "no number"),
    ("a number that is a word for nothing", {"number": "NaN"}, "no number"),
    ("a number too long", {"number": "9" * 41}, "cannot be a case number"),
    ("a number with a slash, which no address can hold", {"number": "1/2"}, "case number"),
    ("a number with a control character", {"number": "1\x002"}, "case number"),
    ("no time of request", {"requested_at": ""}, "no time of request"),
    ("a time of request that is none", {"requested_at": "yesterday"},
     "requested_at: 'yesterday' is not a time"),
    ("a day that does not exist", {"requested_at": "2026-02-30"}, "is not a time"),
    ("a time of request before all computers", {"requested_at": "0001-01-01"},
     "requested_at: '0001-01-01' cannot be right"),
    ("a time of request that has not come", {"requested_at": "2026-07-01"},
     "requested_at: '2026-07-01' lies in the future"),
    ("a time of closing that has not come",
     {"status": "closed", "closed_at": "2026-07-01"}, "closed_at: '2026-07-01' lies in the future"),
    ("a time of closing that is none", {"status": "closed", "closed_at": "soon"},
     "closed_at: 'soon' is not a time"),
    ("a due date that is none", {"due_at": "soon"}, "due_at: 'soon' is not a time"),
    ("a due date of the year 9999", {"due_at": "9999-12-31"}, "due_at: '9999-12-31' cannot"),
    ("no service at all", {"service_name": ""}, "no service"),
    ("an unknown service", {"service_name": "Unicorns"},
     "service 'Unicorns' is not in the catalogue"),
    ("latitude and longitude swapped", {"lat": "-122.4", "long": "37.8"}, "swapped"),
    ("a latitude that is no number", {"lat": "north", "long": "8.5"}, "'north'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(RowProblem) as refused:
        take(**fields)
    assert reason in str(refused.value)


TAKEN: list[tuple[str, dict[str, str], str, Any]] = [
    ("a number a spreadsheet wrote", {"number": "9045405.0"}, "number", "9045405"),
    ("a number with letters", {"number": "14-00293539"}, "number", "14-00293539"),
    ("blanks around the number", {"number": "  7 "}, "number", "7"),
    ("a time without offset is the city's", {"requested_at": "2026-01-01 10:00:00"},
     "requested_at", datetime(2026, 1, 1, 9, tzinfo=UTC)),
    ("a time with another offset", {"requested_at": "2026-01-01T10:00:00-05:00"},
     "requested_at", datetime(2026, 1, 1, 15, tzinfo=UTC)),
    ("a time as databases write it", {"requested_at": "2026-01-01 10:00:00+00"},
     "requested_at", datetime(2026, 1, 1, 10, tzinfo=UTC)),
    ("an American time", {"requested_at": "03/01/2026 02:30:00 PM"},
     "requested_at", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
    ("a day is its first moment", {"requested_at": "2026-01-02"},
     "requested_at", datetime(2026, 1, 1, 23, tzinfo=UTC)),
    ("milliseconds since 1970", {"requested_at": "1767258000000"},
     "requested_at", datetime(2026, 1, 1, 9, tzinfo=UTC)),
    ("seconds since 1970", {"requested_at": "1767258000"},
     "requested_at", datetime(2026, 1, 1, 9, tzinfo=UTC)),
    ("of the hour that comes twice the first", {"requested_at": "2025-10-26 02:30:00"},
     "requested_at", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ("the hour that is left out is the next", {"requested_at": "2026-03-29 02:30:00"},
     "requested_at", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ("an open case has no time of closing", {"status": "Open", "closed_at": "2026-05-02"},
     "closed_at", None),
    ("closed before it was requested: at once",
     {"status": "Closed", "closed_at": "2026-04-30T00:00:00Z"},
     "closed_at", datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ("closed without a time: at the last change",
     {"status": "Closed", "updated_at": "2026-05-03T00:00:00Z"},
     "closed_at", datetime(2026, 5, 3, tzinfo=UTC)),
    ("changed before it was requested", {"updated_at": "2020-01-01"},
     "updated_at", datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ("an open case has no outcome", {"outcome": "anything"}, "outcome", None),
    ("an agency the city knows", {"agency": "Streets"}, "agency", "streets"),
    ("an agency the city does not know", {"agency": "Moon Office"}, "agency", ""),
    ("0, 0 is what programs write for nowhere", {"lat": "0.0", "long": "0"}, "point", None),
    ("half a place is none", {"lat": "47.4"}, "point", None),
    ("a place", {"lat": "47.4", "long": "8.5"}, "point", (8.5, 47.4)),
    ("a zip code a spreadsheet wrote", {"zipcode": "19122.0"}, "zipcode", "19122"),
    ("a foreign zip code stays", {"zipcode": "SW1A 1AA"}, "zipcode", "SW1A 1AA"),
    ("a link that is none", {"media_url": "javascript:alert(1)"}, "media_url", ""),
    ("a link", {"media_url": "https://example.org/1.jpg"}, "media_url",
     "https://example.org/1.jpg"),
    ("a parent a spreadsheet wrote", {"duplicate_of": "12.0"}, "duplicate_of", "12"),
    ("a parent that is no number", {"duplicate_of": "see / above"}, "duplicate_of", ""),
    ("private as a flag", {"private": "TRUE"}, "is_private", True),
    ("private as a number", {"private": "1.0"}, "is_private", True),
    ("not private", {"private": "0"}, "is_private", False),
    ("every script is kept", {"description": "Niño 街灯 مصباح 🕳️"}, "description",
     "Niño 街灯 مصباح 🕳️"),
    ("a NUL is left out", {"description": "a\x00b"}, "description", "ab"),
    ("no channel known", {"channel": "Carrier pigeon"}, "channel", Channel.IMPORT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field", "expected"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_taken(fields: dict[str, str], field: str, expected: object) -> None:
    assert getattr(take(**fields), field) == expected


OPTIONS: list[tuple[str, str, dict[str, str], str, Any]] = [
    ("words that mean closed", "closed_when: [Done, Duplicate (Closed)]\n",
     {"status": "duplicate (closed)"}, "closed_at", datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ("other words do not", "closed_when: [Done]\n", {"status": "closed"}, "closed_at", None),
    ("history without a status is closed", "closed_without_status: true\n", {},
     "closed_at", datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ("a status that is there counts all the same", "closed_without_status: true\n",
     {"status": "Open"}, "closed_at", None),
    ("a prefix keeps two systems' numbers apart", "number_prefix: A-\n", {}, "number", "A-1"),
    ("a prefix is part of the parent too", "number_prefix: A-\n", {"duplicate_of": "2"},
     "duplicate_of", "A-2"),
    ("zeros a spreadsheet took off", "zipcode_digits: 5\n", {"zipcode": "2121.0"},
     "zipcode", "02121"),
    ("times without offset in the zone of the file", "time_zone: UTC\n",
     {"requested_at": "2026-01-01 10:00"}, "requested_at", datetime(2026, 1, 1, 10, tzinfo=UTC)),
    ("a time format of one's own", "time_formats: ['%d.%m.%Y %H:%M']\n",
     {"requested_at": "02.01.2026 10:00"}, "requested_at", datetime(2026, 1, 2, 9, tzinfo=UTC)),
    ("the first phrase that is found says how it ended",
     "outcomes:\n  not_found: unable to find\n  duplicate: [duplicate, known]\n",
     {"status": "closed", "note": "Already KNOWN to us"}, "outcome", OutcomeKind.DUPLICATE),
    ("without a phrase it was done", "outcomes:\n  not_found: unable to find\n",
     {"status": "closed", "note": "Fixed"}, "outcome", OutcomeKind.DONE),
    ("a word in the channel", "channels:\n  phone: call\n", {"channel": "Constituent Call"},
     "channel", Channel.PHONE),
    ("a name of theirs for a service of ours", "services:\n  Big Hole: HOLE\n",
     {"service_name": "big hole"}, "service_code", "HOLE"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "fields", "field", "expected"),
    [row[1:] for row in OPTIONS],
    ids=[row[0] for row in OPTIONS],
)
def test_options(more: str, fields: dict[str, str], field: str, expected: object) -> None:
    assert getattr(take(more, **fields), field) == expected


def test_swiss_coordinates_are_those_of_the_national_survey() -> None:
    # The old observatory of Bern is 2 600 000 / 1 200 000 by definition; swisstopo gives it
    # 7° 26' 19.08" E, 46° 57' 3.90" N in WGS 84.
    point = take("coordinates: EPSG:2056\n", long="2600000", lat="1200000").point
    assert point is not None
    assert point.long == pytest.approx(7 + 26 / 60 + 19.08 / 3600, abs=1e-5)
    assert point.lat == pytest.approx(46 + 57 / 60 + 3.90 / 3600, abs=1e-5)


@pytest.mark.parametrize("code", ["LV95", "EPSG:99999", "2056"])
def test_an_unknown_system_of_coordinates_is_refused_before_the_first_row(code: str) -> None:
    with pytest.raises(Invalid, match="coordinates"):
        reader(f"coordinates: '{code}'\n")


@pytest.mark.parametrize(("long", "lat"), [("8.54", "47.36"), ("2600000", "1e12"), ("0", "1")])
def test_a_place_outside_its_system_is_refused(long: str, lat: str) -> None:
    with pytest.raises(RowProblem, match="not a place in EPSG:2056"):
        take("coordinates: EPSG:2056\n", long=long, lat=lat)


DUE = [
    ("midnight UTC", "2026-05-11 00:00:00+00:00", 11),
    ("a plain date", "2026-05-11", 11),
    ("midnight UTC written as local time in summer", "2026-05-10 19:00:00+00:00", 11),
    ("midnight UTC written as local time in winter", "2026-05-10 18:00:00+00:00", 11),
    ("any other time of that day", "2026-05-11 12:00:00", 11),
]


@pytest.mark.parametrize(("raw", "day"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_a_due_date_is_the_end_of_that_day_in_the_city(raw: str, day: int) -> None:
    due = take("due_is_a_date: true\n", CHICAGO, due_at=raw).due_at
    assert due is not None
    assert due.astimezone(CHICAGO) == datetime(2026, 5, day, 23, 59, 59, tzinfo=CHICAGO)


def test_east_of_greenwich_no_evening_is_the_day_after() -> None:
    due = take("due_is_a_date: true\n", BERLIN, due_at="2026-05-10 19:00:00").due_at
    assert due == datetime(2026, 5, 10, 23, 59, 59, tzinfo=BERLIN)


def test_times_stamped_utc_that_are_local() -> None:
    taker = reader(local_until=date(2020, 1, 1))
    for raw, hour in (("2019-06-01T10:00:00Z", 8), ("2021-06-01T10:00:00Z", 10)):
        row = GOOD | {"requested_at": raw}
        taken = taker.read([row.get(name, "") for name in taker.columns])
        assert taken.requested_at.hour == hour


def test_a_number_made_of_columns_is_the_same_for_the_same_row() -> None:
    more = "number_made_from: [requested_at, service_name, lat]\nnumber_prefix: Z\n"
    first = take(more, number="", lat="1", long="2").number
    assert first == take(more, number="", lat="1", long="3").number
    assert first != take(more, number="", lat="2", long="2").number
    assert first.startswith("Z")
    assert len(first) <= 40


def test_an_unknown_service_keeps_what_a_draft_needs() -> None:
    with pytest.raises(UnknownService) as unknown:
        take(service_name="Unicorns", agency="Moon", status="closed", closed_at="2026-05-03T10:00Z")
    assert unknown.value.agency == "Moon"
    assert unknown.value.lasted == timedelta(days=2)
    with pytest.raises(UnknownService) as unknown:
        take("closed_without_status: true\n", service_name="Unicorns")
    assert unknown.value.lasted is None, "closed at a time nobody knows"
