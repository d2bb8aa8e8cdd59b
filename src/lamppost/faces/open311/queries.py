"""The hot reads: one prepared statement each, in which PostgreSQL builds the JSON.

What a request looks like is said in columns.py. Row security adds the city to every table read
here. The statements name the city once more: only then does PostgreSQL look for a place in the
index before it has asked row security about each row: docs/decisions/0011-open311-choices.md.
"""

# Statements are put together from the constants of this module; values are always parameters.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from lamppost.cases.selectors.words import walks_for
from lamppost.cities.selectors import city_in_scope
from lamppost.database.letters import in_index, looked_up, pattern
from lamppost.database.plane import box_texts, point_text
from lamppost.database.scope import require_city_id
from lamppost.database.short_reads import read_row
from lamppost.faces.open311.columns import PUBLIC, READABLE, selected
from lamppost.faces.open311.filters import Filters, Span
from lamppost.kernel.geo import Box, Place, box_around, meters_per_degree

# Of the city's box; where the two ways to read a box cost about the same.
_LARGE_SHARE = 0.005


@dataclass(slots=True)
class _Where:
    """Conditions and their parameters, as they come together."""

    parts: list[str] = field(default_factory=lambda: ["c.city_id = %(city)s", READABLE])
    params: dict[str, Any] = field(default_factory=lambda: {"city": require_city_id()})
    words: list[str] = field(default_factory=list)

    def add(self, condition: str, **params: Any) -> None:
        self.parts.append(condition)
        self.params.update(params)

    @property
    def sql(self) -> str:
        return " AND ".join([*self.parts, *self.words])


def read_one(number: str, *, with_extensions: bool, texts: dict[str, Any]) -> bytes | None:
    """Return a JSON array of the one request with this number, or None."""
    select, joins = selected(with_extensions)
    return _text(
        f"SELECT json_build_array(t)::text FROM ({select} FROM cases_case c {joins}"
        f" WHERE c.number = %(number)s AND {READABLE}) t",
        {"number": number, "now": timezone.now(), **texts},
    )


def read_list(filters: Filters, *, texts: dict[str, Any]) -> bytes:
    """Return the JSON array of the requests that match.

    Newest first; with ``updated`` the last changed first; with ``near`` the nearest first.
    """
    if filters.is_empty:
        return b"[]"
    where = _where(filters)
    where.params.update(texts, now=timezone.now())
    if filters.near is not None and not filters.numbers:
        return _read_near(filters, where, filters.near)
    moment = "c.updated_at" if filters.updated else "c.requested_at"
    if where.words:
        return _read_worded(filters, where, moment)
    return _read_ordered(filters, where, f"{moment} DESC, c.id DESC")


def _read_worded(filters: Filters, where: _Where, moment: str) -> bytes:
    """Newest first: among the newest if they have enough of the words, else by their index.

    Why not one statement: ``cases.selectors.words``.
    """
    select, joins = selected(filters.with_extensions)
    order = f"{moment} DESC, c.id DESC"
    text = max(filters.words, key=looked_up)
    body = b"[]"
    for walk in walks_for(text, limit=filters.offset + filters.size):
        row = read_row(
            f"""SELECT coalesce(json_agg(t), '[]')::text, count(*) FROM ({select} FROM (
                  SELECT * FROM (
                    SELECT * FROM cases_case c WHERE {" AND ".join(where.parts)}
                    ORDER BY {order} LIMIT {walk:d}) c
                  WHERE {" AND ".join(where.words)}
                  ORDER BY {order} LIMIT {filters.size:d} OFFSET {filters.offset:d}) c {joins}
                ORDER BY {order}) t""",
            where.params,
        )
        found, count = row or (None, None)
        body = found or b"[]"
        if int(count or 0) == filters.size:
            return body
    if not looked_up(text):
        return body
    # The sum is no index's order, so that none is walked to its end for a word that is not there.
    return _read_ordered(filters, where, f"{moment} + interval '0' DESC, c.id DESC")


def _read_ordered(filters: Filters, where: _Where, order: str) -> bytes:
    select, joins = selected(filters.with_extensions)
    # First the page, then what belongs to its rows. In one step PostgreSQL, which knows little
    # about small tables, may begin with the departments and sort all the cases of each.
    page = f"WHERE {where.sql} ORDER BY {order} LIMIT {filters.size:d}"
    if filters.offset or where.words:
        # Rows passed over are read from the index alone; and words are looked up but once.
        source = (
            f"(SELECT c.id FROM cases_case c {page} OFFSET {filters.offset:d}) page"
            " JOIN cases_case c ON c.id = page.id"
        )
    else:
        source = f"(SELECT c.* FROM cases_case c {page}) c"
    sql = (
        "SELECT coalesce(json_agg(t), '[]')::text"
        f" FROM ({select} FROM {source} {joins} ORDER BY {order}) t"
    )
    return _text(sql, where.params) or b"[]"


