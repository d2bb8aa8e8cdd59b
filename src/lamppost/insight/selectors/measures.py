"""Reading measures: whole spans from the daily counts, groups from the cases of the span."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from lamppost.catalog.choices import CaseKind
from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import GroupKind, Section
from lamppost.insight.figures import Counts, Figure, Waits, days, share, whole
from lamppost.insight.glossary import MIN_GROUP
from lamppost.insight.models import DailyRequests, MeasureMark
from lamppost.insight.period import Period
from lamppost.places.models import Area, AreaKind

_COUNTED = [field.name for field in fields(Counts)]
_BY = {GroupKind.SERVICE: "service_id", GroupKind.DEPARTMENT: "department_id"}

_WAITS = """
SELECT {key}, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY s.waited),
  percentile_disc(0.9) WITHIN GROUP (ORDER BY s.waited)
FROM insight_dailyclosings d JOIN catalog_service v ON v.id = d.service_id
  AND v.kind = 'service_request', unnest(d.seconds) AS s (waited)
WHERE d.city_id = %(city)s::bigint AND d.day BETWEEN %(first)s AND %(last)s {where}
GROUP BY 1
"""
# Groups are read from the cases themselves, by the index on service or department and time of
# request: what that costs is bounded by the span looked at.
_GROUPS = """
SELECT {key}, count(*) FILTER (WHERE k.state = 'met'),
  count(*) FILTER (WHERE k.state = 'met' OR k.state = 'missed' OR (
    k.state IN ('running', 'paused') AND (k.breached_at IS NOT NULL
      OR (k.state = 'running' AND k.next_check_at IS NOT NULL
        AND k.due_at < %(now)s::timestamptz)))),
  count(*) FILTER (WHERE c.state = 'closed' AND o.kind <> 'duplicate'),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.requested_at))
    FILTER (WHERE c.state = 'closed' AND o.kind <> 'duplicate')
FROM cases_case c {join}
LEFT JOIN catalog_outcome o ON o.id = c.outcome_id
LEFT JOIN cases_clock k ON k.city_id = %(city)s::bigint AND k.case_id = c.id
  AND k.kind = 'resolve' AND k.state NOT IN ('superseded', 'cancelled')
WHERE c.city_id = %(city)s::bigint AND c.kind = 'service_request'
  AND c.requested_at >= %(start)s::timestamptz AND c.requested_at < %(stop)s::timestamptz {where}
GROUP BY 1 ORDER BY 1
"""
_AREA_JOIN = """
JOIN cases_casearea a ON a.city_id = %(city)s::bigint AND a.case_id = c.id
JOIN places_area p ON p.id = a.area_id AND p.kind_id = %(kind)s
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose requests are measured; what is empty does not restrict."""

    service_id: int | None = None
    department_id: int | None = None

    def sql(self, table: str) -> str:
        """Return conditions on a table's columns, to be added after others."""
        named = (("service_id", self.service_id), ("department_id", self.department_id))
        return "".join(
            f" AND {table}.{name} = %({name})s" for name, value in named if value is not None
        )

    @property
    def values(self) -> dict[str, Any]:
        """Return the values ``sql`` refers to."""
        return {"service_id": self.service_id, "department_id": self.department_id}


def counted_until() -> datetime | None:
    """Return up to when the daily counts of the city in scope are, None before the first."""
    return MeasureMark.objects.values_list("counted_until", flat=True).first()


def totals(period: Period, scope: Scope) -> tuple[Counts, Waits]:
    """Return the counts and waits of the requests in ``scope``. Two queries."""
    counts = Counts(**{name: value or 0 for name, value in _requests(period, scope).items()})
    waits = _waits(period, scope, "NULL::bigint").get(None, Waits())
    return counts, waits


def evidence(period: Period, scope: Scope) -> list[Figure]:
    """Return the figures of the whole ``scope`` for the period. Two queries."""
    return whole(*totals(period, scope))


