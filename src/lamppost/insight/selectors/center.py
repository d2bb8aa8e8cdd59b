"""Reading the contact center: sums over any span from the counts, never over the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from lamppost.cases.models import Diversion
from lamppost.catalog.choices import Channel, TriageOutcome
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import DispositionKind, InteractionEnd
from lamppost.contacts.models import Call, CallBack, Disposition
from lamppost.contacts.selectors.rules import center_rules
from lamppost.insight.center import AgentSeconds, CenterCounts, agent_figures, contact_figures
from lamppost.insight.choices import Section
from lamppost.insight.figures import Figure, share
from lamppost.insight.models import AgentHalfHour, CenterCoding, CenterMark
from lamppost.insight.period import Period
from lamppost.knowledge.models import ArticleFeedback

Key = Literal["channel", "language", "day", "starts_at"]
# A second contact may still come for so long; before that nothing is resolved for good.
RESOLVED_AFTER = timedelta(days=7)
_IN_WAITS = ("measured", "wait_seconds", "in_time")
_SUMMED = [one.name for one in fields(CenterCounts) if one.name not in _IN_WAITS]
_AGENT_SUMMED = [one.name for one in fields(AgentSeconds)]
# The key is one of four names of columns, never a reader's words.
_TOTALS = """
SELECT {key}, {sums}, sum(cardinality(waits)),
  sum((SELECT coalesce(sum(w), 0) FROM unnest(waits) w)),
  sum((SELECT count(*) FROM unnest(waits) w WHERE w <= %(goal)s))
FROM insight_centerhalfhour
WHERE city_id = %(city)s::bigint AND day BETWEEN %(first)s AND %(last)s {where}
GROUP BY 1 ORDER BY 1
"""
_AT_STAT = (
    "offered", "abandon_rate", "service_level", "speed_of_answer", "handle_time", "occupancy",
    "first_contact", "coded", "call_backs_kept", "diversions",
)  # fmt: skip
_INFORMATION = (DispositionKind.INFORMATION, DispositionKind.STATUS, DispositionKind.DIRECTORY)
_STOPPED = (TriageOutcome.EMERGENCY, TriageOutcome.CRISIS)


def center_counted_until() -> datetime | None:
    """Return up to when the center's counts of the city in scope are, None before the first."""
    return CenterMark.objects.values_list("counted_until", flat=True).first()


def contact_totals(period: Period, *, channel: Channel | None = None) -> CenterCounts:
    """Return the contacts of the period, of one channel or of all. Two queries."""
    return _totals(period, "''::text", channel).get("", CenterCounts())


def contacts_by(
    period: Period, key: Key, *, channel: Channel | None = None
) -> dict[Any, CenterCounts]:
    """Return the contacts of the period by channel, language, local day or half hour.

    Two queries.
    """
    return _totals(period, key, channel)


def agent_totals(period: Period) -> AgentSeconds:
    """Return the time of all agents together. One query."""
    found = _in(period).aggregate(**{name: Sum(name) for name in _AGENT_SUMMED})
    return AgentSeconds(**{name: value or 0 for name, value in found.items()})


