"""Keeping the counts of the contact center: whole days again when something in them changed.

A day's rows follow from interactions, handovers, agents' states and shifts alone, so counting
it twice, or after a crash, or all days anew, gives the same rows (a test compares them). All
durations are in whole seconds, parts of a second left out. How long an agent spoke in a contact
whose end was not told is not known: it is answered, and in no figure of how long contacts take.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import AgentState, Interaction
from lamppost.insight.models import AgentHalfHour, CenterCoding, CenterHalfHour, CenterMark
from lamppost.insight.period import midnight

# As in ``daily``: a row carries the time it was written, not that of its commit.
_OVERLAP = timedelta(minutes=10)
_DAYS_AT_ONCE = 31
_ONE_DAY = timedelta(days=1)

# ``days`` are local days with their first instant and the first instant after them.
_DAYS = """
WITH days AS (
  SELECT * FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(stops)s::timestamptz[])
    AS d (day, start, stop))
"""
# The topic of an interaction: the service, else the article read out, else what it was coded as.
_TOPIC = """coalesce('s' || {0}.service_id, 'a' || (SELECT min(w.article_code)
  FROM contacts_interactionanswer w WHERE w.city_id = %(city)s::bigint
  AND w.interaction_id = {0}.id), 'd' || {0}.disposition_id)"""
_AGAIN = """SELECT 1 FROM contacts_interaction b WHERE b.city_id = %(city)s::bigint
  AND b.direction = 'in' AND b.answered_at IS NOT NULL
  AND (b.offered_at, b.id) > (i.offered_at, i.id)
  AND b.offered_at < i.offered_at + interval '7 days'"""
_HALF_HOURS = """
, seen AS (
  SELECT d.day, i.*,
    d.start + floor(extract(epoch FROM i.offered_at - d.start) / 1800) * interval '30 minutes'
      AS half_hour,
    i.direction = 'in' AND i.answered_at IS NOT NULL AS met,
    i.direction = 'in' AND i.answered_at IS NOT NULL AND i.ended_at IS NOT NULL
      AND i."end" <> 'untold' AS handled,
    i."end" = 'abandoned' OR i."end" = 'untold' AND i.answered_at IS NULL AS gave_up,
    i.answered_at = i.offered_at AS by_hand,
    i.direction = 'in' AND i.answered_at IS NOT NULL AND i.ended_at IS NOT NULL
      AND o.kind NOT IN ('nobody', 'emergency')
      AND (i.contact_id IS NOT NULL OR i.address <> '') AS known,
    o.is_resolved
  FROM days d
  JOIN contacts_interaction i ON i.city_id = %(city)s::bigint
    AND i.offered_at >= d.start AND i.offered_at < d.stop
  LEFT JOIN contacts_disposition o ON o.id = i.disposition_id)
INSERT INTO insight_centerhalfhour (
  city_id, day, starts_at, channel, language, answered, by_hand, abandoned, short, deflected,
  asked_call_back, left_menu, waits, abandon_seconds, handled, talk_seconds, hold_seconds,
  wrap_seconds, coded, transferred, emergencies, interpreted, known, resolved, outgoing)
SELECT %(city)s::bigint, i.day, i.half_hour, i.channel, i.language,
  count(*) FILTER (WHERE i.met),
  count(*) FILTER (WHERE i.met AND i.by_hand),
  count(*) FILTER (WHERE i.gave_up),
  count(*) FILTER (WHERE i."end" = 'short'),
  count(*) FILTER (WHERE i."end" = 'deflected'),
  count(*) FILTER (WHERE i."end" = 'call_back'),
  count(*) FILTER (WHERE i."end" = 'left'),
  coalesce(array_agg(t.wait ORDER BY t.wait) FILTER (WHERE i.met AND NOT i.by_hand), '{}'),
  coalesce(sum(t.gone) FILTER (WHERE i.gave_up), 0),
  count(*) FILTER (WHERE i.handled),
  coalesce(sum(t.talk) FILTER (WHERE i.handled), 0),
  coalesce(sum(i.hold_seconds) FILTER (WHERE i.handled), 0),
  coalesce(sum(t.wrap) FILTER (WHERE i.handled), 0),
  count(*) FILTER (WHERE i.handled AND i.disposition_id IS NOT NULL),
  count(*) FILTER (WHERE i.handled AND h.passed_on),
  count(*) FILTER (WHERE i.met AND h.emergency),
  count(*) FILTER (WHERE i.met AND i.needs_interpreter),
  count(*) FILTER (WHERE i.known),
  count(*) FILTER (WHERE i.known AND i.is_resolved AND NOT f.came_again),
  count(*) FILTER (WHERE i.direction = 'out')
