"""From one row of somebody's file to a past case, or the reason why not. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from lamppost.cases.importing.mapping import ColumnMapping
from lamppost.cases.importing.past import PastCase
from lamppost.cases.importing.place import place_reader
from lamppost.cases.importing.times import end_of_day, parse_time, to_utc
from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.database.fields import Point
from lamppost.kernel.refusals import Refusal
from lamppost.kernel.text import clean_line, clean_text

_EMPTY = frozenset({"null", "none", "nan", "nat", "n/a", "<na>"})
_LONGEST_EMPTY = 4
_YES = frozenset({"1", "1.0", "true", "yes", "t", "y"})
_WHOLE_FLOAT = re.compile(r"\d+\.0+")
# Clocks of two systems differ; a day more and the year or the month is wrong.
_AHEAD = timedelta(days=1)
MAX_NUMBER = 40
_MADE_DIGITS = 16
_SAID_KEPT = 10_000
# A column that is no status at all has a value per row: memory must not grow with it.
_MOST_STATUSES = 100


class RowProblem(ValueError):
    """Why a row cannot be taken, in words for the rejects file."""


class UnknownService(RowProblem):
    """The row's service is not in the catalogue; keeps what a draft of it can say."""

    def __init__(self, name: str, agency: str, lasted: timedelta | None) -> None:
        self.service = name
        self.agency = agency
        self.lasted = lasted
        super().__init__(f"service {name[:80]!r} is not in the catalogue")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Finds the city's service code for a code and a name, or None; a department's code for
    an agency's name, or ''; a status's code for its name and whether it is to mean closed,
    or ''."""

    service_of: Callable[[str, str], str | None]
    department_of: Callable[[str], str]
    status_of: Callable[[str, bool], str]


class RowReader:
    """Reads rows of one file for one city.

    ``zone`` is the city's: times without an offset are local. Times before ``local_until``
    are taken as local whatever offset they carry: some exports stamp local time as UTC.
    ``now`` (aware) is when it is read: what happened cannot lie after it.
    """

    def __init__(
        self,
        mapping: ColumnMapping,
        catalogue: Catalogue,
        *,
        zone: ZoneInfo,
        now: datetime,
        local_until: date | None = None,
    ) -> None:
        self.columns = mapping.columns_read
        # Words of ``status`` that rows with a time of closing have, and yet do not mean closed.
        self.left_open: Counter[str] = Counter()
        self._mapping = mapping
        self._catalogue = catalogue
        self._city_zone = zone
        self._zone = mapping.zone or zone
        self._latest = now + _AHEAD
        self._local_until = local_until
        self._place = place_reader(mapping.coordinates)
        place_of = {name: index for index, name in enumerate(self.columns)}
        self._at = {
            field: tuple(place_of[name] for name in names)
            for field, names in mapping.columns.items()
        }
        # Files say the same few things again and again: each is understood once.
        self._outcome_of = lru_cache(_SAID_KEPT)(self._outcome)
        self._service_of = lru_cache(_SAID_KEPT)(self._service)
        self._department_of = lru_cache(_SAID_KEPT)(self._department)
        self._channel_of = lru_cache(_SAID_KEPT)(self._channel)
        self._status_of = lru_cache(_SAID_KEPT)(self._status)
        self._zipcode_of = lru_cache(_SAID_KEPT)(self._zipcode)
        self._instant_of = lru_cache(_SAID_KEPT)(self._instant)
        self._end_of_day_of = lru_cache(_SAID_KEPT)(self._end_of_day)
        self._made_from = tuple(place_of[name] for name in mapping.number_made_from)

    def number(self, values: Sequence[str]) -> str:
        """Return the number of a row as the file has it, for the rejects file."""
        if not values:
            return ""
        return _first(values, self._at.get("number", ()))[: 2 * MAX_NUMBER]

    def read(self, values: Sequence[str]) -> PastCase:
        """Return the past case of a row, its values in the order of ``columns``.

        Raises ``RowProblem`` saying what is wrong.
        """
        found = {field: _first(values, places) for field, places in self._at.items()}
        get = found.get
        number = self._number(get("number", ""), values)
        requested = self._happened(found["requested_at"], "requested_at")
        if requested is None:
            raise RowProblem("no time of request")
        closed = self._closed(found, requested)
        service_code = self._known_service(found, requested, closed)
        if closed is None and get("status") and get("closed_at"):
            self._note_open(found["status"].lower())
        return PastCase(
            number=number,
            service_code=service_code,
            requested_at=requested,
            updated_at=self._updated(found, requested, closed),
            closed_at=closed,
            due_at=self._due(get("due_at", "")),
            outcome=self._outcome_of(get("outcome", ""), get("note", "")) if closed else None,
            note=_text(get("note"), 4000),
            agency=self._department_of(get("agency", "")),
            description=_text(get("description"), 4000),
            subject=_line(get("subject"), 200),
            address=_line(get("address"), 300),
            zipcode=self._zipcode_of(get("zipcode", "")),
            point=self._point(get("long", ""), get("lat", "")),
            media_url=_link(get("media_url", "")),
            channel=self._channel_of(get("channel", "")),
            is_private=get("private", "").lower() in _YES,
            duplicate_of=self._other_number(get("duplicate_of", "")),
            status_code=self._status_of(get("status_name", ""), closed is not None),
        )

    def _number(self, raw: str, values: Sequence[str]) -> str:
        if not raw and self._made_from:
            made = "\0".join(values[place].strip() for place in self._made_from)
            raw = hashlib.sha256(made.encode()).hexdigest()[:_MADE_DIGITS]
        number = _whole(raw)
        if not number:
            raise RowProblem("no number")
        number = self._mapping.number_prefix + number
        if not _can_be_number(number):
            raise RowProblem(f"{number[:60]!r} cannot be a case number")
        return number

    def _other_number(self, raw: str) -> str:
        number = self._mapping.number_prefix + _whole(raw)
        return number if raw and _can_be_number(number) else ""

    def _known_service(
        self, found: dict[str, str], requested: datetime, closed: datetime | None
    ) -> str:
        code, name = found.get("service_code", ""), found.get("service_name", "")
        service = self._service_of(code, name)
        if service is None:
            said = _line(name, 200) or _line(code, 200)
            if not said:
                raise RowProblem("no service")
            lasted = closed - requested if closed and found.get("closed_at") else None
            raise UnknownService(said, _line(found.get("agency"), 200), lasted)
        return service

    def _service(self, code: str, name: str) -> str | None:
        # Names are compared as they are shown: with one blank where the file has two.
        code, name = _line(code, 200), _line(name, 200)
        named = self._mapping.services
        mapped = named.get(name.lower()) or named.get(code.lower())
        find = self._catalogue.service_of
        return find(mapped, "") if mapped else find(code, name)

    def _status(self, raw: str, is_closed: bool) -> str:
        return self._catalogue.status_of(_line(raw, 200), is_closed) if raw else ""

    def _department(self, raw: str) -> str:
        return self._catalogue.department_of(_line(raw, 200))

    def _time(self, raw: str, field: str) -> datetime | None:
        if not raw:
            return None
        instant, problem = self._instant_of(raw)
        if problem:
            raise RowProblem(f"{field}: {raw[:40]!r} {problem}")
        return instant

    def _instant(self, raw: str) -> tuple[datetime | None, str]:
        """The instant in UTC, or None and what is wrong with it."""
        moment = parse_time(raw, self._mapping.time_formats)
        if moment is None:
            return None, "is not a time"
        instant = to_utc(moment, self._zone, local_until=self._local_until)
        return instant, "" if instant else "cannot be right"

    def _happened(self, raw: str, field: str) -> datetime | None:
        instant = self._time(raw, field)
        if instant is not None and instant > self._latest:
            raise RowProblem(f"{field}: {raw[:40]!r} lies in the future")
        return instant

    def _due(self, raw: str) -> datetime | None:
        if not raw or not self._mapping.due_is_a_date:
            return self._time(raw, "due_at")
        instant, problem = self._end_of_day_of(raw)
        if problem:
            raise RowProblem(f"due_at: {raw[:40]!r} {problem}")
        return instant

    def _end_of_day(self, raw: str) -> tuple[datetime | None, str]:
        """The last second of the day, or None and what is wrong with it."""
        moment = parse_time(raw, self._mapping.time_formats)
        if moment is None:
            return None, "is not a date"
        instant = end_of_day(moment, self._city_zone)
        return instant, "" if instant else "cannot be right"

    def _closed(self, found: dict[str, str], requested: datetime) -> datetime | None:
        status = found.get("status", "").lower()
        if not (status in self._mapping.closed_when if status else self._closed_anyway(found)):
            return None
        closed = self._happened(found.get("closed_at", ""), "closed_at")
        # Some closed rows carry no time of closing: the last change is the best that is known.
        closed = closed or self._happened(found.get("updated_at", ""), "updated_at") or requested
        return max(closed, requested)

    def _note_open(self, status: str) -> None:
        is_new = status not in self.left_open and len(self.left_open) >= _MOST_STATUSES
        self.left_open["…" if is_new else status[:200]] += 1

    def _closed_anyway(self, found: dict[str, str]) -> bool:
        return self._mapping.closed_without_status or (
            "status" not in found and bool(found.get("closed_at"))
        )

    def _updated(
        self, found: dict[str, str], requested: datetime, closed: datetime | None
    ) -> datetime:
        updated = self._happened(found.get("updated_at", ""), "updated_at")
        return max(filter(None, (updated, closed, requested)))

    def _outcome(self, outcome: str, note: str) -> OutcomeKind:
        said = f"{outcome} {note}".lower()
        return next(
            (kind for phrase, kind in self._mapping.outcomes if phrase in said), OutcomeKind.DONE
        )

    def _channel(self, raw: str) -> Channel:
        if not raw:
            return Channel.IMPORT
        said = raw.lower()
        matches = (kind for word, kind in self._mapping.channels.items() if word in said)
        return next(matches, Channel.IMPORT)

    def _zipcode(self, raw: str) -> str:
        zipcode = _whole(_line(raw, 20))
        # Spreadsheets take the zeros off that some codes begin with.
        return zipcode.zfill(self._mapping.zipcode_digits) if zipcode.isdigit() else zipcode

    def _point(self, long: str, lat: str) -> Point | None:
        if not lat or not long or not (lat.strip("0.") or long.strip("0.")):
            return None
        try:
            return self._place(long, lat)
        except Refusal as refusal:
            raise RowProblem(f"{lat[:20]!r}, {long[:20]!r}: {refusal}") from refusal


def _first(values: Sequence[str], places: Sequence[int]) -> str:
    """The first of these values that says something, or ''."""
    for place in places:
        value = values[place].strip()
        if value and not (len(value) <= _LONGEST_EMPTY and value.lower() in _EMPTY):
            return value
    return ""


def _text(raw: str | None, limit: int) -> str:
    return clean_text(raw)[:limit] if raw else ""


def _line(raw: str | None, limit: int) -> str:
    return clean_line(raw)[:limit].rstrip() if raw else ""


def _whole(raw: str) -> str:
    """A whole number that a spreadsheet wrote with a decimal point, as it was."""
    return raw.partition(".")[0] if "." in raw and _WHOLE_FLOAT.fullmatch(raw) else raw


def _can_be_number(number: str) -> bool:
    return len(number) <= MAX_NUMBER and number.isprintable() and "/" not in number


def _link(raw: str) -> str:
    is_link = raw.lower().startswith(("http://", "https://")) and raw.isprintable()
    return raw if is_link and len(raw) <= 2000 else ""
