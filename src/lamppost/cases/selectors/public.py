"""What the public may see of cases, in lists and on maps. The rules of visibility live here.

``public`` cases are shown whole; of ``limited`` ones only service, status and dates;
``private`` ones do not exist here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lamppost.cases.models import Case, CaseArea
from lamppost.cases.selectors.duplicates import first_photos
from lamppost.cases.selectors.words import newest_public, newest_searched, public_words
from lamppost.catalog.choices import State, Visibility
from lamppost.database.fields import Point
from lamppost.database.plane import Away, in_box
from lamppost.kernel.geo import Box, box_around, distance_m

PAGE_SIZE = 25
MAX_POINTS = 1000

_COLUMNS = (
    "id", "number", "service_id", "department_id", "state", "status_id", "outcome_id",
    "visibility", "description", "public_description", "address", "location", "requested_at",
    "updated_at", "closed_at", "due_at", "is_paused", "photo_count", "follower_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the time of request (aware) and the id of a row."""

    requested_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted; empty means all. Times are aware, ``until`` is exclusive.

    ``state`` is ``open`` (not closed), ``closed``, ``overdue`` or empty.
    """

    service_ids: tuple[int, ...] = ()
    state: str = ""
    status_id: int | None = None
    area_id: int | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    box: Box | None = None

    @property
    def reads_details(self) -> bool:
        """Whether matching would tell something of a limited case that is not shown of it."""
        return bool(self.text or self.area_id is not None or self.box is not None)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as a list shows it. Details of a limited case are empty, not hidden."""

    id: int
    number: str
    service_id: int
    department_id: int
    state: str
    status_id: int
    outcome_id: int | None
    is_limited: bool
    description: str
    address: str
    location: Point | None
    requested_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    is_paused: bool
    follower_count: int
    photo_token: str = ""
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first, with the way to the pages beside it.

    ``searched``: the words were looked for in so many of the newest only, and there are older
    ones; None when in all.
    """

    rows: list[CaseRow]
    newer: Cursor | None = None
    older: Cursor | None = None
    searched: int | None = None


def visible() -> QuerySet[Case]:
    """Return the cases of the city in scope that exist for the public at all."""
    return Case.objects.exclude(visibility=Visibility.PRIVATE)


def shown_whole() -> QuerySet[Case]:
    """Return the cases of the city in scope of which place, words and photos are public."""
    return Case.objects.filter(visibility=Visibility.PUBLIC)


def public_cases(
    filters: Filters,
    *,
    older_than: Cursor | None = None,
    newer_than: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> Page:
    """Return a page of the public list by keyset: two queries whatever its length.

    A third for words that are rare, or that are none: see ``words.newest_public``.
    """
    rows, searched = _matching(filters), None
    if newer_than is not None:
        later = Q(requested_at__gt=newer_than.requested_at) | Q(id__gt=newer_than.id)
        rows = rows.filter(later, requested_at__gte=newer_than.requested_at)
        found = _listed(rows, filters, limit + 1, oldest_first=True)
        has_newer, has_older = len(found) > limit, True
        found = found[:limit][::-1]
    else:
        if older_than is not None:
            earlier = Q(requested_at__lt=older_than.requested_at) | Q(id__lt=older_than.id)
            rows = rows.filter(earlier, requested_at__lte=older_than.requested_at)
        found = _listed(rows, filters, limit + 1)
        has_newer, has_older = older_than is not None, len(found) > limit
        found = found[:limit]
        if filters.text and not has_older:
            in_order = rows.order_by("-requested_at", "-id")
            searched = newest_searched(in_order, text=filters.text)
    cases = _with_photos(found)
    return Page(
        rows=cases,
        newer=_cursor(cases[0]) if cases and has_newer else None,
        older=_cursor(cases[-1]) if cases and has_older else None,
        searched=searched,
    )


def public_points(filters: Filters, *, limit: int = MAX_POINTS) -> list[CaseRow]:
    """Return the newest public cases with a place, for a map, without photos."""
    rows = _matching(filters).filter(location__isnull=False, visibility=Visibility.PUBLIC)
    return [_row(row) for row in _listed(rows, filters, limit)]


def cases_near(
    point: Point, *, radius_m: float, filters: Filters | None = None, limit: int = PAGE_SIZE
) -> list[CaseRow]:
    """Return public cases within ``radius_m`` meters of ``point``, nearest first."""
    chosen = filters or Filters()
    around = in_box("location", box_around(point, radius_m))
    rows = _matching(chosen).filter(around, visibility=Visibility.PUBLIC)
    if chosen.text:
        rows = rows.filter(public_words(chosen.text))
    near = []
    for row in rows.values(*_COLUMNS).order_by(Away("location", point))[:limit]:
        away = distance_m(point, row["location"])
        if away <= radius_m:
            near.append((away, row))
    near.sort(key=lambda one: (one[0], -one[1]["id"]))
    cases = _with_photos([row for _away, row in near])
    return [replace(case, distance_m=away) for case, (away, _) in zip(cases, near, strict=True)]


def place_of_address(text: str) -> tuple[str, Point] | None:
    """Return address and place of the newest public case whose address contains ``text``.

    The city's own requests serve as its gazetteer where it has no address file.
    """
    rows = shown_whole().filter(location__isnull=False).values_list("address", "location")
    found = newest_public(rows, Q(address__has_part=text), text=text, limit=1)
    return (found[0][0], found[0][1]) if found and found[0][1] is not None else None


def popular_services(*, among: int = 2000) -> list[int]:
    """Return ids of services, the most asked for first, among the newest public cases."""
    newest = visible().order_by("-requested_at", "-id").values_list("service_id", flat=True)
    counts: dict[int, int] = {}
    for service_id in newest[:among]:
        counts[service_id] = counts.get(service_id, 0) + 1
    return sorted(counts, key=lambda service_id: (-counts[service_id], service_id))


def _listed(
    rows: QuerySet[Case], filters: Filters, limit: int, *, oldest_first: bool = False
) -> list[dict[str, Any]]:
    """The first ``limit`` of what ``_matching`` gave that have the words asked for."""
    values = rows.values(*_COLUMNS)
    if filters.text:
        text = filters.text
        words = public_words(text)
        return newest_public(values, words, text=text, limit=limit, oldest_first=oldest_first)
    order = ("requested_at", "id") if oldest_first else ("-requested_at", "-id")
    return list(values.order_by(*order)[:limit])


def _matching(filters: Filters) -> QuerySet[Case]:
    """What of the city's cases ``filters`` asks for, but for the words."""
    rows = shown_whole() if filters.reads_details else visible()
    if filters.service_ids:
        rows = rows.filter(service_id__in=filters.service_ids)
    rows = _in_state(rows, filters)
    if filters.since is not None:
        rows = rows.filter(requested_at__gte=filters.since)
    if filters.until is not None:
        rows = rows.filter(requested_at__lt=filters.until)
    if filters.area_id is not None:
        inside = CaseArea.objects.filter(case=OuterRef("pk"), area_id=filters.area_id)
        rows = rows.filter(Exists(inside))
    if filters.box is not None:
        rows = rows.filter(in_box("location", filters.box))
    return rows


