"""Proving that no history was altered: the chain of every case, its words and its state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from lamppost.database.scope import require_city_id


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: the case's number, the event's place, and what."""

    number: str
    seq: int
    what: str


# A row's hash is computed again from its columns; each must follow the one before it.
_ALTERED = """
SELECT e.case_id, e.seq, 'event was altered' FROM cases_caseevent e
WHERE e.city_id = %(city)s AND e.hash <> lamppost_event_hash(e)
"""
_UNLINKED = """
SELECT e.case_id, e.seq, 'does not follow the event before it: one was removed or altered'
FROM (SELECT case_id, seq, prev_hash, lag(hash, 1, '') OVER w AS before,
             row_number() OVER w AS place
      FROM cases_caseevent WHERE city_id = %(city)s
      WINDOW w AS (PARTITION BY case_id ORDER BY seq)) e
WHERE e.seq <> e.place OR e.prev_hash <> e.before
"""
# The head is kept apart: cutting off the last events shows here.
_HEADLESS = """
SELECT c.id, coalesce(h.seq, 0), 'the last events are missing'
FROM cases_case c
LEFT JOIN cases_casechain h ON h.case_id = c.id
LEFT JOIN LATERAL (SELECT seq, hash FROM cases_caseevent e
  WHERE e.city_id = c.city_id AND e.case_id = c.id ORDER BY seq DESC LIMIT 1) l ON true
WHERE c.city_id = %(city)s AND (h.case_id IS NULL OR l.seq IS NULL
  OR l.seq <> h.seq OR l.hash <> h.hash)
"""
# What the case says must be what its last event says.
_CONTRADICTED = """
SELECT c.id, l.seq, 'status, owner or outcome was changed without an event'
FROM cases_case c
JOIN LATERAL (SELECT seq, state, status_id, department_id, service_id, outcome_id
  FROM cases_caseevent e WHERE e.city_id = c.city_id AND e.case_id = c.id
  ORDER BY seq DESC LIMIT 1) l ON true
WHERE c.city_id = %(city)s AND (l.state, l.status_id, l.department_id, l.service_id,
  coalesce(l.outcome_id, 0)) IS DISTINCT FROM
  (c.state, c.status_id, c.department_id, c.service_id, coalesce(c.outcome_id, 0))
"""
# Words are salted and digested, so that they can be redacted; any other change shows.
_REWORDED = """
SELECT e.case_id, e.seq, 'the words of the event were altered'
FROM cases_caseevent e LEFT JOIN cases_eventtext t ON t.event_id = e.id
WHERE e.city_id = %(city)s AND e.text_digest <> '' AND (t.id IS NULL OR (t.redacted_at IS NULL
  AND encode(sha256(convert_to(t.salt || t.text, 'UTF8')), 'hex') <> e.text_digest))
"""
# Materialized: on tables without statistics the planner would hash every event once per case.
_NAMED = sql.SQL(
    "WITH f (case_id, seq, what) AS MATERIALIZED ({check}) "
    "SELECT c.number, f.seq, f.what FROM f "
    "JOIN cases_case c ON c.id = f.case_id ORDER BY c.number, f.seq"
)
_CHECKS = (_ALTERED, _UNLINKED, _HEADLESS, _CONTRADICTED, _REWORDED)


def verify() -> Iterator[Finding]:
    """Yield everything in the city in scope that does not add up, case by case.

    Each check is one statement and so sees one state of the database. Somebody with the
    rights of the database's owner could rebuild a whole chain: comparing with a published
    head is the transparency log's part.
    """
    city = require_city_id()
    with connection.cursor() as cursor:
        for check in _CHECKS:
            cursor.execute(_NAMED.format(check=sql.SQL(check)), {"city": city})
            for number, seq, what in cursor.fetchall():
                yield Finding(number, seq, what)


def count_events() -> tuple[int, int]:
    """Return how many cases and events of the city in scope there are to check."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM cases_case WHERE city_id = %(city)s), "
            "(SELECT count(*) FROM cases_caseevent WHERE city_id = %(city)s)",
            {"city": require_city_id()},
        )
        cases, events = cursor.fetchone()
    return cases, events
