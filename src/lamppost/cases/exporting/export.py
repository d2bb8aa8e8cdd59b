"""Writing a city's requests out, as many as there are, in little memory.

Only what the public may see, unless an operator asks for all. What was public once and is not
any more is told apart, so that a copy elsewhere can forget it too.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TextIO

from django.db import transaction
from django.db.models import QuerySet

from lamppost.cases.choices import EventKind
from lamppost.cases.exporting.layout import Layout
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.selectors.duplicates import first_photos
from lamppost.cases.selectors.public import visible
from lamppost.catalog.book import Book, ServiceEntry, book
from lamppost.catalog.choices import State, Visibility
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language

_CHUNK = 2000
Value = str | float | bool | None
Progress = Callable[[int], None]
"""Called with the number of rows just written."""

# Of a limited case the public reads these and nothing a person wrote or did.
_OF_LIMITED = frozenset({
    "row", "number", "status", "status_name", "outcome", "service_code", "service_name",
    "service_notice", "agency", "requested_at", "updated_at", "due_at", "due_date", "closed_at",
    "private", "nothing",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests: changed since (aware), and private ones too for an operator.

    ``site`` is the address before the path of a photo, such as ``https://311.example.org``.
    """

    since: datetime | None = None
    include_private: bool = False
    site: str = ""