FROM seen i
CROSS JOIN LATERAL (SELECT
  floor(extract(epoch FROM i.answered_at - i.offered_at))::integer AS wait,
  floor(extract(epoch FROM i.ended_at - i.offered_at))::bigint AS gone,
  greatest(floor(extract(epoch FROM i.ended_at - i.answered_at))::bigint - i.hold_seconds, 0)
    AS talk,
  floor(extract(epoch FROM i.wrapped_at - i.ended_at))::bigint AS wrap) t
CROSS JOIN LATERAL (SELECT bool_or(h.kind <> 'emergency') AS passed_on,
    bool_or(h.kind = 'emergency') AS emergency
  FROM contacts_handover h WHERE h.city_id = %(city)s::bigint AND h.interaction_id = i.id) h
LEFT JOIN LATERAL (SELECT EXISTS (AGAIN AND b.contact_id = i.contact_id AND TOPIC_B = p.topic)
    OR EXISTS (AGAIN AND b.address = i.address AND b.address <> '' AND TOPIC_B = p.topic)
    AS came_again FROM (SELECT TOPIC_I AS topic) p) f ON i.known AND i.is_resolved
GROUP BY 1, 2, 3, 4, 5
""".replace("AGAIN", _AGAIN).replace("TOPIC_B", _TOPIC.format("b"))
_HALF_HOURS = _HALF_HOURS.replace("TOPIC_I", _TOPIC.format("i"))
_CODINGS = """
INSERT INTO insight_centercoding (city_id, day, channel, disposition_id, contacts, handle_seconds)
SELECT %(city)s::bigint, d.day, i.channel, i.disposition_id, count(*), sum(
  greatest(floor(extract(epoch FROM i.ended_at - i.answered_at))::bigint, i.hold_seconds)
  + coalesce(floor(extract(epoch FROM i.wrapped_at - i.ended_at))::bigint, 0))
FROM days d
JOIN contacts_interaction i ON i.city_id = %(city)s::bigint AND i.offered_at >= d.start
  AND i.offered_at < d.stop AND i.direction = 'in' AND i.answered_at IS NOT NULL
  AND i.ended_at IS NOT NULL AND i."end" <> 'untold' AND i.disposition_id IS NOT NULL
GROUP BY 2, 3, 4
"""
# A state of more than twelve hours is somebody who forgot to sign off: the rest is not counted.
# Both ends are put on whole seconds of the half hour, so that the parts add up to the whole.
_AGENTS = """
, states AS (
  SELECT s.agent_id, s.kind, s.since AS began,
    least(coalesce(s.until, %(now)s::timestamptz), s.since + interval '12 hours') AS ended
  FROM contacts_agentstate s
  WHERE s.city_id = %(city)s::bigint AND s.kind <> 'offline'
    AND s.since >= (SELECT min(start) FROM days) - interval '12 hours'
    AND s.since < (SELECT max(stop) FROM days) AND s.since < %(now)s::timestamptz),
shifts AS (
  SELECT f.agent_id, f.starts_at AS began, least(f.ends_at, %(now)s::timestamptz) AS ended
  FROM contacts_shift f
  WHERE f.city_id = %(city)s::bigint AND f.starts_at < %(now)s::timestamptz
    AND f.starts_at >= (SELECT min(start) FROM days) - interval '24 hours'
    AND f.starts_at < (SELECT max(stop) FROM days)),
spans AS (
  SELECT * FROM states
  UNION ALL SELECT agent_id, 'planned', began, ended FROM shifts
  UNION ALL
  SELECT f.agent_id, 'kept', greatest(f.began, s.began), least(f.ended, s.ended)
  FROM shifts f JOIN states s ON s.agent_id = f.agent_id AND s.began < f.ended
    AND s.ended > f.began)
INSERT INTO insight_agenthalfhour (city_id, day, starts_at, agent_id, ready, talking, wrapping,
  on_break, meeting, planned, kept)
SELECT %(city)s::bigint, p.day, p.starts, p.agent_id,
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'ready'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'talking'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'wrapping'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'break'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'meeting'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'planned'), 0),
  coalesce(sum(p.seconds) FILTER (WHERE p.kind = 'kept'), 0)
FROM (
  SELECT d.day, h.starts, s.agent_id, s.kind,
    floor(extract(epoch FROM least(s.ended, d.stop, h.starts + interval '30 minutes') - h.starts))
    - floor(extract(epoch FROM greatest(s.began, h.starts) - h.starts)) AS seconds
  FROM days d
  JOIN spans s ON s.began < d.stop AND s.ended > d.start
  CROSS JOIN LATERAL generate_series(
    d.start + floor(extract(epoch FROM greatest(s.began, d.start) - d.start) / 1800)
      * interval '30 minutes',
    least(s.ended, d.stop) - interval '1 microsecond', interval '30 minutes') AS h (starts)) p
