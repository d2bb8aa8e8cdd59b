"""The pure parts by tables: when it is quiet, when a digest is due, which event says what."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from lamppost.cases.choices import EventKind as K
from lamppost.catalog.choices import State as S
from lamppost.notify.quiet import digest_day, next_loud
from lamppost.notify.which import Fact, case_notice, wide_notice

PHILLY = ZoneInfo("America/New_York")


def local(text: str, zone: ZoneInfo = PHILLY) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


NIGHT = (time(21), time(8))
# now, quiet from, quiet to, when it goes out (local), why
QUIET = [
    ("2026-06-01 12:00", *NIGHT, "2026-06-01 12:00", "at noon at once"),
    ("2026-06-01 20:59", *NIGHT, "2026-06-01 20:59", "a minute before"),
    ("2026-06-01 21:00", *NIGHT, "2026-06-02 08:00", "the beginning is quiet"),
    ("2026-06-02 03:00", *NIGHT, "2026-06-02 08:00", "after midnight: the same morning"),
    ("2026-06-02 08:00", *NIGHT, "2026-06-02 08:00", "the end is not quiet"),
    ("2026-06-01 13:00", time(12), time(14), "2026-06-01 14:00", "a nap within one day"),
    ("2026-06-01 13:00", None, None, "2026-06-01 13:00", "no quiet hours"),
    ("2026-06-01 13:00", time(9), time(9), "2026-06-01 13:00", "equal ends: none"),
    ("2026-03-07 23:00", *NIGHT, "2026-03-08 08:00", "the night the clocks go forward"),
    ("2026-10-31 23:00", *NIGHT, "2026-11-01 08:00", "the night they go back"),
    ("2026-03-08 01:00", time(22), time(2, 30), "2026-03-08 03:30", "an end that is skipped"),
]


@pytest.mark.parametrize(("now", "begins", "ends", "out", "why"), QUIET)
def test_quiet_hours(now: str, begins: time | None, ends: time | None, out: str, why: str) -> None:
    assert next_loud(local(now), PHILLY, begins, ends) == local(out), why


def test_a_night_is_as_long_as_the_clocks_make_it() -> None:
    start = local("2026-03-07 23:00")
    assert (next_loud(start, PHILLY, *NIGHT) - start).total_seconds() == 8 * 3600
    start = local("2026-10-31 23:00")
    assert (next_loud(start, PHILLY, *NIGHT) - start).total_seconds() == 10 * 3600


DIGESTS = [
    ("2026-06-01 06:59", time(7), None, "before its hour"),
    ("2026-06-01 07:00", time(7), date(2026, 6, 1), "at its hour"),
    ("2026-06-01 23:59", time(7), date(2026, 6, 1), "a worker that was away all day"),
    ("2026-03-08 03:00", time(2, 30), date(2026, 3, 8), "an hour that is skipped: right after"),
    ("2026-11-01 01:30", time(1, 30), date(2026, 11, 1), "an hour that comes twice: one day"),
]


@pytest.mark.parametrize(("now", "at", "day", "why"), DIGESTS)
def test_the_day_of_a_digest(now: str, at: time, day: date | None, why: str) -> None:
    assert digest_day(local(now), PHILLY, at) == day, why


def fact(kind: K, state: S = S.OPEN, **more: object) -> Fact:
    return Fact(kind=kind, is_public=bool(more.pop("public", True)), state=state, **more)  # type: ignore[arg-type]


WHICH = [
    (fact(K.RECEIVED, S.RECEIVED), "case_received", "wide_new", "a receipt"),
    (fact(K.MOVED, before=S.RECEIVED), "case_changed", None, "the work begins"),
    (fact(K.MOVED, before=S.OPEN), None, None, "from open to open is internal"),
    (
        fact(K.MOVED, before=S.OPEN, has_words=True),
        "case_changed",
        None,
        "unless words are said",
    ),
    (fact(K.MOVED, S.WAITING, before=S.OPEN), "case_waiting", None, "it waits"),
    (fact(K.MOVED, S.WAITING, before=S.WAITING), None, None, "it waits for something else"),
    (fact(K.MOVED, before=S.WAITING), None, None, "it goes on"),
    (fact(K.CLOSED, S.CLOSED), "case_closed", "wide_closed", "the end"),
    (fact(K.REOPENED), "case_reopened", None, "open again"),
    (fact(K.NOTE, has_words=True), "case_news", None, "words for everybody"),
    (fact(K.NOTE, public=False, has_words=True), None, None, "words for the staff"),
    (fact(K.PARTNER_UPDATE), None, None, "an update without words"),
    (fact(K.REDRESS, change="upheld"), "case_decided", None, "it is indeed not fixed"),
    (fact(K.REDRESS, change="refused"), None, None, "the closing says it"),
    (fact(K.CLOCK, change="breach", clock="resolve"), "case_late", None, "the promise is broken"),
    (fact(K.CLOCK, change="breach", clock="inspect"), None, None, "an inner promise"),
    (fact(K.CLOCK, change="breach", clock="resolve", public=False), None, None, "not public"),
    (fact(K.ASSIGNED), None, None, "who does it is internal"),
    (fact(K.PHOTO), None, None, "a photo alone"),
]


@pytest.mark.parametrize(("what", "own", "wide", "why"), WHICH)
def test_which_event_says_what(what: Fact, own: str | None, wide: str | None, why: str) -> None:
    assert (case_notice(what), wide_notice(what)) == (own, wide), why
