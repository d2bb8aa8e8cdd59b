"""Reading the parameters of a list: everything a caller can get wrong is a refusal here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.faces.open311.calls import Call
from lamppost.kernel.geo import Box, Place, parse_number, parse_place
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import clean_line, fold

# GeoReport v2, GET service requests: "a span of 90 days or first 1000 requests returned,
# whichever is smallest".
MAX_SPAN = timedelta(days=90)
MAX_ROWS = 1000
MAX_OFFSET = 1_000_000
MAX_RADIUS_M = 50_000.0
DEFAULT_RADIUS_M = 500.0
_MAX_WORDS = 5
_MAX_LIST = 1000
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"[0-9]{1,12}")
# W3C-DTF to the second; a plus sign that was not encoded arrives as a blank.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+\- ]\d\d:?\d\d)?)?"
)


class Span(NamedTuple):
    """From and until, both included; None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """A list to be read. ``numbers`` overrides everything but the page's language and shape.

    ``requested`` bounds the time of request, ``updated`` the last change; one of them is
    always given. ``near`` is a place and a radius in meters. ``service_ids`` and
    ``department_ids`` are None when all are wanted, empty when no row can match.
    """

    numbers: tuple[str, ...] = ()
    service_ids: tuple[int, ...] | None = None
    department_ids: tuple[int, ...] | None = None
    is_closed: bool | None = None
    requested: Span | None = None
    updated: Span | None = None
    box: Box | None = None
    near: tuple[Place, float] | None = None
    words: tuple[str, ...] = ()
    size: int = MAX_ROWS
    offset: int = 0
    with_extensions: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it is clear beforehand that nothing can match."""
        return self.service_ids == () or self.department_ids == () or self.offset > MAX_OFFSET


def filters_of(call: Call) -> Filters:
    """Return the filters of a list. Raises ``Invalid`` naming the parameter that is wrong."""
    extensions = has_extensions(call)
    numbers = _listed(call, "service_request_id")
    size, offset = page_of(call)
    if numbers:
        return Filters(numbers=numbers, size=MAX_ROWS, with_extensions=extensions)
    requested, updated = _spans(call)
    return Filters(
        service_ids=_services(call),
        department_ids=_departments(call),
        is_closed=_status(call),
        requested=requested,
        updated=updated,
        box=_box(call),
        near=_near(call),
        words=_words(call),
        size=size,
        offset=offset,
        with_extensions=extensions,
    )


def has_extensions(call: Call) -> bool:
    """Return whether the caller wants more than the standard's fields."""
    return call.query("extensions").lower() not in {"", "false", "0", "no"}


def page_of(call: Call) -> tuple[int, int]:
    """Return how many rows are wanted and how many to pass over.

    More than ``MAX_ROWS`` is as many; page 0 is page 1, as in uReport.
    """
    size = _whole(call, "page_size", MAX_ROWS)
    if size == 0:
        raise Invalid(_("page_size must be at least 1."), field="page_size")
    size = min(size, MAX_ROWS)
    page = max(_whole(call, "page", 1), 1)
    return size, (page - 1) * size


def moment_of(text: str, *, field: str) -> datetime:
    """Return the moment ``text`` says (W3C-DTF: date, or date and time).

    Without a zone it is the city's. Raises ``Invalid`` for ``field`` when it is no moment
    between 1900 and 2200.
    """
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day, time, zone = found.groups()
        zone = {"Z": "+00:00", "z": "+00:00"}.get(zone, (zone or "").replace(" ", "+"))
        moment = datetime.fromisoformat(f"{day}T{time or '00:00'}{zone}")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.get_current_timezone())
        moment = moment.astimezone(UTC)
        if not _EARLIEST <= moment < _LATEST:
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid(
            _("%(field)s must be a time with its zone, like 2026-03-09T17:00:00Z.")
            % {"field": field},
            field=field,
        ) from None
    return moment


