"""When a simulated request falls due: by the city's own agreements and calendars."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.places.locate import areas_at
from lamppost.sla.choices import Priority, TargetKind
from lamppost.sla.engine import compute
from lamppost.sla.promises import Promise, promises
from lamppost.sla.target import DayEnd

DueDates = Callable[[str, datetime, Point | None], datetime | None]


def holidays() -> Callable[[date], bool]:
    """Return what tells the holidays of the city in scope, by its main calendar."""
    calendar = promises().default_calendar
    if calendar is None:
        return lambda _day: False
    return lambda day: day in calendar.exceptions and not calendar.is_business_day(day)


def due_dates(city: City) -> DueDates:
    """Return what says when a request of a service made at an instant is to be resolved.

    For ``city``, which is in scope, by the version of the agreement in effect on the local day
    of the request; None where nothing is promised or the service answers questions.
    """
    pages, promised, zone = book(), promises(), city.zone
    has_areas = any(promise.area_id for promise in promised.by_target.values())
    by_day: dict[tuple[int, date], datetime | None] = {}

    def due(service_code: str, requested_at: datetime, point: Point | None) -> datetime | None:
        service = pages.services[service_code]
        if service.kind is CaseKind.INQUIRY:
            return None
        day = requested_at.astimezone(zone).date()
        areas: Collection[int] = ()
        if has_areas and point is not None:
            areas = {found.area_id for found in areas_at(city, point) if found.is_inside}
        found = promised.for_case(
            service_id=service.id,
            department_id=service.department_id,
            on=day,
            areas=areas,
            priority=Priority.NORMAL,
        )
        promise = next((one for one in found if one.kind is TargetKind.RESOLVE), None)
        return None if promise is None else _due(promise, requested_at, day)

    def _due(promise: Promise, requested_at: datetime, day: date) -> datetime | None:
        calendar = promised.calendars[promise.calendar_id]
        # A promise in whole days ends at one moment for all requests of a day.
        same_all_day = promise.target.unit.counts_days and promise.target.day_end is DayEnd.CLOSE
        if not same_all_day or calendar.local_day(requested_at) != day:
            return compute(calendar, requested_at, promise.target).at
        key = (promise.target_id, day)
        if key not in by_day:
            by_day[key] = compute(calendar, requested_at, promise.target).at
        return by_day[key]

    return due
