"""From one row of somebody's file to a past case, or the reason why not. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lamppost.cases.importing.mapping import ColumnMapping
from lamppost.cases.importing.past import PastCase
from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.database.fields import Point
from lamppost.kernel.geo import parse_place
from lamppost.kernel.refusals import Refusal
from lamppost.kernel.text import clean_line, clean_text

_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
_EMPTY = frozenset({"", "null", "none", "nan", "nat", "n/a"})
_WHOLE_FLOAT = re.compile(r"\d+\.0+")
MAX_NUMBER = 40


class RowProblem(ValueError):
    """Why a row cannot be taken, in words for the rejects file."""


class UnknownService(RowProblem):
    """The row's service is not in the catalogue."""

    def __init__(self, name: str) -> None:
        self.service = name
        super().__init__(f"service {name!r} is not in the catalogue")


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of one file for one city.

    ``service_of`` finds the city's service code for a code and a name, or None;
    ``department_of`` a department's code for an agency's name, or ''. ``zone`` is the city's:
    times without an offset are local. Times before ``local_until`` are taken as local
    whatever offset they carry: some exports stamp local time as UTC.
    """

    mapping: ColumnMapping
    zone: ZoneInfo
    service_of: Callable[[str, str], str | None]
    department_of: Callable[[str], str]
    local_until: date | None = None

    def read(self, row: Mapping[str, str | None]) -> PastCase:
        """Return the past case in ``row``. Raises ``RowProblem`` saying what is wrong."""
        found = {name: self._value(row, name) for name in self.mapping.columns}
        if any("\udc80" <= char <= "\udcff" for value in found.values() for char in value):
            raise RowProblem("the row is not UTF-8")
        number = self._number(found["number"])
        requested = self._time(found["requested_at"], "requested_at")
        if requested is None:
            raise RowProblem("no time of request")
        closed = self._closed(found, requested)
        return PastCase(
            number=number,
            service_code=self._service(found),
            requested_at=requested,
            updated_at=self._updated(found, requested, closed),
            closed_at=closed,
            due_at=self._due(found.get("due_at", "")),
            outcome=self._outcome(found) if closed else None,
            note=clean_text(found.get("note", ""))[:4000],
            agency=self.department_of(found.get("agency", "")),
            description=clean_text(found.get("description", ""))[:4000],
            subject=clean_line(found.get("subject", ""))[:200],
            address=clean_line(found.get("address", ""))[:300],
            zipcode=_whole(clean_line(found.get("zipcode", "")))[:20],
            point=_point(found.get("lat", ""), found.get("long", "")),
            media_url=_link(found.get("media_url", "")),
            channel=self._channel(found.get("channel", "")),
            is_private=found.get("private", "").lower() in {"1", "true", "yes", "t", "y"},
            duplicate_of=found.get("duplicate_of", ""),
        )

    def _value(self, row: Mapping[str, str | None], name: str) -> str:
        for column in self.mapping.columns[name]:
            value = row.get(column)
            if value is not None and value.strip().lower() not in _EMPTY:
                return value.strip()
        return ""

    def _number(self, raw: str) -> str:
        number = _whole(raw)
        if not number:
            raise RowProblem("no number")
        number = self.mapping.number_prefix + number
        if len(number) > MAX_NUMBER or not number.isprintable() or "/" in number:
            raise RowProblem(f"{number[:60]!r} cannot be a case number")
        return number

    def _service(self, found: Mapping[str, str]) -> str:
        code, name = found.get("service_code", ""), found.get("service_name", "")
        mapped = self.mapping.services.get(name.lower()) or self.mapping.services.get(code.lower())
        service = self.service_of(mapped, "") if mapped else self.service_of(code, name)
        if service is None:
            raise UnknownService(name or code)
        return service

    def _time(self, raw: str, field: str) -> datetime | None:
        if not raw:
            return None
        moment = _parse_time(raw, self.mapping.time_formats)
        if moment is None:
            raise RowProblem(f"{field}: {raw[:40]!r} is not a time")
        local = moment.replace(tzinfo=None)
        if moment.tzinfo is None or (self.local_until and local.date() < self.local_until):
            moment = local.replace(tzinfo=self.zone)
        if not 1970 <= moment.year <= 2200:
            raise RowProblem(f"{field}: {raw[:40]!r} cannot be right")
        return moment.astimezone(UTC)

    def _due(self, raw: str) -> datetime | None:
        if not raw or not self.mapping.due_is_a_date:
            return self._time(raw, "due_at")
        moment = _parse_time(raw, self.mapping.time_formats)
        if moment is None:
            raise RowProblem(f"due_at: {raw[:40]!r} is not a date")
        # Midnight UTC, written as local time by older exports: the evening before.
        day = moment.date() + timedelta(days=moment.hour in {19, 20})
        last_second = datetime.combine(day, time(23, 59, 59), tzinfo=self.zone)
        return last_second.astimezone(UTC)

    def _closed(self, found: Mapping[str, str], requested: datetime) -> datetime | None:
        if found.get("status", "").lower() not in self.mapping.closed_when:
            return None
        closed = self._time(found.get("closed_at", ""), "closed_at")
        # Some closed rows carry no time of closing: the last change is the best that is known.
        closed = closed or self._time(found.get("updated_at", ""), "updated_at") or requested
        return max(closed, requested)

    def _updated(
        self, found: Mapping[str, str], requested: datetime, closed: datetime | None
    ) -> datetime:
        updated = self._time(found.get("updated_at", ""), "updated_at")
        return max(filter(None, (updated, closed, requested)))

    def _outcome(self, found: Mapping[str, str]) -> OutcomeKind:
        said = f"{found.get('outcome', '')} {found.get('note', '')}".lower()
        return next(
            (kind for phrase, kind in self.mapping.outcomes if phrase in said), OutcomeKind.DONE
        )

    def _channel(self, raw: str) -> Channel:
        said = raw.lower()
        matches = (kind for word, kind in self.mapping.channels.items() if said and word in said)
        return next(matches, Channel.IMPORT)


def _parse_time(raw: str, formats: tuple[str, ...]) -> datetime | None:
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        pass
    for form in (*formats, *_FORMATS):
        try:
            return datetime.strptime(raw, form)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _whole(raw: str) -> str:
    """A whole number that a spreadsheet wrote with a decimal point, as it was."""
    return raw.partition(".")[0] if _WHOLE_FLOAT.fullmatch(raw) else raw


def _point(lat: str, long: str) -> Point | None:
    if not lat or not long:
        return None
    try:
        return Point(*parse_place(long, lat))
    except Refusal as refusal:
        if refusal.problems and lat.strip("0.") == "" and long.strip("0.") == "":
            return None
        raise RowProblem(f"{lat[:20]!r}, {long[:20]!r}: {refusal}") from refusal


def _link(raw: str) -> str:
    return raw if raw.lower().startswith(("http://", "https://")) and len(raw) <= 2000 else ""