WHERE p.seconds > 0
GROUP BY 2, 3, 4
"""
# Days of what changed, and of the earlier contacts a second one takes the resolution from.
_TOUCHED = """
WITH touched AS (
  SELECT i.* FROM contacts_interaction i
  WHERE i.city_id = %(city)s::bigint AND i.changed_at > %(since)s::timestamptz
  UNION
  SELECT i.* FROM contacts_interaction i
  JOIN contacts_handover h ON h.city_id = %(city)s::bigint AND h.interaction_id = i.id
    AND h.at > %(since)s::timestamptz WHERE i.city_id = %(city)s::bigint
  UNION
  SELECT i.* FROM contacts_interaction i
  JOIN contacts_interactionanswer w ON w.city_id = %(city)s::bigint
    AND w.interaction_id = i.id AND w.at > %(since)s::timestamptz
  WHERE i.city_id = %(city)s::bigint),
moments AS (
  SELECT offered_at AS at FROM touched
  UNION
  SELECT a.offered_at FROM touched t
  JOIN contacts_interaction a ON a.city_id = %(city)s::bigint AND a.contact_id = t.contact_id
    AND a.offered_at BETWEEN t.offered_at - interval '7 days' AND t.offered_at
  UNION
  SELECT a.offered_at FROM touched t
  JOIN contacts_interaction a ON a.city_id = %(city)s::bigint AND a.address = t.address
    AND a.address <> '' AND a.offered_at BETWEEN t.offered_at - interval '7 days' AND t.offered_at
  UNION
  SELECT unnest(ARRAY[s.since, coalesce(s.until, %(now)s::timestamptz)])
  FROM contacts_agentstate s WHERE s.city_id = %(city)s::bigint
    AND s.since > %(since)s::timestamptz - interval '2 days'
    AND (s.until IS NULL OR s.until > %(since)s::timestamptz)
  UNION
  SELECT unnest(ARRAY[f.starts_at, f.ends_at]) FROM contacts_shift f
  WHERE f.city_id = %(city)s::bigint AND f.starts_at <= %(now)s::timestamptz
    AND f.ends_at > %(since)s::timestamptz)
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date FROM moments WHERE at <= %(now)s::timestamptz
"""


def refresh_center(*, now: datetime | None = None) -> int:
    """Count again, in the city in scope, the local days whose contacts changed since last time.

    Returns the number of days counted. The first time, everything is counted. Costs what has
    changed, not what there is. Safe to run twice and to be cut off.
    """
    city = city_in_scope()
    now = now or timezone.now()
    mark = CenterMark.objects.first()
    if mark is None:
        return rebuild_center(now=now)
    since = mark.counted_until - _OVERLAP
    with connection.cursor() as cursor:
        cursor.execute(
            _TOUCHED, {"city": city.pk, "since": since, "now": now, "zone": city.time_zone}
        )
        days = sorted(row[0] for row in cursor.fetchall())
    _count(city, days, now)
    CenterMark.objects.update(counted_until=now)
    return len(days)


def rebuild_center(*, now: datetime | None = None) -> int:
    """Count every day of the city in scope from its contacts; return how many days."""
    city = city_in_scope()
    now = now or timezone.now()
    with transaction.atomic():
        CenterMark.objects.get_or_create(defaults={"counted_until": now, "rebuilt_at": now})
        _take_turns()
        days = _all_days(city, now)
        for table in (CenterHalfHour, CenterCoding, AgentHalfHour):
            table.objects.all().delete()
        _count(city, days, now)
        CenterMark.objects.update(counted_until=now, rebuilt_at=now)
    return len(days)


def _all_days(city: City, now: datetime) -> list[date]:
    calls = Interaction.objects.aggregate(first=Min("offered_at"), last=Max("offered_at"))
    first_state = AgentState.objects.aggregate(first=Min("since"))["first"]
    found = [one for one in (calls["first"], calls["last"], first_state) if one is not None]
    if not found:
        return []
    last = max(now, *found) if first_state else max(found)
    first_day = min(found).astimezone(city.zone).date()
    last_day = last.astimezone(city.zone).date()
    return [first_day + _ONE_DAY * number for number in range((last_day - first_day).days + 1)]


def _count(city: City, days: Sequence[date], now: datetime) -> None:
    for start in range(0, len(days), _DAYS_AT_ONCE):
        _count_days(city, days[start : start + _DAYS_AT_ONCE], now)


def _count_days(city: City, days: Sequence[date], now: datetime) -> None:
    values: dict[str, Any] = {
        "city": city.pk,
        "now": now,
        "days": list(days),
        "starts": [midnight(day, city.zone) for day in days],
        "stops": [midnight(day + _ONE_DAY, city.zone) for day in days],
    }
    with transaction.atomic():
        _take_turns()
        for table in (CenterHalfHour, CenterCoding, AgentHalfHour):
            table.objects.filter(day__in=days).delete()
        with connection.cursor() as cursor:
            for statement in (_HALF_HOURS, _CODINGS, _AGENTS):
                cursor.execute(_DAYS + statement, values)


def _take_turns() -> None:
    """Wait for whoever else counts: two at once would both insert the same rows."""
    CenterMark.objects.select_for_update().first()
