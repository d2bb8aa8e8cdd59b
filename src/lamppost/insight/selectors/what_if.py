"""What if the promise had been another: the same cases, judged by another target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from lamppost.cases.choices import ClockState
from lamppost.cases.models import Clock, ClockEvent
from lamppost.cities.selectors import city_in_scope
from lamppost.insight.figures import Counts
from lamppost.insight.period import Period
from lamppost.insight.selectors.measures import Scope
from lamppost.sla.calendar import Calendar
from lamppost.sla.choices import TargetKind
from lamppost.sla.clocks import ClockEvent as Happening
from lamppost.sla.clocks import ClockEventKind, replay
from lamppost.sla.engine import compute, is_late
from lamppost.sla.target import Target

# Exact for as many cases as this; beyond it a sample, drawn with a fixed seed so that the same
# question has the same answer.
SAMPLE = 2000
_JUDGED = (ClockState.MET, ClockState.MISSED, ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the on-time share would have been under ``target``.

    ``counts`` has only the verdicts. ``of`` is how many cases with a promise there were,
    ``n`` how many of them were worked out: all, or a sample.
    """

    target: Target
    counts: Counts
    n: int
    of: int

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the cases was worked out."""
        return self.n < self.of

    @property
    def on_time_share(self) -> Decimal | None:
        """The share by the one definition."""
        return self.counts.on_time_share


def what_if(
    scope: Scope,
    period: Period,
    targets: Sequence[Target],
    calendar: Calendar,
    *,
    now: datetime,
    sample: int = SAMPLE,
) -> list[WhatIf]:
    """Judge the requests of ``period`` in ``scope`` by each of ``targets`` on ``calendar``.

    The cohort and the formula are those of the on-time share: closed ones against their
    closing, open ones overdue when they would have been due before ``now``; pauses and
    reopenings count as they did. Waived, replaced and cancelled promises are left out. Three
    queries, whatever the number of cases.
    """
    start, stop = period.bounds(city_in_scope().zone)
    found = Clock.objects.filter(
        kind=TargetKind.RESOLVE,
        state__in=_JUDGED,
        case__requested_at__gte=start,
        case__requested_at__lt=stop,
    )
    if scope.service_id is not None:
        found = found.filter(case__service_id=scope.service_id)
    if scope.department_id is not None:
        found = found.filter(case__department_id=scope.department_id)
    keys = sorted(found.values_list("pk", flat=True))
    of = len(keys)
    if of > sample:
        dice = Random(f"{scope} {period}")  # noqa: S311 - a sample, not a secret
        keys = sorted(dice.sample(keys, sample))
    clocks = list(Clock.objects.filter(pk__in=keys))
    happened = _happened(keys)
    answers = []
    for target in targets:
        verdicts = (_judge(one, happened[one.pk], target, calendar, now) for one in clocks)
        answers.append(WhatIf(target, _sum(verdicts), len(clocks), of))
    return answers


def _happened(keys: Sequence[int]) -> dict[int, list[Happening]]:
    found: dict[int, list[Happening]] = defaultdict(list)
    rows = ClockEvent.objects.filter(clock_id__in=keys).order_by("clock_id", "at", "id")
    for clock_id, kind, at in rows.values_list("clock_id", "kind", "at"):
        found[clock_id].append(Happening(ClockEventKind(kind), at))
    return found


def _judge(
    clock: Clock, happened: Sequence[Happening], target: Target, calendar: Calendar, now: datetime
) -> Counts:
    due = compute(calendar, clock.started_at, target)
    if happened:  # an imported promise has no history of its own
        due = replay(calendar, target, happened).due or due
    if clock.stopped_at is not None:
        return Counts(late=1) if is_late(due, clock.stopped_at) else Counts(on_time=1)
    # Whether its time counts is being decided (redress): nobody looks for a breach meanwhile.
    if clock.state == ClockState.RUNNING and clock.next_check_at is clock.breached_at is None:
        return Counts(not_due=1)
    # While a pause keeps the due time unknown it is not late.
    return Counts(overdue=1) if is_late(due, now) else Counts(not_due=1)


def _sum(verdicts: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in verdicts:
        total += one
    return total
