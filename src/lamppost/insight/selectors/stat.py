"""The figures of a stat meeting: operations, staff, budget, technology, customer service.

What no part of this system knows (money, the telephone) is entered by hand, see
``StatFigure``; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from lamppost.cases.models import Case
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import GroupKind, Section
from lamppost.insight.figures import Figure, days, hours, share, whole
from lamppost.insight.models import DailyRequests, StatFigure
from lamppost.insight.period import Period
from lamppost.insight.selectors.center import stat_center
from lamppost.insight.selectors.measures import Scope, by_group, shares, totals
from lamppost.partners.choices import NEEDS_A_PERSON, DeliveryState
from lamppost.partners.models import Delivery
from lamppost.people.choices import Role
from lamppost.people.models import Absence, Membership, Team

_OLD = timedelta(days=90)
_FAILED = (*NEEDS_A_PERSON, DeliveryState.GIVEN_UP)
_TOLD_BY_DEPARTMENT = ("received", "on_time", "median", "p90")
# By department and for the city (the row without a department).
_BACKLOG = """
SELECT department_id, count(*),
  count(*) FILTER (WHERE due_at < %(now)s::timestamptz AND NOT is_paused),
  count(*) FILTER (WHERE requested_at < %(old)s::timestamptz),
  percentile_disc(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM %(now)s::timestamptz - requested_at))
FROM cases_case
WHERE city_id = %(city)s::bigint AND state <> 'closed' AND kind = 'service_request'
GROUP BY GROUPING SETS ((department_id), ())
"""
_FIRST_ANSWER = """
SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY a.waited)
FROM (
  SELECT extract(epoch FROM min(e.at) - c.requested_at) AS waited
  FROM cases_case c
  JOIN cases_caseevent e ON e.city_id = %(city)s::bigint AND e.case_id = c.id
    AND e.actor = 'staff' AND e.audience = 'public' AND e.kind IN ('moved', 'note', 'closed')
  WHERE c.city_id = %(city)s::bigint AND c.kind = 'service_request'
    AND c.state IN ('received', 'open', 'waiting', 'closed')
    AND c.requested_at >= %(start)s::timestamptz AND c.requested_at < %(stop)s::timestamptz
  GROUP BY c.id, c.requested_at) a
