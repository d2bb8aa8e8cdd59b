"""The hot reads: one prepared statement each, in which PostgreSQL builds the JSON.

``_FIELDS`` is the one place that says what a request looks like to the public. Row security
adds the city to every table read here. The statements name the city once more: only then does
PostgreSQL look for a place in the index before it has asked row security about each row, and
only an open-ended span lets it keep one plan: docs/decisions/0011-open311-choices.md.
"""

# Statements are put together from the constants of this module; values are always parameters.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from lamppost.cases.selectors.audience import PUBLIC_SQL
from lamppost.cases.selectors.words import walks_for
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.database.letters import in_index, looked_up, pattern
from lamppost.database.plane import box_texts, point_text
from lamppost.database.scope import require_city_id
from lamppost.database.short_reads import read_row
from lamppost.faces.open311.filters import Filters, Span
from lamppost.kernel.geo import Box, Place, box_around, meters_per_degree

# Of a limited case the public reads the status and nothing a person wrote or did.
_PUBLIC = "c.visibility = 'public'"
_READABLE = "c.visibility <> 'private'"


def _public(expression: str) -> str:
    return f"CASE WHEN {_PUBLIC} THEN {expression} END"


def _moment(expression: str) -> str:
    # In UTC and to the second: clients compare these as text, and some cannot read fractions.
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def _worded(column: str) -> str:
    """The text of a translated column in the reader's language, as ``kernel.text`` picks it."""
    keys = ("language", "base", "english", "fallback")
    picks = ", ".join(f"nullif({column} ->> %({key})s::text, '')" for key in keys)
    return f"coalesce({picks})"


# What a resident wrote, without personal data.
_WORDS = "coalesce(c.public_description, c.description)"
_CHANGED = "CASE WHEN c.state = 'closed' THEN c.closed_at ELSE c.updated_at END"
_LINKED_MEDIA = (
    "CASE WHEN c.media_url LIKE 'http%%' AND length(c.media_url) <= 2083 THEN c.media_url END"
)
_FIRST_PHOTO = """(
    SELECT %(photos)s::text || a.token || '.jpg' FROM cases_attachment a
    WHERE a.case_id = c.id AND NOT a.is_hidden ORDER BY a.id LIMIT 1)"""

_FIELDS: tuple[tuple[str, str], ...] = (
    ("service_request_id", "c.number"),
    ("status", "CASE WHEN c.state = 'closed' THEN 'closed' ELSE 'open' END"),
    ("status_notes", _public("nullif(coalesce(c.public_note, c.status_note), '')")),
    ("service_name", f"coalesce({_worded('s.name')}, s.code)"),
    ("service_code", "s.code"),
    # Never null: clients measure its length without looking.
    (
        "description",
        f"CASE WHEN {_PUBLIC} THEN left({_WORDS}, 4000) ELSE '' END",
    ),
    ("agency_responsible", f"coalesce({_worded('d.name')}, d.code)"),
    ("service_notice", _worded("s.notice")),
    ("requested_datetime", _moment("c.requested_at")),
    # "For requests with status=closed, this will be the date the request was closed."
    ("updated_datetime", _moment(f"greatest(c.requested_at, {_CHANGED})")),
    ("expected_datetime", _moment("c.due_at")),
    ("address", _public("nullif(c.address, '')")),
    ("address_id", _public("nullif(c.address_id, '')")),
    ("zipcode", _public("nullif(c.zipcode, '')")),
    ("lat", _public("c.location[1]")),
    ("long", _public("c.location[0]")),
    (
        "media_url",
        _public(f"CASE WHEN c.photo_count > 0 THEN {_FIRST_PHOTO} ELSE {_LINKED_MEDIA} END"),
    ),
)

# CitySDK's words for what the standard calls only open and closed.
_DETAILED = """CASE c.state WHEN 'received' THEN 'RECEIVED' WHEN 'open' THEN 'IN_PROCESS'
    WHEN 'waiting' THEN 'PENDING' ELSE CASE o.kind WHEN 'done' THEN 'PROCESSED'
    ELSE 'REJECTED' END END"""
_PARENT = """(
    SELECT p.number FROM cases_caselink l JOIN cases_case p ON p.id = l.to_case_id
    WHERE l.from_case_id = c.id AND l.kind = 'duplicate_of' AND p.visibility <> 'private')"""
_PHOTOS = """coalesce((
    SELECT json_agg(%(photos)s::text || a.token || '.jpg' ORDER BY a.id)
    FROM cases_attachment a WHERE a.case_id = c.id AND NOT a.is_hidden), '[]')"""
