"""Keeping the daily counts: whole days are counted again when something in them has changed.

A day's rows follow from cases, clocks and events alone, so counting it twice, or after a crash,
or all days anew, gives the same rows (a test compares them).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Case, CaseEvent
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.insight.models import DailyClosings, DailyRequests, MeasureMark
from lamppost.insight.period import midnight

# An event carries the time it was written, not the time its transaction was committed; the
# longest transactions are those of imports, some seconds. What was read once is read again.
_OVERLAP = timedelta(minutes=10)
_DAYS_AT_ONCE = 31
_ONE_DAY = timedelta(days=1)

# ``days`` are local days with their first instant and the first instant after them.
_DAYS = """
WITH days AS (
  SELECT * FROM unnest(%(days)s::date[], %(starts)s::timestamptz[], %(stops)s::timestamptz[])
    AS d (day, start, stop))
"""
# Reads clocks, never works them out again. A case has at most one clock for its solution that
# is neither replaced nor cancelled (constraint clock_one_live). One that runs and is not watched
# waits for a decision on whether it counts (redress): it is not overdue until then. The next
# look at a clock may be for a step of escalation, long before it is due.
_REQUESTS = """
INSERT INTO insight_dailyrequests (
  city_id, day, service_id, department_id, language, channel, received, closed, closed_once,
  on_time, late, overdue, not_due, waived, paused, reopened, disputed, transfers, ping_pong)
SELECT %(city)s::bigint, d.day, c.service_id, c.department_id, c.language, c.channel,
  count(*),
  count(*) FILTER (WHERE c.state = 'closed'),
  count(*) FILTER (WHERE c.state = 'closed' OR c.reopen_count > 0),
  count(*) FILTER (WHERE k.state = 'met'),
  count(*) FILTER (WHERE k.state = 'missed'),
  count(*) FILTER (WHERE k.is_overdue),
  count(*) FILTER (WHERE k.is_live AND NOT k.is_overdue),
  count(*) FILTER (WHERE k.state = 'waived'),
  count(*) FILTER (WHERE k.was_paused),
  count(*) FILTER (WHERE c.reopen_count > 0),
  count(*) FILTER (WHERE x.disputed),
  coalesce(sum(t.accepted), 0),
  count(*) FILTER (WHERE t.came_back)
FROM days d
JOIN cases_case c ON c.city_id = %(city)s::bigint
  AND c.state IN ('received', 'open', 'waiting', 'closed')
  AND c.requested_at >= d.start AND c.requested_at < d.stop
LEFT JOIN LATERAL (
  SELECT k.state, k.state IN ('running', 'paused') AS is_live,
    k.state IN ('running', 'paused') AND (k.breached_at IS NOT NULL
      OR (k.state = 'running' AND k.next_check_at IS NOT NULL
        AND coalesce(k.due_at < %(now)s::timestamptz, false))
    ) AS is_overdue,
    EXISTS (SELECT 1 FROM cases_clockevent e WHERE e.city_id = %(city)s::bigint
      AND e.clock_id = k.id AND e.kind = 'pause' AND e.reason_id IS NOT NULL) AS was_paused
  FROM cases_clock k
  WHERE k.city_id = %(city)s::bigint AND k.case_id = c.id AND k.kind = 'resolve'
    AND k.state NOT IN ('superseded', 'cancelled')) k ON true
LEFT JOIN LATERAL (
  SELECT EXISTS (SELECT 1 FROM cases_redress r WHERE r.city_id = %(city)s::bigint
    AND r.case_id = c.id) AS disputed) x ON c.reopen_count > 0
LEFT JOIN LATERAL (
  SELECT count(*) AS accepted, bool_or(EXISTS (
    SELECT 1 FROM cases_transfer b WHERE b.city_id = %(city)s::bigint AND b.case_id = c.id
      AND b.state = 'accepted' AND b.id < a.id
      AND b.from_department_id = a.to_department_id)) AS came_back
  FROM cases_transfer a WHERE a.city_id = %(city)s::bigint AND a.case_id = c.id
    AND a.state = 'accepted') t ON true
GROUP BY d.day, c.service_id, c.department_id, c.language, c.channel
"""
_CLOSINGS = """
INSERT INTO insight_dailyclosings (city_id, day, service_id, department_id, seconds)
SELECT %(city)s::bigint, d.day, c.service_id, c.department_id,
  array_agg(least(greatest(extract(epoch FROM c.closed_at - c.requested_at), 0),
    2147483647)::integer ORDER BY c.closed_at - c.requested_at)
