"""What a request looks like to the public: the columns of every statement here.

``_FIELDS`` is the one place that says it. PostgreSQL builds the JSON, see queries.py.
"""

# Statements are put together from the constants of this module; values are always parameters.
# ruff: noqa: S608

from __future__ import annotations

from typing import Any

from lamppost.cases.selectors.audience import PUBLIC_SQL
from lamppost.cities.models import City


def wording(city: City, language: str, base: str) -> dict[str, Any]:
    """Return the parameters every statement here takes: the reader's language, the site."""
    return {
        "language": language,
        "base": language.split("-")[0],
        "english": "en",
        "fallback": city.default_language,
        "photos": f"{base}/photos/",
    }


# Of a limited case the public reads the status and nothing a person wrote or did.
PUBLIC = "c.visibility = 'public'"
READABLE = "c.visibility <> 'private'"


def _public(expression: str) -> str:
    return f"CASE WHEN {PUBLIC} THEN {expression} END"


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
        f"CASE WHEN {PUBLIC} THEN left({_WORDS}, 4000) ELSE '' END",
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
    'areas', CASE WHEN {PUBLIC} THEN {_AREAS} ELSE '[]' END,
    'media_urls', CASE WHEN {PUBLIC} THEN {_PHOTOS} ELSE '[]' END)"""
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
    ("attributes", f"CASE WHEN {PUBLIC} THEN {_ANSWERS} ELSE '[]' END"),
    ("notes", f"CASE WHEN {PUBLIC} THEN {_NOTES} ELSE '[]' END"),
)

_JOINS = """
  JOIN catalog_service s ON s.id = c.service_id
  JOIN people_department d ON d.id = c.department_id"""
_WITH_OUTCOME = _JOINS + "\n  LEFT JOIN catalog_outcome o ON o.id = c.outcome_id"


def _columns(fields: tuple[tuple[str, str], ...]) -> str:
    return ",\n  ".join(f"{expression} AS {name}" for name, expression in fields)


_PLAIN = f"SELECT {_columns(_FIELDS)}"
_FULL = f"SELECT {_columns(_FIELDS + _EXTENSIONS)}"


def selected(with_extensions: bool) -> tuple[str, str]:
    """Return ``SELECT`` with the columns, and the joins they need after ``cases_case c``."""
    return (_FULL, _WITH_OUTCOME) if with_extensions else (_PLAIN, _JOINS)


# FixMyStreet's words for where a request stands, as it stood at the moment of the update.
_WORD = """CASE e.state WHEN 'received' THEN 'OPEN' WHEN 'open' THEN 'IN_PROGRESS'
    WHEN 'waiting' THEN 'ACTION_SCHEDULED' ELSE CASE o.kind WHEN 'done' THEN 'FIXED'
    WHEN 'referred' THEN 'NOT_COUNCILS_RESPONSIBILITY' WHEN 'duplicate' THEN 'DUPLICATE'
    WHEN 'withdrawn' THEN 'CANCELLED' ELSE 'NO_FURTHER_ACTION' END END"""
_SAID = f"""coalesce(
    CASE WHEN e.actor <> 'resident' AND w.redacted_at IS NULL AND {PUBLIC}
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
    AND e.at >= %(from)s AND e.at < %(until)s AND {READABLE}
    AND (%(own)s::bigint IS NULL OR e.api_key_id IS DISTINCT FROM %(own)s)
  ORDER BY e.at, e.id LIMIT %(size)s OFFSET %(offset)s) u"""