_AREAS = f"""coalesce((
    SELECT json_agg(json_build_object('kind', k.code, 'code', r.code, 'name', {_worded("r.name")})
                    ORDER BY k."order", k.code, r.code)
    FROM cases_casearea x JOIN places_area r ON r.id = x.area_id
    JOIN places_areakind k ON k.id = r.kind_id
    WHERE x.case_id = c.id AND NOT x.is_doubtful AND k.is_public), '[]')"""
_EXTENDED = f"""json_build_object(
    'channel', {_public("c.channel")},
    'detailed_status', {_DETAILED},
    'status_name', (SELECT {_worded("t.name")} FROM catalog_status t WHERE t.id = c.status_id),
    'outcome', {_worded("o.name")},
    'closed_datetime', {_moment("c.closed_at")},
    'overdue', coalesce(c.due_at < coalesce(c.closed_at, %(now)s) AND NOT c.is_paused, false),
    'paused', c.is_paused,
    'followers', {_public("c.follower_count")},
    'parent_service_request_id', {_public(_PARENT)},
    'areas', CASE WHEN {_PUBLIC} THEN {_AREAS} ELSE '[]' END,
    'media_urls', CASE WHEN {_PUBLIC} THEN {_PHOTOS} ELSE '[]' END)"""
_ANSWERS = f"""coalesce((
    SELECT json_agg(json_build_object(
        'code', q.code, 'label', {_worded("q.text")},
        'value', coalesce(v.key, n.public_text, n.text),
        'name', coalesce({_worded("v.name")}, n.public_text, n.text))
      ORDER BY q."order", v."order")
    FROM cases_caseanswer n JOIN catalog_question q ON q.id = n.question_id
    LEFT JOIN catalog_questionvalue v ON v.id = n.value_id
    WHERE n.case_id = c.id AND q.is_public), '[]')"""
# Words of residents stay out: what a reporter writes when disputing is for staff to publish.
_NOTES = f"""coalesce((
    SELECT json_agg(json_build_object(
        'datetime', {_moment("e.at")},
        'type', CASE WHEN e.kind IN ('received', 'imported') THEN 'submitted'
                     WHEN e.kind = 'closed' THEN 'closed'
                     WHEN e.kind = 'reopened' THEN 'opened' ELSE 'activity' END,
        'summary', (SELECT {_worded("t.name")} FROM catalog_status t WHERE t.id = e.status_id),
        'description', CASE WHEN e.actor <> 'resident' AND w.redacted_at IS NULL
                            THEN coalesce(w.public_text, w.text) END)
      ORDER BY e.seq)
    FROM cases_caseevent e LEFT JOIN cases_eventtext w ON w.event_id = e.id
    WHERE e.case_id = c.id AND {PUBLIC_SQL} AND e.kind IN (
      'received', 'imported', 'moved', 'closed', 'reopened', 'note', 'partner_update',
      'recategorized', 'transfer_accepted')), '[]')"""
_EXTENSIONS: tuple[tuple[str, str], ...] = (
    ("extended_attributes", _EXTENDED),
    ("attributes", f"CASE WHEN {_PUBLIC} THEN {_ANSWERS} ELSE '[]' END"),
    ("notes", f"CASE WHEN {_PUBLIC} THEN {_NOTES} ELSE '[]' END"),
)

_JOINS = """
  JOIN catalog_service s ON s.id = c.service_id
  JOIN people_department d ON d.id = c.department_id"""
_WITH_OUTCOME = _JOINS + "\n  LEFT JOIN catalog_outcome o ON o.id = c.outcome_id"


def _columns(fields: tuple[tuple[str, str], ...]) -> str:
    return ",\n  ".join(f"{expression} AS {name}" for name, expression in fields)


_PLAIN = f"SELECT {_columns(_FIELDS)}"
_FULL = f"SELECT {_columns(_FIELDS + _EXTENSIONS)}"


def _select(with_extensions: bool) -> tuple[str, str]:
    return (_FULL, _WITH_OUTCOME) if with_extensions else (_PLAIN, _JOINS)


# FixMyStreet's words for where a request stands, as it stood at the moment of the update.
_WORD = """CASE e.state WHEN 'received' THEN 'OPEN' WHEN 'open' THEN 'IN_PROGRESS'
    WHEN 'waiting' THEN 'ACTION_SCHEDULED' ELSE CASE o.kind WHEN 'done' THEN 'FIXED'
    WHEN 'referred' THEN 'NOT_COUNCILS_RESPONSIBILITY' WHEN 'duplicate' THEN 'DUPLICATE'
    WHEN 'withdrawn' THEN 'CANCELLED' ELSE 'NO_FURTHER_ACTION' END END"""
_SAID = f"""coalesce(
    CASE WHEN e.actor <> 'resident' AND w.redacted_at IS NULL AND {_PUBLIC}
         THEN coalesce(w.public_text, w.text) END,
    {_worded("o.name")}, {_worded("t.name")}, '')"""
