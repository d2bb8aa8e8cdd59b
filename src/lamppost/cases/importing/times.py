"""Times as files write them, read into instants in UTC. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
# Seconds or milliseconds since 1970, as map servers write them.
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_MILLISECOND_DIGITS = 12
EARLIEST_YEAR, LATEST_YEAR = 1970, 2200


def parse_time(raw: str, formats: tuple[str, ...] = ()) -> datetime | None:
    """Return the time ``raw`` spells, aware where it carries an offset, or None.

    ISO 8601, then ``formats`` in the notation of ``strptime``, then usual American ones and
    seconds or milliseconds since 1970.
    """
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        pass
    for form in (*formats, *_FORMATS):
        try:
            return datetime.strptime(raw, form)  # noqa: DTZ007
        except ValueError:
            continue
    if _EPOCH.fullmatch(raw):
        seconds = int(raw) / (1000 if len(raw) >= _MILLISECOND_DIGITS else 1)
        return datetime.fromtimestamp(seconds, UTC)
    return None


def to_utc(moment: datetime, zone: ZoneInfo, *, local_until: date | None = None) -> datetime | None:
    """Return the instant in UTC; a time without an offset is local in ``zone``.

    Before ``local_until`` every time is local, whatever offset it carries. Of an hour that
    comes twice the first is meant, one that is left out is an hour later (PEP 495). None
    for a year nobody can mean.
    """
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    is_local = moment.tzinfo is None or (local_until is not None and moment.date() < local_until)
    if is_local:
        moment = moment.replace(tzinfo=zone)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def end_of_day(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the last second in ``zone`` of the day a date was stored as, in UTC.

    The day is stored as midnight UTC, which some exports show as local time: the evening
    before, in either half of the year. None for a year nobody can mean.
    """
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        return None
    evening = any(_midnight(moment.year, month, zone) == moment.time() for month in (1, 7))
    day = moment.date() + timedelta(days=evening)
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)


def _midnight(year: int, month: int, zone: ZoneInfo) -> time | None:
    """The local time of midnight UTC where that falls on the day before."""
    offset = datetime(year, month, 1, tzinfo=zone).utcoffset() or timedelta()
    return (datetime(year, month, 2) + offset).time() if offset < timedelta() else None  # noqa: DTZ001
