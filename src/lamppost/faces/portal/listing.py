"""The filters of the public list: from an address's query to values, and back to links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.public import CaseRow, Cursor, Filters
from lamppost.catalog.book import Book
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.portal.distances import away
from lamppost.kernel.geo import Box
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_line, in_language

STATES = ("open", "closed", "overdue")
_CURSOR = re.compile(r"(-?[0-9]{1,17})\.([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TEXT = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_NAMES = ("service", "state", "status", "area", "q", "from", "to")
_AREA = re.compile(r"[0-9]{1,18}")
_ANY = "any-number"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as typed: to fill the form again and to make links."""

    values: Mapping[str, str]

    def query(self, **more: str) -> str:
        """Return the query string of the same filters, with ``more``."""
        return urlencode({name: value for name, value in self.values.items() if value} | more)

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for."""
        return any(self.values.values())


def asked_of(query: Mapping[str, str]) -> Asked:
    """Return the filters in a query, cleaned of what nobody types."""
    return Asked({name: clean_line(query.get(name, ""))[:_MAX_TEXT] for name in _NAMES})


def filters_of(asked: Asked, pages: Book, zone: tzinfo, *, box: str = "") -> Filters:
    """Return the filters asked for. Raises ``Invalid`` naming each field that makes no sense."""
    problems: list[Problem] = []
    values = asked.values
    since, until = _day(values["from"], "from", problems), _day(values["to"], "to", problems)
    if since and until and since > until:
        problems.append(Problem("to", _("The last day is before the first.")))
    filters = Filters(
        service_ids=_service_ids(values["service"], pages, problems),
        state=_one_of(values["state"], STATES, "state", problems),
        status_id=_status_id(values["status"], pages, problems),
        area_id=_area_id(values["area"], problems),
        text=values["q"],
        since=_midnight(since, zone),
        until=_midnight(until + timedelta(days=1), zone) if until else None,
        box=_box(box, problems),
    )
    if problems:
        raise Invalid(problems)
    return filters


def cursor_text(cursor: Cursor) -> str:
    """Return a place in the list as it stands in an address."""
    return f"{(cursor.requested_at - _EPOCH) // timedelta(microseconds=1)}.{cursor.id}"


def cursor_of(text: str, *, field: str) -> Cursor | None:
    """Return the place in the list; None for none. Raises ``Invalid`` for anything else."""
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    try:
        if found:
            moment = _EPOCH + timedelta(microseconds=int(found[1]))
            return Cursor(moment, int(found[2]))
    except OverflowError:
        pass
    raise Invalid(_("This link to a page of the list is damaged."), field=field)


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of the list in the reader's words."""

    row: CaseRow
    url: str
    service: str
    status: str
    department: str
    away: str = ""

    @property
    def excerpt(self) -> str:
        """The beginning of the description."""
        text = " ".join(self.row.description.split())
        return text if len(text) <= 140 else text[:139].rstrip() + "…"


def in_words(rows: list[CaseRow], pages: Book) -> list[RowView]:
    """Return rows with the city's names in the active language."""
    language = get_language() or "en"
    # The way to a number is looked up once: for each it took as long as drawing the row.
    before, after = reverse("portal:request", args=[_ANY]).split(_ANY)
    return [
        RowView(
            row=row,
            url=f"{before}{quote(row.number)}{after}",
            service=in_language(pages.services_by_id[row.service_id].name, language),
            status=in_language(pages.statuses[row.status_id].name, language),
            department=in_language(pages.departments[row.department_id].name, language),
            away="" if row.distance_m is None else away(row.distance_m, city_in_scope().units),
        )
        for row in rows
    ]


def filter_fields(asked: Asked, pages: Book, errors: Mapping[str, list[str]]) -> list[Any]:
    """Return the fields of the filter form, filled in, for the ``field`` tag."""
    language = get_language() or "en"
    services = sorted(
        (in_language(entry.name, language), code)
        for code, entry in pages.services.items()
        if entry.is_public and entry.is_active
    )
    choices = {
        "service": [("", _("All services"))] + [(code, name) for name, code in services],
        "state": [
            ("", _("Open and closed")),
            ("open", _("Open")),
            ("overdue", _("Overdue")),
            ("closed", _("Closed")),
        ],
    }
    labels = (
        ("q", _("Words or number"), "search"),
        ("service", _("Service"), "select"),
        ("state", _("Status"), "select"),
        ("from", _("From day"), "date"),
        ("to", _("To day"), "date"),
    )
    return [
        {
            "name": name,
            "label": label,
            "kind": kind,
            "value": asked.values[name],
            "choices": choices.get(name, ()),
            "errors": errors.get(name, ()),
        }
        for name, label, kind in labels
    ]


def _service_ids(code: str, pages: Book, problems: list[Problem]) -> tuple[int, ...]:
    if not code:
        return ()
    entry = pages.services.get(code)
    if entry is None:
        problems.append(Problem("service", _("This service does not exist here.")))
        return ()
    return (entry.id,)


def _status_id(code: str, pages: Book, problems: list[Problem]) -> int | None:
    if not code:
        return None
    entry = pages.status(code)
    if entry is None:
        problems.append(Problem("status", _("This status does not exist here.")))
        return None
    return entry.id


def _area_id(text: str, problems: list[Problem]) -> int | None:
    if not text:
        return None
    if not _AREA.fullmatch(text):
        problems.append(Problem("area", _("This area does not exist here.")))
        return None
    return int(text)


def _one_of(value: str, known: tuple[str, ...], name: str, problems: list[Problem]) -> str:
    if value and value not in known:
        message = _("Choose one of: %(choices)s") % {"choices": ", ".join(known)}
        problems.append(Problem(name, message))
        return ""
    return value


def _day(text: str, name: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        problems.append(Problem(name, _("Write a day like 2026-03-09.")))
        return None
    return day


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None


def _box(text: str, problems: list[Problem]) -> Box | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(side) for side in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (abs(west) < 1000 and abs(east) < 1000 and south <= north and abs(south + north) < 400):
        problems.append(Problem("bbox", _("Write a box as west,south,east,north in degrees.")))
        return None
    south, north = max(south, -90.0), min(north, 90.0)
    if east - west >= 360:
        return Box(-180.0, south, 180.0, north)
    return Box(_wrapped(west), south, _wrapped(east), north)


def _wrapped(long: float) -> float:
    return long if -180 <= long <= 180 else (long + 180) % 360 - 180
