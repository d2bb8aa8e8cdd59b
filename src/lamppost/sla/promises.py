"""Which promise holds for a case: the published agreements of a city, compiled once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.sla.calendar import Calendar, DayException, Interval
from lamppost.sla.choices import Audience, Priority, StepMoment, TargetKind
from lamppost.sla.escalation import Step
from lamppost.sla.models import (
    AgreementVersion,
    BusinessCalendar,
    CalendarDay,
    EscalationStep,
    PauseReason,
    PausingStatus,
    SlaTarget,
)
from lamppost.sla.target import DayEnd, Target, Unit


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """One target of one published version, ready to compute with."""

    target_id: int
    agreement_id: int
    kind: TargetKind
    target: Target
    calendar_id: int
    area_id: int | None
    priority: Priority | None

    @property
    def narrowness(self) -> int:
        """How specific it is; among those that fit, the most specific one holds.

        A place says more than a priority does.
        """
        return 2 * (self.area_id is not None) + (self.priority is not None)


@dataclass(frozen=True, slots=True, eq=False)
class _Version:
    effective_from: date
    effective_to: date | None
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Promises:
    """Everything a city has promised, and the calendars it counts by."""

    calendars: Mapping[int, Calendar]
    default_calendar: Calendar | None
    pause_reasons: Mapping[int, int]
    """Status id to the id of the reason for which clocks stand still in it."""
    reason_names: Mapping[int, Mapping[str, str]]
    by_target: Mapping[int, Promise]
    _versions: Mapping[tuple[int, int], tuple[_Version, ...]]
    _steps: Mapping[int | None, tuple[Step, ...]]

    def for_case(
        self,
        *,
        service_id: int,
        department_id: int,
        on: date,
        areas: Collection[int],
        priority: Priority | str,
    ) -> list[Promise]:
        """Return the promises for a case requested on the local day ``on``: one per kind.

        The version in effect that day holds, whatever has been published since.
        """
        best: dict[TargetKind, Promise] = {}
        for promise in self.in_effect(service_id=service_id, department_id=department_id, on=on):
            fits = promise.area_id is None or promise.area_id in areas
            if not fits or promise.priority not in (None, priority):
                continue
            held = best.get(promise.kind)
            if held is None or promise.narrowness > held.narrowness:
                best[promise.kind] = promise
        return list(best.values())

    def in_effect(self, *, service_id: int, department_id: int, on: date) -> tuple[Promise, ...]:
        """Return all promises of the version in effect on the local day ``on``, if any."""
        for version in self._versions.get((service_id, department_id), ()):
            if version.effective_from <= on and (
                version.effective_to is None or on <= version.effective_to
            ):
                return version.promises
        return ()

    def steps_for(self, promise: Promise) -> tuple[Step, ...]:
        """Return the ladder of escalation of a promise: its agreement's own, or the city's."""
        own = self._steps.get(promise.agreement_id)
        ladder = own if own is not None else self._steps.get(None, ())
        return tuple(step for step in ladder if step.kind in (None, promise.kind))


def promises() -> Promises:
    """Return the promises of the city in scope."""
    return _PROMISES.get(city_in_scope())


def _load(city: City) -> Promises:
    versions: dict[tuple[int, int], list[_Version]] = {}
    by_target: dict[int, Promise] = {}
    rows = (
        AgreementVersion.objects.select_related("agreement")
        .prefetch_related("targets")
        .order_by("agreement_id", "effective_from")
    )
    for row in rows:
        compiled = tuple(
            promise for target in row.targets.all() if (promise := _promise(row, target))
        )
        by_target.update((promise.target_id, promise) for promise in compiled)
        pair = (row.agreement.service_id, row.agreement.department_id)
        kept = versions.setdefault(pair, [])
        version = _Version(row.effective_from, row.effective_to, compiled)
        if kept:
            # The next version ends the one before it; the row itself stays as published.
            last = kept.pop()
            eve = date.fromordinal(version.effective_from.toordinal() - 1)
            ended = min(last.effective_to or eve, eve)
            kept.append(_Version(last.effective_from, ended, last.promises))
        kept.append(version)
    calendars, default = _calendars(city)
    return Promises(
        calendars=calendars,
        default_calendar=default,
        pause_reasons=dict(PausingStatus.objects.values_list("status_id", "reason_id")),
        reason_names=dict(PauseReason.objects.values_list("id", "name")),
        by_target=by_target,
        _versions={pair: tuple(found) for pair, found in versions.items()},
        _steps=_ladders(),
    )


def _ladders() -> dict[int | None, tuple[Step, ...]]:
    ladders: dict[int | None, tuple[Step, ...]] = {}
    for row in EscalationStep.objects.prefetch_related("audiences").order_by("code"):
        step = Step(
            code=row.code,
            kind=TargetKind(row.kind) if row.kind else None,
            moment=StepMoment(row.moment),
            amount=row.amount,
            unit=Unit(row.unit),
            audiences=tuple(Audience(one.whom) for one in row.audiences.all()),
            wording=row.wording,
            since=row.since,
        )
        ladders[row.agreement_id] = (*ladders.get(row.agreement_id, ()), step)
    return ladders


def _promise(version: AgreementVersion, row: SlaTarget) -> Promise | None:
    target = Target.optional(row.amount, Unit(row.unit), day_end=DayEnd(row.day_end))
    if target is None:
        return None
    return Promise(
        target_id=row.pk,
        agreement_id=version.agreement_id,
        kind=TargetKind(row.kind),
        target=target,
        calendar_id=version.calendar_id,
        area_id=row.area_id,
        priority=Priority(row.priority) if row.priority else None,
    )


def _calendars(city: City) -> tuple[dict[int, Calendar], Calendar | None]:
    calendars: dict[int, Calendar] = {}
    default = None
    for row in BusinessCalendar.objects.prefetch_related("hours", "days"):
        weekly: dict[int, tuple[Interval, ...]] = {}
        for hours in row.hours.all():
            interval = Interval.of_minutes(hours.opens, hours.closes)
            weekly[hours.weekday] = (*weekly.get(hours.weekday, ()), interval)
        calendars[row.pk] = Calendar(
            zone=ZoneInfo(row.time_zone or city.time_zone),
            weekly=weekly,
            exceptions={day.day: _exception(day, city) for day in row.days.all()},
        )
        if row.is_default:
            default = calendars[row.pk]
    return calendars, default


def _exception(row: CalendarDay, city: City) -> DayException:
    intervals: tuple[Interval, ...] = ()
    if row.opens is not None and row.closes is not None:
        intervals = (Interval.of_minutes(row.opens, row.closes),)
    return DayException(in_language(row.name, city.default_language), intervals)


_PROMISES: CityCache[Promises] = CityCache(_load, catalog_stamp)