PUBLIC_NOTES = f"""
SELECT coalesce(json_agg(u), '[]')::text FROM (
  SELECT e.id::text AS update_id, c.number AS service_request_id, {_WORD} AS status,
    {_SAID} AS description, {_moment("e.at")} AS updated_datetime, NULL AS media_url,
    t.code AS external_status_code
  FROM cases_caseevent e
  JOIN cases_case c ON c.id = e.case_id
  JOIN catalog_status t ON t.id = e.status_id
  LEFT JOIN catalog_outcome o ON o.id = e.outcome_id
  LEFT JOIN cases_eventtext w ON w.event_id = e.id
  WHERE e.kind = ANY('{{moved,closed,reopened,note,partner_update}}') AND {PUBLIC_SQL}
    AND e.at >= %(from)s AND e.at < %(until)s AND {_READABLE}
    AND (%(own)s::bigint IS NULL OR e.api_key_id IS DISTINCT FROM %(own)s)
  ORDER BY e.at, e.id LIMIT %(size)s OFFSET %(offset)s) u"""

# Of the city's box; where the two ways to read a box cost about the same.
_LARGE_SHARE = 0.005


@dataclass(slots=True)
class _Where:
    """Conditions and their parameters, as they come together."""

    parts: list[str] = field(default_factory=lambda: ["c.city_id = %(city)s", _READABLE])
    params: dict[str, Any] = field(default_factory=lambda: {"city": require_city_id()})
    words: list[str] = field(default_factory=list)

    def add(self, condition: str, **params: Any) -> None:
        self.parts.append(condition)
        self.params.update(params)

    @property
    def sql(self) -> str:
        return " AND ".join([*self.parts, *self.words])


def wording(city: City, language: str, base: str) -> dict[str, Any]:
    """Return the parameters every statement here takes: the reader's language, the site."""
    return {
        "language": language,
        "base": language.split("-")[0],
        "english": "en",
        "fallback": city.default_language,
        "photos": f"{base}/photos/",
    }


def read_one(number: str, *, with_extensions: bool, texts: dict[str, Any]) -> bytes | None:
    """Return a JSON array of the one request with this number, or None."""
    select, joins = _select(with_extensions)
    return _text(
        f"SELECT json_build_array(t)::text FROM ({select} FROM cases_case c {joins}"
        f" WHERE c.number = %(number)s AND {_READABLE}) t",
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
    select, joins = _select(filters.with_extensions)
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
    select, joins = _select(filters.with_extensions)
    if filters.offset or where.words:
        # Rows passed over are read from the index alone, without joins or fields; and words
        # are looked up once, not once for each department joined.
        source = (
            f"(SELECT c.id FROM cases_case c WHERE {where.sql}"
            f" ORDER BY {order} LIMIT {filters.size:d} OFFSET {filters.offset:d}) page"
            " JOIN cases_case c ON c.id = page.id"
        )
        tail = f"ORDER BY {order}"
    else:
        source = "cases_case c"
        tail = f"WHERE {where.sql} ORDER BY {order} LIMIT {filters.size:d}"
    sql = f"SELECT coalesce(json_agg(t), '[]')::text FROM ({select} FROM {source} {joins} {tail}) t"
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
    where.add(_PUBLIC)
    where.add(f"{away} <= %(radius)s")
    box = box_around(place, radius)
    _within(where, box)
    if _is_large(box) and (filters.service_ids or filters.department_ids):
        return _read_ordered(filters, where, f"{away}, c.id")
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
        where.add(_PUBLIC)
        _within(where, filters.box)
    if filters.words:
        where.add(_PUBLIC)
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
    if span.start is not None:
        where.add(f"c.{column} >= %({column}_from)s", **{f"{column}_from": span.start})
    if span.end is not None:
        # Callers know whole seconds: what happened within the last of them belongs to it.
        until = span.end + timedelta(seconds=1)
        where.add(f"c.{column} < %({column}_until)s", **{f"{column}_until": until})


def _among(where: _Where, column: str, ids: tuple[int, ...] | None) -> None:
    if ids is None:
        return
    if len(ids) == 1:
        where.add(f"c.{column} = %({column})s", **{column: ids[0]})
    else:
        where.add(f"c.{column} = ANY(%({column})s)", **{column: list(ids)})


def _within(where: _Where, box: Box) -> None:
    if _is_large(box):
        # Soon full of new ones: the list by time, looking at each place, is the faster way.
        joint = "AND" if box.west <= box.east else "OR"
        where.add(
            f"(c.location[0] >= %(west)s {joint} c.location[0] <= %(east)s)"
            " AND c.location[1] >= %(south)s AND c.location[1] <= %(north)s",
            **box._asdict(),
        )
        return
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