def span_of(call: Call, first: str, last: str) -> Span | None:
    """Return the span two parameters bound, or None when neither was sent.

    Open where one of them is missing. Raises ``Invalid`` when one is no time.
    """
    start, end = call.query(first), call.query(last)
    if not start and not end:
        return None
    return Span(
        moment_of(start, field=first) if start else None,
        moment_of(end, field=last) if end else None,
    )


def bounded_span_of(call: Call) -> Span | None:
    """Return the span of ``start_date`` and ``end_date``, 90 days when one of them is missing.

    Raises ``Invalid`` when it is longer than that.
    """
    span = span_of(call, "start_date", "end_date")
    if span is None:
        return None
    start, end = span
    if start is None:
        return Span(end - MAX_SPAN, end) if end else None
    if end is None:
        end = start + MAX_SPAN
        # Nothing is younger than now, and an open end is read faster.
        return Span(start, end if end < timezone.now() else None)
    if end - start > MAX_SPAN:
        raise Invalid(
            _("start_date and end_date may be 90 days apart. Ask for each such span by itself."),
            field="end_date",
        )
    return span


def _spans(call: Call) -> tuple[Span | None, Span | None]:
    requested = bounded_span_of(call)
    updated = span_of(call, "updated_after", "updated_before")
    if requested is None and updated is None:
        requested = Span(timezone.now() - MAX_SPAN)
    return requested, updated


def _listed(call: Call, name: str) -> tuple[str, ...]:
    text = call.query(name)
    if not text:
        return ()
    values = [part.strip() for part in text.split(",")]
    kept = tuple(dict.fromkeys(value for value in values if value))
    if len(kept) > _MAX_LIST:
        raise Invalid(_("Ask for at most 1000 at a time."), field=name)
    # What cannot be a code is left out here: the database refuses NUL in any text.
    return tuple(value if value.isprintable() and len(value) <= 100 else "\ufffd" for value in kept)


def _services(call: Call) -> tuple[int, ...] | None:
    codes = _listed(call, "service_code")
    if not codes:
        return None
    known = book().services
    return tuple(known[code].id for code in codes if code in known)


def _departments(call: Call) -> tuple[int, ...] | None:
    wanted = {fold(name) for name in _listed(call, "agency_responsible")}
    if not wanted:
        return None
    return tuple(
        entry.id
        for entry in book().departments.values()
        if wanted & {fold(entry.code), *(fold(name) for name in entry.name.values())}
    )


def _status(call: Call) -> bool | None:
    wanted = {value.lower() for value in _listed(call, "status")}
    if wanted - {"open", "closed"}:
        raise Invalid(_("status must be open, closed, or both with a comma."), field="status")
    return None if len(wanted) != 1 else wanted == {"closed"}


def _box(call: Call) -> Box | None:
    text = call.query("bbox")
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 4:
        raise Invalid(_("bbox must be west,south,east,north in degrees."), field="bbox")
    west, south, east, north = (parse_number(part, field="bbox") for part in parts)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(_("bbox must be west,south,east,north in degrees."), field="bbox")
    return Box(west, south, east, north)


def _near(call: Call) -> tuple[Place, float] | None:
    lat, long, radius = call.query("lat"), call.query("long"), call.query("radius")
    if not (lat or long or radius):
        return None
    if not (lat and long):
        raise Invalid(_("Send lat and long together."), field="lat" if long else "long")
    place = parse_place(long, lat)
    meters = parse_number(radius, field="radius") if radius else DEFAULT_RADIUS_M
    if not 0 < meters <= MAX_RADIUS_M:
        raise Invalid(_("radius must be in meters, 50000 at most."), field="radius")
    return place, meters


def _words(call: Call) -> tuple[str, ...]:
    asked = call.query("q")
    if not asked:
        return ()
    text = clean_line(asked)[:200]
    return tuple(text.split()[:_MAX_WORDS])


def _whole(call: Call, name: str, default: int) -> int:
    text = call.query(name)
    if not text:
        return default
    if not _WHOLE.fullmatch(text):
        raise Invalid(
            _("%(field)s must be a whole number.") % {"field": name},
            field=name,
        )
    return int(text)
