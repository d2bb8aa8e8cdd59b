"""Writing past cases in bulk: staged by COPY, then merged by number in one statement each.

COPY cannot write tables under row security, so rows go through a temporary table. A number
that is there already is brought up to date, never doubled; each change of state leaves an
event, so the chain of an imported case is as provable as that of any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lamppost.cases.importing.past import PastCase
from lamppost.cases.importing.staging import STAGE, Staged, Stager
from lamppost.cases.services.numbers import keep_numbers_above
from lamppost.database.scope import require_city_id

BATCH = 10_000

# What the source has made private is private here at once; nothing makes it public again. An
# array of numbers, not a join: in a city the planner knows nothing of yet it would join every
# case there is with every row of the batch.
_HIDE = """
WITH hidden AS (
  UPDATE cases_case c SET visibility = 'private'
  WHERE c.city_id = %(city)s::bigint AND c.source = %(source)s::text
    AND c.number = ANY (ARRAY(SELECT number FROM past_case WHERE visibility = 'private'))
    AND c.visibility <> 'private'
  RETURNING c.id, c.state, c.status_id, c.service_id, c.department_id, c.outcome_id)
SELECT lamppost_append_events(array_agg(ROW(
  h.id, 'visibility', 'staff', %(now)s::timestamptz, %(now)s::timestamptz, 'system', 'import',
  h.state, h.status_id, h.service_id, h.department_id, h.outcome_id,
  jsonb_build_object('to', 'private'), '')::lamppost_new_event))
FROM hidden h HAVING count(*) > 0
"""
# Only what differs is written: importing the same file again writes nothing.
_MERGE = """
WITH merged AS (INSERT INTO cases_case AS c (
  city_id, number, kind, service_id, department_id, state, status_id, outcome_id, status_note,
  visibility, channel, language, subject, description, public_description,
  public_note, location, address, address_id, unit, zipcode,
  is_boundary_doubtful, is_hazard, media_url, photo_count, follower_count,
  reopen_count, routing_reason, tracking_digest, source, requested_at, updated_at, closed_at,
  due_at, is_paused, created_at)
SELECT %(city)s::bigint, p.number, p.kind, p.service_id, p.department_id, p.state, p.status_id,
  p.outcome_id, p.note, p.visibility, p.channel, p.language, p.subject, p.description,
  p.public_description, p.public_note,
  CASE WHEN p.long IS NULL THEN NULL ELSE point(p.long, p.lat) END, p.address, '', '',
  p.zipcode, p.doubtful, false, p.media_url, 0, 0, 0, 'import', '', %(source)s::text,
  p.requested_at, p.updated_at, p.closed_at, p.due_at, false, %(now)s::timestamptz
FROM past_case p ORDER BY p.row
ON CONFLICT (city_id, number) DO UPDATE SET
  state = excluded.state, status_id = excluded.status_id, outcome_id = excluded.outcome_id,
  status_note = excluded.status_note, closed_at = excluded.closed_at,
  updated_at = excluded.updated_at, due_at = excluded.due_at, location = excluded.location,
  address = excluded.address, zipcode = excluded.zipcode, media_url = excluded.media_url,
  description = excluded.description, public_description = excluded.public_description,
  public_note = excluded.public_note, department_id = excluded.department_id,
  service_id = excluded.service_id
WHERE c.source = excluded.source AND c.routing_reason = 'import' AND (
  c.state, c.status_id, c.status_note, c.closed_at, c.updated_at, c.due_at, c.address, c.zipcode,
  c.media_url, c.description, c.department_id, c.service_id, c.location::text)
  IS DISTINCT FROM (
  excluded.state, excluded.status_id, excluded.status_note, excluded.closed_at,
  excluded.updated_at, excluded.due_at, excluded.address, excluded.zipcode, excluded.media_url,
  excluded.description, excluded.department_id, excluded.service_id,
  excluded.location::text)
RETURNING id, number, (xmax = 0) AS is_new)
INSERT INTO past_merged SELECT * FROM merged
"""

# How a case came and how it stands now: both events of all cases at once, in their order.
_EVENTS = """
SELECT lamppost_append_events(array_agg(event ORDER BY case_id, step)) FROM (
  SELECT m.id AS case_id, 1 AS step, ROW(
    m.id, 'imported', 'public', p.requested_at, %(now)s::timestamptz, 'system', p.channel,
    'received', p.opening_status, p.service_id, p.department_id, NULL,
    jsonb_build_object('source', %(source)s::text, 'due', p.due_at), '')::lamppost_new_event
    AS event
  FROM past_merged m JOIN past_case p USING (number) WHERE m.is_new
  UNION ALL
  SELECT m.id, 2, ROW(
    m.id, CASE WHEN p.state = 'closed' THEN 'closed' ELSE 'moved' END, 'public',
    coalesce(p.closed_at, p.updated_at), %(now)s::timestamptz, 'system', 'import', p.state,
    p.status_id, p.service_id, p.department_id, p.outcome_id,
    jsonb_build_object('source', %(source)s::text,
      'late', coalesce(p.closed_at > p.due_at, false)), p.digest)::lamppost_new_event
  FROM past_merged m JOIN past_case p USING (number)
  WHERE p.state <> 'received' OR NOT m.is_new) happened