def agents_by(period: Period, key: Literal["day", "starts_at", "agent"]) -> dict[Any, AgentSeconds]:
    """Return the time of agents by local day, half hour or agent id. One query."""
    rows = (
        _in(period)
        .values(key)
        .annotate(**{f"sum_{name}": Sum(name) for name in _AGENT_SUMMED})
        .order_by(key)
    )
    return {
        row[key]: AgentSeconds(**{name: row[f"sum_{name}"] for name in _AGENT_SUMMED})
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Coded:
    """How many contacts were about one thing, and the seconds they took together."""

    code: str
    name: Mapping[str, str]
    kind: str
    contacts: int
    handle_seconds: int


def codings(period: Period) -> list[Coded]:
    """Return what the answered contacts of the period were about, most first. Two queries."""
    rows = (
        CenterCoding.objects.filter(day__range=(period.first, period.last))
        .values("disposition_id")
        .annotate(number=Sum("contacts"), seconds=Sum("handle_seconds"))
        .order_by("-number", "disposition_id")
    )
    known = Disposition.objects.in_bulk()
    return [
        Coded(one.code, one.name, one.kind, row["number"], row["seconds"])
        for row in rows
        for one in [known[row["disposition_id"]]]
    ]


def center_figures(period: Period, *, now: datetime | None = None) -> list[Figure]:
    """Return the figures of the whole center for one period, in order.

    Those of waiting and answering are of the telephone; a fixed number of queries.
    """
    now = now or timezone.now()
    zone = city_in_scope().zone
    start, stop = period.bounds(zone)
    line = contact_totals(period, channel=Channel.PHONE)
    span = int((min(stop, max(now, start)) - start).total_seconds())
    return [
        *contact_figures(line),
        *agent_figures(agent_totals(period), span_seconds=span),
        first_contact(period, today=now.astimezone(zone).date()),
        *_kinds(codings(period)),
        *_promises(start, stop, now),
        _surge_deflection(start, stop),
        *_stopped(start, stop),
    ]


def stat_center(period: Period, *, now: datetime) -> list[Figure]:
    """Return the center's figures for a stat meeting; none of a city that takes no calls."""
    found = {one.measure: one for one in center_figures(period, now=now)}
    if not found["offered"].value:
        return []
    return [replace(found[code], section=Section.SERVICE) for code in _AT_STAT]


def first_contact(period: Period, *, today: date) -> Figure:
    """Return the share resolved on first contact, of the days a second could have followed."""
    last = min(period.last, today - RESOLVED_AFTER - timedelta(days=1))
    if last < period.first:
        return Figure("first_contact", None, 0)
    counts = contact_totals(Period(period.first, last))
    return Figure("first_contact", share(counts.resolved, counts.known), counts.known)


def _totals(period: Period, key: str, channel: Channel | None) -> dict[Any, CenterCounts]:
    statement = _TOTALS.format(
        key=key,
        sums=", ".join(f"sum({name})" for name in _SUMMED),
        where="AND channel = %(channel)s" if channel else "",
    )
    values: dict[str, Any] = {
        "city": city_in_scope().pk,
        "first": period.first,
        "last": period.last,
        "goal": center_rules().answer_seconds,
        "channel": channel.value if channel else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    names = [*_SUMMED, *_IN_WAITS]
    return {
        row[0]: CenterCounts(**{n: int(v) for n, v in zip(names, row[1:], strict=True)})
        for row in rows
    }


def _in(period: Period) -> Any:
    return AgentHalfHour.objects.filter(day__range=(period.first, period.last))


def _kinds(found: list[Coded]) -> Iterator[Figure]:
    information = sum(one.contacts for one in found if one.kind in _INFORMATION)
    requests = sum(one.contacts for one in found if one.kind == DispositionKind.REQUEST)
    yield Figure("information_contacts", Decimal(information))
    yield Figure("request_contacts", Decimal(requests))


def _promises(start: datetime, stop: datetime, now: datetime) -> Iterator[Figure]:
    counted = CallBack.objects.filter(promised_at__gte=start, promised_at__lt=stop).aggregate(
        kept=Count("pk", filter=Q(done_at__lte=F("due_at"))),
        judged=Count("pk", filter=~Q(done_at=None) | ~Q(given_up_at=None) | Q(due_at__lt=now)),
    )
    yield Figure("call_backs_kept", share(counted["kept"], counted["judged"]), counted["judged"])


def _surge_deflection(start: datetime, stop: datetime) -> Figure:
    heard = Call.objects.filter(
        began_at__gte=start, began_at__lt=stop, heard_surge=True, ended_at__isnull=False
    ).aggregate(
        all=Count("pk"),
        helped=Count("pk", filter=Q(interaction__end=InteractionEnd.DEFLECTED)),
    )
    return Figure("surge_deflection", share(heard["helped"], heard["all"]), heard["all"])


def _stopped(start: datetime, stop: datetime) -> Iterator[Figure]:
    stopped = Diversion.objects.filter(at__gte=start, at__lt=stop, outcome__in=_STOPPED).count()
    yield Figure("diversions", Decimal(stopped))
    spared = ArticleFeedback.objects.filter(at__gte=start, at__lt=stop, spared_report=True).count()
    yield Figure("spared_reports", Decimal(spared))