FROM days d
JOIN cases_caseevent e ON e.city_id = %(city)s::bigint AND e.kind = 'closed'
  AND e.at >= d.start AND e.at < d.stop
JOIN cases_case c ON c.city_id = %(city)s::bigint AND c.id = e.case_id
  AND c.state = 'closed' AND c.closed_at >= d.start AND c.closed_at < d.stop
JOIN catalog_outcome o ON o.id = c.outcome_id AND o.kind <> 'duplicate'
WHERE NOT EXISTS (SELECT 1 FROM cases_caseevent later WHERE later.city_id = %(city)s::bigint
  AND later.case_id = e.case_id AND later.kind = 'closed' AND later.seq > e.seq)
GROUP BY d.day, c.service_id, c.department_id
"""
_TOUCHED = """
WITH touched AS (
  SELECT DISTINCT case_id FROM cases_caseevent
  WHERE city_id = %(city)s::bigint AND recorded_at > %(since)s::timestamptz)
SELECT (c.requested_at AT TIME ZONE %(zone)s)::date FROM touched t
  JOIN cases_case c ON c.city_id = %(city)s::bigint AND c.id = t.case_id
UNION
SELECT (e.at AT TIME ZONE %(zone)s)::date FROM touched t
  JOIN cases_caseevent e ON e.city_id = %(city)s::bigint AND e.case_id = t.case_id
  AND e.kind = 'closed'
"""


def refresh(*, now: datetime | None = None) -> int:
    """Count again, in the city in scope, the local days whose cases changed since last time.

    Returns the number of days counted. The first time, everything is counted. Costs what has
    changed, not what there is. Safe to run twice and to be cut off.
    """
    city = city_in_scope()
    now = now or timezone.now()
    mark = MeasureMark.objects.first()
    if mark is None:
        return rebuild(now=now)
    days = _changed_days(city, mark.counted_until - _OVERLAP)
    _count(city, days, now)
    MeasureMark.objects.update(counted_until=now)
    return len(days)


def rebuild(*, now: datetime | None = None) -> int:
    """Count every day of the city in scope from its cases; return how many days."""
    city = city_in_scope()
    now = now or timezone.now()
    with transaction.atomic():
        # The mark first, made if need be: whoever else counts waits before touching a row.
        MeasureMark.objects.get_or_create(defaults={"counted_until": now, "rebuilt_at": now})
        _take_turns()
        days = _all_days(city)
        DailyRequests.objects.all().delete()
        DailyClosings.objects.all().delete()
        _count(city, days, now)
        MeasureMark.objects.update(counted_until=now, rebuilt_at=now)
    return len(days)


def _all_days(city: City) -> list[date]:
    spans = (
        Case.objects.aggregate(first=Min("requested_at"), last=Max("requested_at")),
        CaseEvent.objects.filter(kind=EventKind.CLOSED).aggregate(first=Min("at"), last=Max("at")),
    )
    found = [one for span in spans for one in (span["first"], span["last"]) if one is not None]
    if not found:
        return []
    first = min(found).astimezone(city.zone).date()
    last = max(found).astimezone(city.zone).date()
    return [first + _ONE_DAY * number for number in range((last - first).days + 1)]


def _changed_days(city: City, since: datetime) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"city": city.pk, "since": since, "zone": city.time_zone})
        return sorted(row[0] for row in cursor.fetchall())


def _count(city: City, days: Sequence[date], now: datetime) -> None:
    for start in range(0, len(days), _DAYS_AT_ONCE):
        _count_days(city, days[start : start + _DAYS_AT_ONCE], now)


def _count_days(city: City, days: Iterable[date], now: datetime) -> None:
    chosen = list(days)
    values: dict[str, Any] = {
        "city": city.pk,
        "now": now,
        "days": chosen,
        "starts": [midnight(day, city.zone) for day in chosen],
        "stops": [midnight(day + _ONE_DAY, city.zone) for day in chosen],
    }
    with transaction.atomic():
        _take_turns()
        DailyRequests.objects.filter(day__in=chosen).delete()
        DailyClosings.objects.filter(day__in=chosen).delete()
        with connection.cursor() as cursor:
            cursor.execute(_DAYS + _REQUESTS, values)
            cursor.execute(_DAYS + _CLOSINGS, values)


def _take_turns() -> None:
    """Wait for whoever else counts: two at once would both insert the same rows."""
    MeasureMark.objects.select_for_update().first()
