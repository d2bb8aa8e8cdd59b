"""The calendars of the fact tables, and short ways to write their instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lamppost.sla.calendar import Calendar, DayException, Interval
from lamppost.sla.pauses import Pause

BERLIN = ZoneInfo("Europe/Berlin")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")

MONDAY_TO_FRIDAY = range(5)
EVERY_DAY = range(7)


def office(
    zone: ZoneInfo,
    weekdays: Iterable[int],
    *hours: str,
    holidays: Iterable[str] = (),
    special: Mapping[str, tuple[Interval, ...]] | None = None,
) -> Calendar:
    """A calendar open on `weekdays` at `hours` such as `08:00-17:00`."""
    intervals = tuple(Interval.between(*span.split("-")) for span in hours)
    exceptions = {
        date.fromisoformat(day): DayException(name or "Holiday")
        for day, _, name in (entry.partition(" ") for entry in holidays)
    }
    for day, opened in (special or {}).items():
        exceptions[date.fromisoformat(day)] = DayException("Special hours", opened)
    return Calendar(zone, dict.fromkeys(weekdays, intervals), exceptions)


K1 = office(BERLIN, MONDAY_TO_FRIDAY, "09:00-17:00")
K2 = office(BERLIN, MONDAY_TO_FRIDAY, "08:00-18:00")
# An inactive holiday is one that the pack leaves out, so 2015-09-23 and 24 do not appear.
K3 = office(BERLIN, EVERY_DAY, "08:00-17:00", holidays=["2015-09-22"])
K4 = office(BERLIN, EVERY_DAY, "09:00-18:00")
K5 = office(BERLIN, MONDAY_TO_FRIDAY, "08:00-20:00", holidays=["2016-11-01"])
K6 = office(BERLIN, MONDAY_TO_FRIDAY, "04:00-20:00", holidays=["2016-11-01"])
K7 = office(ZoneInfo("UTC"), MONDAY_TO_FRIDAY, "09:00-17:00")
K8 = Calendar.always(BERLIN)


def utc(text: str) -> datetime:
    """`2013-03-21 09:30` read as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(zone: ZoneInfo, text: str) -> datetime:
    """`2021-02-15 12:00` read on the wall of `zone`, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def paused(day: str, *spans: str) -> tuple[Pause, ...]:
    """Pauses from one UTC date: `09:30-09:45`, `15:00-next 08:00` or `11:00-`, which lasts."""
    pauses = []
    for span in spans:
        start, _, end = span.partition("-")
        until = utc(f"{day} {end.removeprefix('next ')}") if end else None
        if until and end.startswith("next "):
            until += timedelta(days=1)
        pauses.append(Pause(utc(f"{day} {start}"), until))
    return tuple(pauses)
