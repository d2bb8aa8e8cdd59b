"""Writing past cases in bulk: staged by COPY, then merged by number in one statement each.

COPY cannot write tables under row security, so rows go through a temporary table. A number
that is there already is brought up to date, never doubled; each change of state leaves an
event, so the chain of an imported case is as provable as that of any other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lamppost.cases.importing.past import PastCase
from lamppost.cases.services.events import text_digest
from lamppost.cases.services.numbers import keep_numbers_above
from lamppost.catalog.book import Book, OutcomeEntry, book
from lamppost.catalog.choices import CaseKind, OutcomeKind, State, Visibility
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid
from lamppost.places.locate import areas_at

BATCH = 5000

_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS past_case (
  row integer, number text, kind text, service_id bigint, department_id bigint, state text,
  status_id bigint, outcome_id bigint, note text, visibility text, channel text, language text,
  subject text, description text, long double precision, lat double precision, address text,
  zipcode text, doubtful boolean, media_url text, requested_at timestamptz,
  updated_at timestamptz, closed_at timestamptz, due_at timestamptz, salt text, digest text,
  opening_status bigint, area_ids bigint[], doubtful_ids bigint[], note_language text,
  is_duplicate boolean, duplicate_of text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS past_merged (id bigint, number text, is_new boolean)
  ON COMMIT DELETE ROWS;
-- Within a larger transaction the batch before is still there.
TRUNCATE past_case, past_merged
"""

# What the source has made private is private here at once; nothing makes it public again.
_HIDE = """
WITH hidden AS (
  UPDATE cases_case c SET visibility = 'private'
  FROM past_case p
  WHERE c.city_id = %(city)s::bigint AND c.number = p.number AND c.source = %(source)s::text
    AND p.visibility = 'private' AND c.visibility <> 'private'
  RETURNING c.id, c.state, c.status_id, c.service_id, c.department_id, c.outcome_id)
INSERT INTO cases_caseevent (
  city_id, case_id, seq, kind, audience, at, recorded_at, actor, channel, state, status_id,
  service_id, department_id, outcome_id, data, text_digest, prev_hash, hash)
SELECT %(city)s::bigint, h.id, 0, 'visibility', 'staff', %(now)s::timestamptz,
  %(now)s::timestamptz, 'system', 'import', h.state, h.status_id, h.service_id,
  h.department_id, h.outcome_id, jsonb_build_object('to', 'private'), '', '', ''
FROM hidden h
"""
# Only what differs is written: importing the same file again writes nothing.
_MERGE = """
WITH merged AS (INSERT INTO cases_case AS c (
  city_id, number, kind, service_id, department_id, state, status_id, outcome_id, status_note,
  visibility, channel, language, subject, description, location, address, address_id, unit,
  zipcode, is_boundary_doubtful, is_hazard, media_url, photo_count, follower_count,
  reopen_count, routing_reason, tracking_digest, source, requested_at, updated_at, closed_at,
  due_at, is_paused, created_at)
SELECT %(city)s::bigint, p.number, p.kind, p.service_id, p.department_id, p.state, p.status_id,
  p.outcome_id, p.note, p.visibility, p.channel, p.language, p.subject, p.description,
  CASE WHEN p.long IS NULL THEN NULL ELSE point(p.long, p.lat) END, p.address, '', '',
  p.zipcode, p.doubtful, false, p.media_url, 0, 0, 0, 'import', '', %(source)s::text,
  p.requested_at, p.updated_at, p.closed_at, p.due_at, false, %(now)s::timestamptz
FROM past_case p ORDER BY p.row
ON CONFLICT (city_id, number) DO UPDATE SET
  state = excluded.state, status_id = excluded.status_id, outcome_id = excluded.outcome_id,
  status_note = excluded.status_note, closed_at = excluded.closed_at,
  updated_at = excluded.updated_at, due_at = excluded.due_at, location = excluded.location,
  address = excluded.address, zipcode = excluded.zipcode, media_url = excluded.media_url,
  description = excluded.description, department_id = excluded.department_id,
  service_id = excluded.service_id
WHERE c.source = excluded.source AND c.routing_reason = 'import' AND (
  c.state, c.status_note, c.closed_at, c.updated_at, c.due_at, c.address, c.zipcode,
  c.media_url, c.description, c.department_id, c.service_id, c.location::text)
  IS DISTINCT FROM (
  excluded.state, excluded.status_note, excluded.closed_at, excluded.updated_at,
  excluded.due_at, excluded.address, excluded.zipcode, excluded.media_url,
  excluded.description, excluded.department_id, excluded.service_id,
  excluded.location::text)
RETURNING id, number, (xmax = 0) AS is_new)
INSERT INTO past_merged SELECT * FROM merged
"""