def _read_near(filters: Filters, where: _Where, near: tuple[Place, float]) -> bytes:
    """Nearest first: the index walks outwards and stops at a full page or the circle's rim.

    What else is asked for, it cannot know: in a large circle it would pass over most of the
    city's cases on the way to those of one service, so there the service leads.
    """
    place, radius = near
    x_m, y_m = meters_per_degree(place[1])
    away = (
        "sqrt(power((c.location[0] - %(x)s) * %(x_m)s, 2)"
        " + power((c.location[1] - %(y)s) * %(y_m)s, 2))"
    )
    where.params.update(x=place[0], y=place[1], x_m=x_m, y_m=y_m, radius=radius)
    where.add(PUBLIC)
    where.add(f"{away} <= %(radius)s")
    box = box_around(place, radius)
    if not _is_large(box):
        _within_small(where, box)
    elif filters.service_ids or filters.department_ids or filters.words:
        return _read_ordered(filters, where, f"{away}, c.id")
    else:
        where.add("c.location IS NOT NULL")
    where.params["place"] = point_text(place)
    return _read_ordered(filters, where, "mercator(c.location) <-> %(place)s::point")


def _where(filters: Filters) -> _Where:
    where = _Where()
    if filters.numbers:
        where.add("c.number = ANY(%(numbers)s)", numbers=list(filters.numbers))
        return where
    for column, span in (("requested_at", filters.requested), ("updated_at", filters.updated)):
        if span is not None:
            _between(where, column, span)
    _among(where, "service_id", filters.service_ids)
    _among(where, "department_id", filters.department_ids)
    if filters.is_closed is not None:
        where.add("c.state = 'closed'" if filters.is_closed else "c.state <> 'closed'")
    if filters.box is not None:
        where.add(PUBLIC)
        _within(where, filters.box)
    if filters.words:
        where.add(PUBLIC)
    for index, word in enumerate(filters.words):
        name = f"word{index}"
        address, for_all, written = (
            f"{in_index(column, word)} ILIKE %({name})s"
            for column in ("c.address", "c.public_description", "c.description")
        )
        where.words.append(
            f"({address} OR {for_all} OR (c.public_description IS NULL AND {written})"
            f" OR c.number = %(plain_{name})s)"
        )
        where.params.update({name: pattern(word), f"plain_{name}": word})
    return where


def _between(where: _Where, column: str, span: Span) -> None:
    # As a query of its own a moment is unknown to whoever plans, so that one plan is kept for
    # all moments: for 25 nearby cases the planning takes as long as the reading.
    if span.start is not None:
        where.add(f"c.{column} >= (SELECT %({column}_from)s::timestamptz)")
        where.params[f"{column}_from"] = span.start
    if span.end is not None:
        # Callers know whole seconds: what happened within the last of them belongs to it.
        where.add(f"c.{column} < (SELECT %({column}_until)s::timestamptz)")
        where.params[f"{column}_until"] = span.end + timedelta(seconds=1)


def _among(where: _Where, column: str, ids: tuple[int, ...] | None) -> None:
    if ids is None:
        return
    if len(ids) == 1:
        where.add(f"c.{column} = %({column})s", **{column: ids[0]})
    else:
        where.add(f"c.{column} = ANY(%({column})s)", **{column: list(ids)})


def _within(where: _Where, box: Box) -> None:
    if not _is_large(box):
        _within_small(where, box)
        return
    # Soon full of new ones: the list by time, looking at each place, is the faster way.
    joint = "AND" if box.west <= box.east else "OR"
    where.add(
        f"(c.location[0] >= %(west)s {joint} c.location[0] <= %(east)s)"
        " AND c.location[1] >= %(south)s AND c.location[1] <= %(north)s",
        **box._asdict(),
    )


def _within_small(where: _Where, box: Box) -> None:
    parts = []
    for index, text in enumerate(box_texts(box)):
        parts.append(f"mercator(c.location) <@ %(box{index})s::box")
        where.params[f"box{index}"] = text
    # Said once more for the index, which has no empty places.
    where.add(f"({' OR '.join(parts)}) AND c.location IS NOT NULL")


def _is_large(box: Box) -> bool:
    """Whether the box is more than a small part of the city's own."""
    city = city_in_scope()
    if city.west is None or city.east is None or city.south is None or city.north is None:
        return False
    whole = (city.east - city.west) % 360 * (city.north - city.south)
    return (box.east - box.west) % 360 * (box.north - box.south) > whole * _LARGE_SHARE


def _text(sql: str, params: dict[str, Any]) -> bytes | None:
    row = read_row(sql, params)
    return row[0] if row else None