HAVING count(*) > 0
"""
_TEXTS = """
INSERT INTO cases_eventtext (city_id, event_id, text, public_text, language, salt)
SELECT %(city)s::bigint, e.id, p.note, p.public_note, p.note_language, p.salt
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
ON CONFLICT (case_id, kind)
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
ON CONFLICT (case_id, area_id) DO NOTHING
"""
# The case repeated may be in this batch or have come before; one that never came is no link.
# Of two that name each other only the later repeats the earlier.
_LINKS = """
WITH linked AS (INSERT INTO cases_caselink (city_id, kind, from_case_id, to_case_id, created_at)
SELECT %(city)s::bigint, 'duplicate_of', m.id, c.id, coalesce(p.closed_at, p.updated_at)
FROM past_merged m JOIN past_case p USING (number)
JOIN cases_case c ON c.city_id = %(city)s::bigint AND c.number = p.duplicate_of
WHERE p.duplicate_of <> '' AND c.id <> m.id
  AND NOT (c.id > m.id AND EXISTS (
    SELECT FROM past_case r WHERE r.number = p.duplicate_of AND r.duplicate_of = m.number))
  AND NOT EXISTS (
    SELECT FROM cases_caselink b
    WHERE b.kind = 'duplicate_of' AND b.from_case_id = c.id AND b.to_case_id = m.id)
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

    def __add__(self, other: Loaded) -> Loaded:
        """Return what both did."""
        return Loaded(self.new + other.new, self.changed + other.changed)


def load(cases: Sequence[PastCase], *, source: str) -> Loaded:
    """Write one batch of past cases of the city in scope, in one transaction.

    ``source`` names the system they come from; only a case of the same source is brought up
    to date, and only while nobody here has taken it over. Numbers must differ within the
    batch. Safe to repeat. Raises ``Invalid`` for a service or outcome the city has not.
    """
    return load_staged(Stager().stage(cases), source=source)


def load_staged(batch: Staged, *, source: str) -> Loaded:
    """Do what ``load`` does with cases that were staged before, in another thread perhaps."""
    if not batch.rows:
        return Loaded(0, 0)
    city_id = require_city_id()
    values: dict[str, Any] = {"city": city_id, "source": source, "now": timezone.now()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY past_case FROM STDIN") as copy:
            copy.write(batch.block)
        # In a young database the planner knows no table's size; this one it must know.
        cursor.execute("ANALYZE past_case (number)")
        cursor.execute(_HIDE, values)
        cursor.execute(_MERGE, values)
        cursor.execute("ANALYZE past_merged (number)")
        for statement in (_EVENTS, _TEXTS, _CLOCKS, _LEFT_AREAS, _AREAS, _LINKS):
            cursor.execute(statement, values)
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) "
            "FROM past_merged"
        )
        new, changed = cursor.fetchone()
    if batch.highest_number:
        keep_numbers_above(city_id, batch.highest_number)
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