_RECEIVED = """
INSERT INTO cases_caseevent (
  city_id, case_id, seq, kind, audience, at, recorded_at, actor, channel, state, status_id,
  service_id, department_id, outcome_id, data, text_digest, prev_hash, hash)
SELECT %(city)s::bigint, m.id, 0, 'imported', 'public', p.requested_at, %(now)s::timestamptz,
  'system', p.channel,
  'received', p.opening_status,
  p.service_id, p.department_id, NULL,
  jsonb_build_object('source', %(source)s::text, 'due', p.due_at), '', '', ''
FROM past_merged m JOIN past_case p USING (number) WHERE m.is_new
"""
_CLOSED = """
INSERT INTO cases_caseevent (
  city_id, case_id, seq, kind, audience, at, recorded_at, actor, channel, state, status_id,
  service_id, department_id, outcome_id, data, text_digest, prev_hash, hash)
SELECT %(city)s::bigint, m.id, 0, CASE WHEN p.state = 'closed' THEN 'closed' ELSE 'moved' END,
  'public', coalesce(p.closed_at, p.updated_at), %(now)s::timestamptz, 'system', 'import',
  p.state, p.status_id,
  p.service_id, p.department_id, p.outcome_id, jsonb_build_object('source', %(source)s::text,
  'late', coalesce(p.closed_at > p.due_at, false)), p.digest, '', ''
FROM past_merged m JOIN past_case p USING (number)
WHERE p.state <> 'received' OR NOT m.is_new
"""
_TEXTS = """
INSERT INTO cases_eventtext (city_id, event_id, text, language, salt)
SELECT %(city)s::bigint, e.id, p.note, p.note_language, p.salt
FROM past_merged m JOIN past_case p USING (number)
JOIN cases_caseevent e ON e.city_id = %(city)s::bigint AND e.case_id = m.id
  AND e.text_digest = p.digest
WHERE p.note <> '' AND e.recorded_at = %(now)s::timestamptz
"""
_CLOCKS = """
INSERT INTO cases_clock (
  city_id, case_id, kind, department_id, state, started_at, due_at, stopped_at, breached_at,
  next_check_at)
SELECT %(city)s::bigint, m.id, 'resolve', p.department_id,
  CASE WHEN p.is_duplicate THEN 'cancelled'
       WHEN p.closed_at IS NULL THEN 'running'
       WHEN p.closed_at > p.due_at THEN 'missed' ELSE 'met' END,
  p.requested_at, p.due_at, p.closed_at,
  CASE WHEN NOT p.is_duplicate AND coalesce(p.closed_at, %(now)s::timestamptz) > p.due_at
       THEN p.due_at END,
  CASE WHEN p.closed_at IS NULL AND p.due_at >= %(now)s::timestamptz THEN p.due_at END
FROM past_merged m JOIN past_case p USING (number)
WHERE p.due_at IS NOT NULL
ON CONFLICT (city_id, case_id, kind)
  WHERE NOT (state = ANY (ARRAY['superseded', 'cancelled']))
DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
  stopped_at = excluded.stopped_at, breached_at = excluded.breached_at,
  next_check_at = excluded.next_check_at
"""
# A case that lies elsewhere now is no longer where it was.
_LEFT_AREAS = """
DELETE FROM cases_casearea a USING past_merged m JOIN past_case p USING (number)
WHERE a.city_id = %(city)s::bigint AND a.case_id = m.id AND NOT m.is_new
  AND a.area_id <> ALL (p.area_ids)
"""
_AREAS = """
INSERT INTO cases_casearea (city_id, case_id, area_id, is_doubtful)
SELECT %(city)s::bigint, m.id, area_id, area_id = ANY (p.doubtful_ids)
FROM past_merged m JOIN past_case p USING (number), unnest(p.area_ids) AS area_id
ON CONFLICT (city_id, case_id, area_id) DO NOTHING
"""
# The case repeated may be in this batch or have come before; one that never came is no link.
_LINKS = """
WITH linked AS (INSERT INTO cases_caselink (city_id, kind, from_case_id, to_case_id, created_at)
SELECT %(city)s::bigint, 'duplicate_of', m.id, c.id, coalesce(p.closed_at, p.updated_at)
FROM past_merged m JOIN past_case p USING (number)
JOIN cases_case c ON c.city_id = %(city)s::bigint AND c.number = p.duplicate_of
WHERE p.duplicate_of <> '' AND c.id <> m.id
ON CONFLICT DO NOTHING RETURNING to_case_id)
UPDATE cases_case c SET follower_count = c.follower_count + l.more
FROM (SELECT to_case_id, count(*) AS more FROM linked GROUP BY to_case_id) l
WHERE c.id = l.to_case_id
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one batch did: rows that are new, and rows brought up to date."""

    new: int
    changed: int


