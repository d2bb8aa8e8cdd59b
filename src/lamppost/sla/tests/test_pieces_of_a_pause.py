"""How a pause is cut into local days: the fact table A5."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lamppost.sla.calendar import Calendar
from lamppost.sla.pauses import Pause, paused_by_local_day
from lamppost.sla.tests.hours import BERLIN, K4, local, paused, utc

ROWS: list[tuple[str, tuple[Pause, ...], dict[str, list[tuple[str, str]]]]] = [
    (
        "36: over midnight, one piece each day",
        (Pause(local(BERLIN, "2013-06-04 23:45"), local(BERLIN, "2013-06-05 00:45")),),
        {
            "2013-06-04": [("2013-06-04 23:45", "2013-06-05 00:00")],
            "2013-06-05": [("2013-06-05 00:00", "2013-06-05 00:45")],
        },
    ),
    (
        "37: midnight in UTC is no midnight in Berlin",
        (Pause(utc("2013-11-04 23:45"), utc("2013-11-05 00:15")),),
        {"2013-11-05": [("2013-11-05 00:45", "2013-11-05 01:15")]},
    ),
    (
        "38: noon to noon five days later: six pieces",
        (Pause(local(BERLIN, "2013-06-04 12:00"), local(BERLIN, "2013-06-09 12:00")),),
        {
            "2013-06-04": [("2013-06-04 12:00", "2013-06-05 00:00")],
            "2013-06-05": [("2013-06-05 00:00", "2013-06-06 00:00")],
            "2013-06-06": [("2013-06-06 00:00", "2013-06-07 00:00")],
            "2013-06-07": [("2013-06-07 00:00", "2013-06-08 00:00")],
            "2013-06-08": [("2013-06-08 00:00", "2013-06-09 00:00")],
            "2013-06-09": [("2013-06-09 00:00", "2013-06-09 12:00")],
        },
    ),
    (
        "39: two pauses of one day are both kept",
        (
            Pause(local(BERLIN, "2013-06-04 12:15"), local(BERLIN, "2013-06-04 12:30")),
            Pause(local(BERLIN, "2013-06-04 12:45"), local(BERLIN, "2013-06-04 13:00")),
        ),
        {
            "2013-06-04": [
                ("2013-06-04 12:15", "2013-06-04 12:30"),
                ("2013-06-04 12:45", "2013-06-04 13:00"),
            ]
        },
    ),
    (
        "a pause to midnight sharp leaves nothing on the next day",
        (Pause(local(BERLIN, "2013-06-04 12:00"), local(BERLIN, "2013-06-05 00:00")),),
        {"2013-06-04": [("2013-06-04 12:00", "2013-06-05 00:00")]},
    ),
]


@pytest.mark.parametrize(("why", "pauses", "expected"), ROWS)
def test_daily_pieces(
    why: str, pauses: tuple[Pause, ...], expected: dict[str, list[tuple[str, str]]]
) -> None:
    pieces = {
        day.isoformat(): [(piece.start, piece.end) for piece in found]
        for day, found in paused_by_local_day(K4, pauses).items()
    }
    assert pieces == {
        day: [(local(BERLIN, start), local(BERLIN, end)) for start, end in spans]
        for day, spans in expected.items()
    }, why


def test_a_day_of_25_hours_is_paused_for_25_hours() -> None:
    pause = Pause(local(BERLIN, "2013-10-26 12:00"), local(BERLIN, "2013-10-28 12:00"))
    pieces = paused_by_local_day(K4, (pause,))
    lengths = [sum((p.end - p.start for p in found), timedelta()) for found in pieces.values()]
    assert lengths == [timedelta(hours=12), timedelta(hours=25), timedelta(hours=12)]


def test_a_day_that_the_island_skipped_gets_no_piece() -> None:
    """Samoa crossed the date line: there was no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    pause = Pause(datetime(2011, 12, 30, 9, tzinfo=UTC), datetime(2011, 12, 30, 11, tzinfo=UTC))
    pieces = paused_by_local_day(Calendar.always(apia), (pause,))
    assert [day.isoformat() for day in pieces] == ["2011-12-29", "2011-12-31"]


def test_a_lasting_pause_needs_a_limit() -> None:
    lasting = paused("2013-06-04", "10:00-")
    with pytest.raises(ValueError, match="still lasts"):
        paused_by_local_day(K4, lasting)
    pieces = paused_by_local_day(K4, lasting, until=utc("2013-06-04 10:30"))
    assert [piece for found in pieces.values() for piece in found] == [
        *paused_by_local_day(K4, paused("2013-06-04", "10:00-10:30")).popitem()[1]
    ]