def by_group(
    period: Period,
    kind: GroupKind,
    scope: Scope = Scope(),
) -> dict[int, tuple[Counts, Waits]]:
    """Return counts and waits by service or by department id. Two queries.

    Raises ``KeyError`` for another kind of group.
    """
    key = _BY[kind]
    rows = (
        _in(period, scope)
        .values(key)
        .annotate(**{f"sum_{name}": Sum(name) for name in _COUNTED})
        .order_by(key)
    )
    counts = {row[key]: Counts(**{name: row[f"sum_{name}"] for name in _COUNTED}) for row in rows}
    waits = _waits(period, scope, f"d.{key}")
    found = sorted({*counts, *(one for one in waits if one is not None)})
    return {one: (counts.get(one, Counts()), waits.get(one, Waits())) for one in found}


def shares(period: Period, column: str) -> list[tuple[str, int, Decimal | None]]:
    """Return code, number and share of the city's requests by ``channel`` or ``language``."""
    rows = list(
        _in(period, Scope())
        .values_list(column)
        .annotate(number=Sum("received"))
        .order_by("-number", column)
    )
    received = sum(number for _code, number in rows)
    return [(code, number, share(number, received)) for code, number in rows]


def equity(period: Period, scope: Scope, *, now: datetime) -> list[Figure]:
    """Return on-time share and median by area and by language, smaller groups left out.

    Areas are those of the city's first public division. At most four queries.
    """
    languages = _groups(period, scope, now, "c.language", "", {})
    figures = _by_area(period, scope, now)
    return figures + _shown(GroupKind.LANGUAGE, [(row[0], {}, row[1:]) for row in languages])


def _by_area(period: Period, scope: Scope, now: datetime) -> list[Figure]:
    division = (
        AreaKind.objects.filter(is_public=True, is_limits=False).order_by("order", "code").first()
    )
    if division is None:
        return []
    rows = _groups(period, scope, now, "a.area_id", _AREA_JOIN, {"kind": division.pk})
    areas = {
        area.pk: (area.code, area.name)
        for area in Area.objects.filter(pk__in=[row[0] for row in rows]).only("code", "name")
    }
    named = [(*areas[row[0]], row[1:]) for row in rows if row[0] in areas]
    named.sort(key=lambda one: (len(one[0]), one[0]))
    return _shown(GroupKind.AREA, named)


def _shown(
    kind: GroupKind, rows: Iterable[tuple[str, Mapping[str, str], Sequence[Any]]]
) -> list[Figure]:
    return [
        Figure(measure, value, n, Section.EVIDENCE, kind, code, label)
        for code, label, (on_time, judged, closed, median) in rows
        for measure, value, n in (
            ("group_on_time", share(on_time, judged), judged),
            ("group_median", days(None if median is None else int(median)), closed),
        )
        if n >= MIN_GROUP
    ]


def _groups(
    period: Period, scope: Scope, now: datetime, key: str, join: str, more: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    city = city_in_scope()
    start, stop = period.bounds(city.zone)
    statement = _GROUPS.format(key=key, join=join, where=scope.sql("c"))
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"city": city.pk, "start": start, "stop": stop, "now": now, **scope.values, **more},
        )
        return list(cursor.fetchall())


def _in(period: Period, scope: Scope) -> Any:
    rows = DailyRequests.objects.filter(
        day__range=(period.first, period.last), service__kind=CaseKind.SERVICE_REQUEST
    )
    if scope.service_id is not None:
        rows = rows.filter(service_id=scope.service_id)
    if scope.department_id is not None:
        rows = rows.filter(department_id=scope.department_id)
    return rows


def _requests(period: Period, scope: Scope) -> dict[str, int | None]:
    found: dict[str, int | None] = _in(period, scope).aggregate(
        **{name: Sum(name) for name in _COUNTED}
    )
    return found


def _waits(period: Period, scope: Scope, key: str) -> dict[int | None, Waits]:
    statement = _WAITS.format(key=key, where=scope.sql("d"))
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "city": city_in_scope().pk,
                "first": period.first,
                "last": period.last,
                **scope.values,
            },
        )
        return {row[0]: Waits(row[1], row[2], row[3]) for row in cursor.fetchall()}