def load(cases: Sequence[PastCase], *, source: str) -> Loaded:
    """Write one batch of past cases of the city in scope, in one transaction.

    ``source`` names the system they come from; only a case of the same source is brought up
    to date, and only while nobody here has taken it over. Numbers must differ within the
    batch. Safe to repeat.
    """
    if not cases:
        return Loaded(0, 0)
    city = city_in_scope()
    now = timezone.now()
    values: dict[str, Any] = {"city": city.pk, "source": source, "now": now}
    # Before COPY: a connection that copies answers no other query, such as one for areas.
    rows = list(_rows(cases, city, book()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY past_case FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        # In a young database the planner knows no table's size; this one it must know.
        cursor.execute("ANALYZE past_case")
        cursor.execute(_HIDE, values)
        cursor.execute(_MERGE, values)
        cursor.execute("ANALYZE past_merged")
        for statement in (_RECEIVED, _CLOSED, _TEXTS, _CLOCKS, _LEFT_AREAS, _AREAS, _LINKS):
            cursor.execute(statement, values)
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) "
            "FROM past_merged"
        )
        new, changed = cursor.fetchone()
    _raise_numbers(city, cases)
    return Loaded(new=new, changed=changed)


def batches(cases: Iterable[PastCase], size: int = BATCH) -> Iterator[list[PastCase]]:
    """Cut ``cases`` into batches in which no number appears twice."""
    batch: dict[str, PastCase] = {}
    for case in cases:
        if case.number in batch or len(batch) >= size:
            yield list(batch.values())
            batch = {}
        batch[case.number] = case
    if batch:
        yield list(batch.values())


def _rows(cases: Sequence[PastCase], city: City, pages: Book) -> Iterator[tuple[Any, ...]]:
    departments = {entry.code: entry.id for entry in pages.departments.values()}
    statuses = {
        state: pages.default_status(state).id
        for state in (State.RECEIVED, State.OPEN, State.CLOSED)
    }
    outcomes = {kind: pages.outcome_of_kind(kind) for kind in OutcomeKind}
    for index, case in enumerate(cases):
        service = pages.services.get(case.service_code)
        if service is None:
            raise Invalid(f"case {case.number}: no service {case.service_code!r} here")
        state, outcome = _state(case), _outcome(case, pages, outcomes)
        areas = areas_at(city, case.point) if case.point else ()
        salt = secrets.token_hex(16) if case.note else ""
        yield (
            index,
            case.number,
            service.kind,
            service.id,
            departments.get(case.agency, service.department_id),
            state,
            statuses[state],
            None if outcome is None else outcome.id,
            case.note,
            Visibility.PRIVATE if case.is_private else service.visibility,
            case.channel,
            case.language,
            case.subject,
            case.description,
            case.point.long if case.point else None,
            case.point.lat if case.point else None,
            case.address,
            case.zipcode,
            any(located.is_doubtful for located in areas),
            case.media_url,
            case.requested_at,
            case.updated_at,
            case.closed_at,
            None if service.kind is CaseKind.INQUIRY else case.due_at,
            salt,
            text_digest(salt, case.note) if case.note else "",
            statuses[State.RECEIVED],
            [located.area_id for located in areas if located.is_inside],
            [located.area_id for located in areas if located.is_doubtful],
            case.note_language,
            outcome is not None and outcome.kind is OutcomeKind.DUPLICATE,
            case.duplicate_of,
        )


def _state(case: PastCase) -> State:
    if case.closed_at is not None:
        return State.CLOSED
    was_touched = bool(case.note) or case.updated_at > case.requested_at
    return State.OPEN if was_touched else State.RECEIVED


def _outcome(
    case: PastCase, pages: Book, outcomes: Mapping[OutcomeKind, OutcomeEntry]
) -> OutcomeEntry | None:
    if case.closed_at is None:
        return None
    if not case.outcome_code:
        return outcomes[case.outcome or OutcomeKind.DONE]
    outcome = pages.outcome(case.outcome_code)
    if outcome is None:
        raise Invalid(f"case {case.number}: no outcome {case.outcome_code!r} here")
    return outcome


def _raise_numbers(city: City, cases: Sequence[PastCase]) -> None:
    # A number written with a letter or a dash can never meet one of ours.
    plain = [int(case.number) for case in cases if case.number.isascii() and case.number.isdigit()]
    sensible = [number for number in plain if number < 10**15]
    if sensible:
        keep_numbers_above(city.pk, max(sensible))
