"""The watch over routing: rules that do not work, the catch-all, sudden shifts.

An episode is one row from the pass that first sees it to the pass that sees it end. Who may
edit the rules is told once, when it opens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.arrivals import Arrivals, arrivals
from lamppost.catalog.book import book
from lamppost.kernel.refusals import Conflict, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import Team
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission, require
from lamppost.routing.alarm_wording import alarm_title
from lamppost.routing.choices import AlarmKind
from lamppost.routing.faults import faults
from lamppost.routing.models import RoutingAlarm
from lamppost.routing.services.versions import lock_routing
from lamppost.routing.shift import Bounds, Verdict, judge
from lamppost.routing.values import rules_in_force
from lamppost.routing.world import world

# Today and the 28 days before, and a week more so that a village has four whole weeks of past.
DAYS = 35
ALARMS_PATH = "/desk/routing/alarms/"
QUEUE = Bounds()
CATCH_ALL = Bounds(cases=20, hits=5, before=60, rise=0.1)
# With too few cases to judge an open alarm waits so long before it is closed for good.
_SILENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Found:
    """An alarm that is due, or (``verdict`` given and not raised) one that may have ended."""

    kind: AlarmKind
    subject: str
    detail: str = ""
    rule_id: int | None = None
    department_id: int | None = None
    team_id: int | None = None
    verdict: Verdict | None = None

    @property
    def is_raised(self) -> bool:
        return self.verdict is None or self.verdict.is_raised

    @property
    def is_over(self) -> bool:
        return self.verdict is not None and self.verdict.is_over


def watch_routing(*, now: datetime) -> int:
    """Open, keep up and close the alarms of the city in scope; return how many were opened."""
    with transaction.atomic():
        lock_routing()
        found = {(one.kind, one.subject): one for one in [*_faults(), *_queues(now)]}
        still_open = {
            (AlarmKind(alarm.kind), alarm.subject): alarm
            for alarm in RoutingAlarm.objects.filter(closed_at__isnull=True)
        }
        for key, alarm in still_open.items():
            _keep_up(alarm, found.get(key), now)
        raised = [one for key, one in found.items() if one.is_raised and key not in still_open]
        for one in raised:
            _open(one, now)
        return len(raised)


def acknowledge(*, alarm_id: int, actor: Actor) -> RoutingAlarm:
    """Say that somebody looks after an alarm; return it.

    Raises ``NotFound`` for an unknown one, ``Conflict`` when somebody else said so already.
    """
    require(actor, Permission.ROUTING_EDIT)
    with transaction.atomic():
        alarm = RoutingAlarm.objects.select_for_update(of=("self",)).filter(pk=alarm_id).first()
        if alarm is None:
            raise NotFound(_("There is no such alarm here."))
        if alarm.acknowledged_at is not None:
            raise Conflict(_("Somebody looks after this alarm already."))
        alarm.acknowledged_at = timezone.now()
        alarm.acknowledged_by_id = actor.user_id
        alarm.save(update_fields=["acknowledged_at", "acknowledged_by"])
        return alarm


def _faults() -> Iterable[_Found]:
    for fault in faults(rules_in_force(), world()):
        yield _Found(
            AlarmKind.FAULT,
            f"{fault.rule.code}:{fault.kind}:{fault.subject_id}",
            detail=fault.kind.value,
            rule_id=fault.rule.id,
            department_id=fault.rule.department_id,
            team_id=fault.rule.team_id,
        )


def _queues(now: datetime) -> Iterable[_Found]:
    rows = arrivals(now=now, days=DAYS)
    pages = book()
    catch_all = pages.catch_all().id
    totals = _by_day(rows)
    stranded = [
        row for row in rows if row.department_id == catch_all and row.own_department_id != catch_all
    ]
    verdict = judge(_pairs(_by_day(stranded), totals), CATCH_ALL)
    if verdict is not None:
        yield _Found(AlarmKind.CATCH_ALL, "catch-all", department_id=catch_all, verdict=verdict)
    for department_id in sorted({row.department_id for row in rows}):
        own = [row for row in rows if row.department_id == department_id]
        verdict = judge(_pairs(_by_day(own), totals), QUEUE)
        if verdict is not None:
            code = pages.departments[department_id].code
            yield _Found(
                AlarmKind.SHIFT, f"department:{code}", department_id=department_id, verdict=verdict
            )
    yield from _team_queues(rows, totals)


def _team_queues(rows: Sequence[Arrivals], totals: dict[int, int]) -> Iterable[_Found]:
    teams = {row.team_id for row in rows if row.team_id is not None}
    if not teams:
        return
    known = {team.pk: team for team in Team.objects.select_related("department")}
    for team_id in sorted(teams & known.keys()):
        own = [row for row in rows if row.team_id == team_id]
        verdict = judge(_pairs(_by_day(own), totals), QUEUE)
        if verdict is not None:
            team = known[team_id]
            yield _Found(
                AlarmKind.SHIFT,
                f"team:{team.department.code}/{team.code}",
                department_id=team.department_id,
                team_id=team_id,
                verdict=verdict,
            )


def _by_day(rows: Iterable[Arrivals]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        counts[row.days_ago] += row.count
    return counts


def _pairs(hits: dict[int, int], totals: dict[int, int]) -> list[tuple[int, int]]:
    return [(hits.get(day, 0), totals.get(day, 0)) for day in range(DAYS - 1, -1, -1)]


def _keep_up(alarm: RoutingAlarm, found: _Found | None, now: datetime) -> None:
    if found is None:
        # A fault that is not found is mended; a queue nobody can judge is waited for.
        if alarm.kind == AlarmKind.FAULT or now - alarm.seen_at > _SILENCE:
            _close(alarm, now)
        return
    if found.is_over:
        _close(alarm, now)
        return
    alarm.seen_at = now
    _figures(alarm, found.verdict)
    alarm.save()


def _close(alarm: RoutingAlarm, now: datetime) -> None:
    alarm.closed_at = now
    alarm.save(update_fields=["closed_at"])


def _open(one: _Found, now: datetime) -> None:
    alarm = RoutingAlarm(
        kind=one.kind,
        subject=one.subject,
        detail=one.detail,
        rule_id=one.rule_id,
        department_id=one.department_id,
        team_id=one.team_id,
        opened_at=now,
        seen_at=now,
    )
    _figures(alarm, one.verdict)
    alarm.save()
    tell(
        staff_of(roles=[role for role, may in MATRIX.items() if Permission.ROUTING_EDIT in may]),
        NoticeKind.ROUTING,
        subject=lambda: alarm_title(alarm, get_language() or "en"),
        path=ALARMS_PATH,
        once_key=f"routing-alarm:{alarm.pk}",
    )


def _figures(alarm: RoutingAlarm, verdict: Verdict | None) -> None:
    if verdict is None:
        return
    alarm.hours = verdict.days * 24
    alarm.hits = verdict.hits
    alarm.total = verdict.total
    alarm.usual_share = verdict.usual
    alarm.deviations = verdict.deviations