"""


def stat_figures(period: Period, *, now: datetime) -> list[Figure]:
    """Return the measured figures of the whole city for one period, section by section.

    A fixed number of queries, whatever the number of departments and cases.
    """
    return [
        *operations(period, now=now),
        *_staff(period),
        *_technology(period),
        *_customer_service(period),
        *stat_center(period, now=now),
    ]


def operations(period: Period, *, now: datetime) -> Iterator[Figure]:
    """Yield volumes, on-time shares, times to close and backlogs: the city, each department."""
    backlog = _backlog(now)
    yield from _in(Section.OPERATIONS, whole(*totals(period, Scope())))
    yield from _backlog_figures(backlog.get(None))
    measured = by_group(period, GroupKind.DEPARTMENT)
    for entry in book().departments.values():
        found = measured.get(entry.id)
        waiting = backlog.get(entry.id)
        if found is None and waiting is None:
            continue
        figures = whole(*found) if found else []
        told = [one for one in figures if one.measure in _TOLD_BY_DEPARTMENT]
        for one in [*told, *_backlog_figures(waiting)]:
            yield replace(
                one,
                section=Section.OPERATIONS,
                group_kind=GroupKind.DEPARTMENT,
                group_code=entry.code,
                group_name=entry.name,
            )


def entered_figures(period: Period) -> list[StatFigure]:
    """Return what was entered by hand for the period: the last entry of each name."""
    return list(
        StatFigure.objects.filter(period_from=period.first, period_to=period.last)
        .select_related("entered_by")
        .order_by("section", "name", "-id")
        .distinct("section", "name")
    )


def _backlog(now: datetime) -> dict[int | None, tuple[Any, ...]]:
    values: dict[str, Any] = {"city": city_in_scope().pk, "now": now, "old": now - _OLD}
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG, values)
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _backlog_figures(row: tuple[Any, ...] | None) -> list[Figure]:
    number, overdue, old, median = row or (0, 0, 0, None)
    return [
        Figure("backlog", Decimal(number), None, Section.OPERATIONS),
        Figure("backlog_overdue", Decimal(overdue), None, Section.OPERATIONS),
        Figure("backlog_old", Decimal(old), None, Section.OPERATIONS),
        Figure(
            "backlog_age",
            days(None if median is None else int(median)),
            number,
            Section.OPERATIONS,
        ),
    ]


def _staff(period: Period) -> Iterator[Figure]:
    workers = _workers()
    waiting = _open_by("department_id")
    away = _days_away(period)
    for entry in book().departments.values():
        if entry.id not in workers and entry.id not in away:
            continue
        people = workers.get(entry.id, 0)
        load = waiting.get(entry.id, 0)
        per_worker = (Decimal(load) / people).quantize(Decimal("0.1")) if people else None
        for measure, value, n in (
            ("workers", Decimal(people), None),
            ("open_per_worker", per_worker, load),
            ("absent_days", Decimal(away.get(entry.id, 0)), None),
        ):
            yield Figure(
                measure, value, n, Section.STAFF, GroupKind.DEPARTMENT, entry.code, entry.name
            )
    yield from _teams(period)


def _teams(period: Period) -> Iterator[Figure]:
    start, stop = period.bounds(city_in_scope().zone)
    with_team = (
        Case.objects.filter(team__isnull=False)
        .filter(~Q(state=State.CLOSED) | Q(closed_at__gte=start, closed_at__lt=stop))
        .values("team_id")
        .annotate(
            open=Count("pk", filter=~Q(state=State.CLOSED)),
            closed=Count("pk", filter=Q(state=State.CLOSED)),
        )
    )
    counts = {row["team_id"]: row for row in with_team.order_by("team_id")}
    for team in Team.objects.filter(pk__in=counts):
        row = counts[team.pk]
        for measure, number in (("team_open", row["open"]), ("team_closed", row["closed"])):
            yield Figure(
                measure, Decimal(number), None, Section.STAFF, GroupKind.TEAM, team.code, team.name
            )


def _technology(period: Period) -> Iterator[Figure]:
    for code, number, part in shares(period, "channel"):
        yield Figure("channel_share", part, number, Section.TECHNOLOGY, GroupKind.CHANNEL, code)
    failed = Decimal(_failed_deliveries(period))
    yield Figure("failed_deliveries", failed, None, Section.TECHNOLOGY)


def _customer_service(period: Period) -> Iterator[Figure]:
    counts, _waits = totals(period, Scope())
    for measure, number in (("reopened", counts.reopened), ("disputed", counts.disputed)):
        value = share(number, counts.closed_once)
        yield Figure(measure, value, counts.closed_once, Section.SERVICE)
    answered, median = _first_answer(period)
    yield Figure("first_answer", hours(median), answered, Section.SERVICE)
    questions = DailyRequests.objects.filter(
        day__range=(period.first, period.last), service__kind=CaseKind.INQUIRY
    ).values_list("received", flat=True)
    yield Figure("questions", Decimal(sum(questions)), None, Section.SERVICE)
    for code, spoken, part in shares(period, "language"):
        yield Figure("language_share", part, spoken, Section.SERVICE, GroupKind.LANGUAGE, code)


def _first_answer(period: Period) -> tuple[int, int | None]:
    city = city_in_scope()
    start, stop = period.bounds(city.zone)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ANSWER, {"city": city.pk, "start": start, "stop": stop})
        number, median = cursor.fetchall()[0]
    return number, None if median is None else int(median)


def _workers() -> dict[int, int]:
    members = Membership.objects.filter(
        role__in=(Role.WORKER, Role.MANAGER),
        is_active=True,
        user__is_active=True,
        department__isnull=False,
    )
    counted = members.values_list("department_id").annotate(number=Count("pk"))
    return {key: number for key, number in counted.order_by("department_id") if key is not None}


def _open_by(column: str) -> dict[int, int]:
    waiting = Case.objects.filter(kind=CaseKind.SERVICE_REQUEST).exclude(state=State.CLOSED)
    return dict(waiting.values_list(column).annotate(number=Count("pk")).order_by(column))


def _days_away(period: Period) -> Mapping[int, int]:
    """Days of absence by department, each cut to the period. Two entries for one day are two."""
    rows = Absence.objects.filter(
        first_day__lte=period.last,
        last_day__gte=period.first,
        user__memberships__city_id=F("city_id"),
        user__memberships__department__isnull=False,
    ).values_list("user__memberships__department_id", "first_day", "last_day")
    found: dict[int, int] = {}
    for department_id, first, last in rows:
        found[department_id] = found.get(department_id, 0) + _overlap(period, first, last)
    return found


def _overlap(period: Period, first: date, last: date) -> int:
    return (min(last, period.last) - max(first, period.first)).days + 1


def _failed_deliveries(period: Period) -> int:
    start, stop = period.bounds(city_in_scope().zone)
    return Delivery.objects.filter(
        state__in=_FAILED, created_at__gte=start, created_at__lt=stop
    ).count()


def _in(section: Section, figures: list[Figure]) -> Iterator[Figure]:
    for one in figures:
        yield replace(one, section=section)