def write_csv(
    file: TextIO, layout: Layout, wanted: Wanted, *, progress: Progress | None = None
) -> int:
    """Write the requests of the city in scope as CSV and return how many."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column for column, _field in layout.columns])
    count = 0
    for values in _rows(layout, wanted, progress):
        writer.writerow(["" if value is None else _plain(value) for value in values])
        count += 1
    return count


def write_json(
    file: TextIO, layout: Layout, wanted: Wanted, *, progress: Progress | None = None
) -> int:
    """Write the requests of the city in scope as a JSON array and return how many."""
    columns = [column for column, _field in layout.columns]
    count = 0
    for values in _rows(layout, wanted, progress):
        file.write(",\n" if count else "[\n")
        json.dump(dict(zip(columns, values, strict=True)), file, ensure_ascii=False)
        count += 1
    file.write("\n]\n" if count else "[]\n")
    return count


def write_removed(file: TextIO, layout: Layout, wanted: Wanted) -> int:
    """Write number and time of each request that was public and is not any more, as CSV.

    With ``since``, those taken out since then. Return how many.
    """
    writer = csv.writer(file, lineterminator="\n")
    number = next((column for column, field in layout.columns if field == "number"), "number")
    writer.writerow([number, "removed_datetime"])
    count = 0
    last: str | None = None
    for one, at in _removals(wanted.since):
        if one != last:
            writer.writerow([one, at.astimezone(UTC).strftime(layout.times)])
            count += 1
        last = one
    return count


def requests_wanted(wanted: Wanted) -> QuerySet[Case]:
    """Return the cases of the city in scope that are to be written, in the order filed."""
    rows = Case.objects.all() if wanted.include_private else visible()
    if wanted.since is not None:
        rows = rows.filter(updated_at__gte=wanted.since)
    # The same order wherever they are: an import gives out ids in an order of its own.
    return rows.order_by("requested_at", "number")


def _removals(since: datetime | None) -> Iterator[tuple[str, datetime]]:
    hidden = Service.objects.filter(visibility=Visibility.PRIVATE).values_list("pk", flat=True)
    never_public = set(hidden)
    events = CaseEvent.objects.filter(
        case__visibility=Visibility.PRIVATE,
        kind__in=(EventKind.VISIBILITY, EventKind.RECATEGORIZED),
    )
    if since is not None:
        events = events.filter(recorded_at__gte=since)
    found = events.order_by("case", "-seq").values_list(
        "case__number", "kind", "recorded_at", "data"
    )
    with transaction.atomic():
        for number, kind, at, data in found.iterator(chunk_size=_CHUNK):
            before = data.get("from")
            if kind == EventKind.VISIBILITY:
                was_public = before != Visibility.PRIVATE
            else:
                was_public = before not in never_public
            if was_public:
                yield number, at


def _rows(layout: Layout, wanted: Wanted, progress: Progress | None) -> Iterator[list[Value]]:
    spell = _Speller(layout, wanted, city_in_scope(), book())
    # One cursor on the server: a whole and consistent answer, a piece of it in memory.
    with transaction.atomic():
        cases = requests_wanted(wanted).iterator(chunk_size=_CHUNK)
        number = 0
        for chunk in _chunks(cases):
            photos = first_photos([case.pk for case in chunk if case.photo_count])
            for case in chunk:
                number += 1
                yield spell.row(case, number, photos.get(case.pk, ""))
            if progress is not None:
                progress(len(chunk))


def _chunks(cases: Iterable[Case]) -> Iterator[list[Case]]:
    waiting = iter(cases)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


class _Speller:
    """Says each field of a case in the words of one layout."""

    def __init__(self, layout: Layout, wanted: Wanted, city: City, pages: Book) -> None:
        self._fields = [field for _column, field in layout.columns]
        self._layout = layout
        self._wanted = wanted
        self._city = city
        self._pages = pages
        self._language = city.default_language

    def row(self, case: Case, number: int, photo: str) -> list[Value]:
        """Return the values in the order of the layout."""
        is_whole = self._wanted.include_private or case.visibility == Visibility.PUBLIC
        values = self._values(case, number, photo)
        return [
            values[field] if is_whole or field in _OF_LIMITED else None for field in self._fields
        ]

    def _words(self, case: Case) -> str:
        return case.description if self._wanted.include_private else case.words_for_all

    def _note(self, case: Case) -> str:
        return case.status_note if self._wanted.include_private else case.note_for_all

    def _values(self, case: Case, number: int, photo: str) -> dict[str, Value]:
        pages = self._pages
        service = pages.services_by_id[case.service_id]
        outcome = pages.outcomes.get(case.outcome_id or 0)
        is_closed = case.state == State.CLOSED
        ended = self._in_words(outcome.name) if outcome else None
        return {
            "row": number,
            "number": case.number,
            "status": self._layout.closed if is_closed else self._layout.open,
            "status_name": self._in_words(pages.statuses[case.status_id].name),
            "note": self._note(case) or ended,
            "outcome": outcome.kind.value if outcome else None,
            "service_code": service.code,
            "service_name": self._in_words(service.name) or service.code,
            "service_notice": self._in_words(service.notice),
            "subject": case.subject or None,
            "description": self._words(case) or None,
            "agency": self._in_words(pages.departments[case.department_id].name),
            "channel": case.channel,
            "requested_at": self._time(case.requested_at),
            "updated_at": self._time(case.updated_at),
            "due_at": self._time(case.due_at),
            "due_date": self._date(case.due_at),
            "closed_at": self._time(case.closed_at),
            "address": case.address or None,
            "zipcode": case.zipcode or None,
            "lat": case.location.lat if case.location else None,
            "long": case.location.long if case.location else None,
            "media_url": self._media(case, photo),
            "private": _is_hidden(case, service),
            "nothing": None,
        }

    def _in_words(self, texts: Any) -> str | None:
        return in_language(texts, self._language) or None

    def _time(self, moment: datetime | None) -> str | None:
        return moment.astimezone(UTC).strftime(self._layout.times) if moment else None

    def _date(self, moment: datetime | None) -> str | None:
        """The day in the city, spelled as midnight UTC: promises are kept by the day."""
        if moment is None:
            return None
        day = moment.astimezone(self._city.zone).date()
        return datetime(day.year, day.month, day.day, tzinfo=UTC).strftime(self._layout.times)

    def _media(self, case: Case, photo: str) -> str | None:
        if photo and self._wanted.site:
            return f"{self._wanted.site}/photos/{photo}.jpg"
        return case.media_url or None


def _is_hidden(case: Case, service: ServiceEntry) -> bool:
    """Whether whoever reads the row in would show more of the case than its city does."""
    is_limited = case.visibility == Visibility.LIMITED
    return case.visibility == Visibility.PRIVATE or (
        is_limited and service.visibility is Visibility.PUBLIC
    )


def _plain(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)