def _in_state(rows: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    if filters.status_id is not None:
        rows = rows.filter(status_id=filters.status_id)
    if filters.state == "open":
        rows = rows.exclude(state=State.CLOSED)
    elif filters.state == "closed":
        rows = rows.filter(state=State.CLOSED)
    elif filters.state == "overdue":
        # A paused clock stands still: what waits for a listed reason is not overdue.
        rows = rows.exclude(state=State.CLOSED).filter(due_at__lt=timezone.now(), is_paused=False)
    return rows


def _with_photos(found: Iterable[dict[str, Any]]) -> list[CaseRow]:
    rows = [_row(row) for row in found]
    photos = first_photos([row.id for row in rows if not row.is_limited])
    return [replace(row, photo_token=photos.get(row.id, "")) for row in rows]


def _row(values: dict[str, Any]) -> CaseRow:
    fields = dict(values)
    limited = fields.pop("visibility") != Visibility.PUBLIC
    fields.pop("photo_count")
    for_all = fields.pop("public_description")
    if for_all is not None:
        fields["description"] = for_all
    if limited:
        fields |= {"description": "", "address": "", "location": None, "follower_count": 0}
    return CaseRow(is_limited=limited, **fields)


def _cursor(row: CaseRow) -> Cursor:
    return Cursor(row.requested_at, row.id)
