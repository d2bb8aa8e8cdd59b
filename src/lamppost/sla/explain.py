"""An explanation in words, in the active language: what a resident is told about a due date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, ngettext_lazy, pgettext

from lamppost.sla.calendar import ONE_DAY, DayKind, DayNote
from lamppost.sla.engine import Explanation
from lamppost.sla.target import DayEnd, Target, Unit

_LENGTHS = {
    (Unit.HOURS, 3_600): ngettext_lazy("%(count)d hour", "%(count)d hours", "count"),
    (Unit.HOURS, 60): ngettext_lazy("%(count)d minute", "%(count)d minutes", "count"),
    (Unit.HOURS, 1): ngettext_lazy("%(count)d second", "%(count)d seconds", "count"),
    (Unit.BUSINESS_HOURS, 3_600): ngettext_lazy(
        "%(count)d business hour", "%(count)d business hours", "count"
    ),
    (Unit.BUSINESS_HOURS, 60): ngettext_lazy(
        "%(count)d business minute", "%(count)d business minutes", "count"
    ),
    (Unit.BUSINESS_HOURS, 1): ngettext_lazy(
        "%(count)d business second", "%(count)d business seconds", "count"
    ),
    (Unit.BUSINESS_DAYS, 86_400): ngettext_lazy(
        "%(count)d business day", "%(count)d business days", "count"
    ),
    (Unit.CALENDAR_DAYS, 86_400): ngettext_lazy(
        "%(count)d calendar day", "%(count)d calendar days", "count"
    ),
}


def describe(explanation: Explanation) -> str:
    """One line such as `2 business days from Tue Dec 31; skipped Jan 1 (New Year); due Fri Jan 3`.

    Dates are those of the calendar's zone. Names of holidays appear as the calendar has them.
    """
    return pgettext("between the steps of a due date's explanation", "; ").join(steps(explanation))


def steps(explanation: Explanation) -> list[str]:
    """The parts of `describe`, for a page that lists them."""
    return [
        gettext("%(length)s from %(start)s")
        % {"length": length(explanation.target), "start": _moment(explanation, explanation.start)},
        *_late_begin(explanation),
        *_skipped(explanation.days),
        *_special_hours(explanation.days),
        *_paused(explanation),
        _due(explanation),
    ]


def length(target: Target) -> str:
    """A target in words, such as `3 business days` or `90 minutes`."""
    units = [86_400] if target.unit.counts_days else [3_600, 60, 1]
    seconds = next(unit for unit in units if not target.length % timedelta(seconds=unit))
    words: str = _LENGTHS[target.unit, seconds] % {
        "count": target.length // timedelta(seconds=seconds)
    }
    return words


def _late_begin(explanation: Explanation) -> list[str]:
    begin = explanation.counted_from
    if begin is None or begin <= explanation.start:
        return []
    return [gettext("counted from %(moment)s") % {"moment": _moment(explanation, begin)}]


def _skipped(days: Iterable[DayNote]) -> list[str]:
    """The days not counted: the named ones one by one, then weekends and other days as numbers."""
    notes = [note for note in days if note.kind is not DayKind.SPECIAL_HOURS]
    parts = [_named(note) for note in notes if note.kind is DayKind.HOLIDAY]
    weekends = _runs(note.day for note in notes if note.kind is DayKind.WEEKEND)
    if weekends:
        parts.append(ngettext("weekend", "%(count)d weekends", weekends) % {"count": weekends})
    closed = sum(note.kind is DayKind.CLOSED_DAY for note in notes)
    if closed:
        parts.append(
            ngettext("%(count)d closed day", "%(count)d closed days", closed) % {"count": closed}
        )
    paused = sum(note.kind is DayKind.PAUSED for note in notes)
    if paused:
        parts.append(
            ngettext("%(count)d paused day", "%(count)d paused days", paused) % {"count": paused}
        )
    return [gettext("skipped %(days)s") % {"days": _list(parts)}] if parts else []


def _special_hours(days: Iterable[DayNote]) -> list[str]:
    parts = [_named(note) for note in days if note.kind is DayKind.SPECIAL_HOURS]
    return [gettext("special hours on %(days)s") % {"days": _list(parts)}] if parts else []


def _paused(explanation: Explanation) -> list[str]:
    count = len(explanation.pauses)
    if not count:
        return []
    return [ngettext("paused once", "paused %(count)d times", count) % {"count": count}]


def _due(explanation: Explanation) -> str:
    if explanation.due is None or explanation.due_day is None:
        return gettext("no due date while paused")
    if explanation.target.unit.counts_days and explanation.target.day_end is DayEnd.CLOSE:
        moment = _day(explanation, explanation.due_day)
    else:
        moment = _moment(explanation, explanation.due)
    return gettext("due %(moment)s") % {"moment": moment}


def _named(note: DayNote) -> str:
    day = date_format(note.day, pgettext("format of a date without weekday or year", "M j"))
    if not note.name:
        return day
    return gettext("%(day)s (%(name)s)") % {"day": day, "name": note.name}


def _runs(days: Iterable[date]) -> int:
    """How many stretches of adjoining dates the ordered `days` form."""
    count, previous = 0, None
    for day in days:
        count += previous is None or day - previous > ONE_DAY
        previous = day
    return count


def _list(parts: list[str]) -> str:
    return pgettext("between the items of a list", ", ").join(parts)


def _moment(explanation: Explanation, instant: datetime) -> str:
    """An instant in the calendar's zone; the date alone where whole days are counted."""
    local = instant.astimezone(explanation.zone).replace(tzinfo=None)
    day = _day(explanation, local.date())
    if explanation.target.unit.counts_days and explanation.target.day_end is DayEnd.CLOSE:
        return day
    return gettext("%(day)s, %(time)s") % {"day": day, "time": date_format(local, "TIME_FORMAT")}


def _day(explanation: Explanation, day: date) -> str:
    """A local date with its weekday; with the year when that is not the year of the request."""
    if day.year == explanation.start.astimezone(explanation.zone).year:
        return date_format(day, pgettext("format of a date with weekday", "D M j"))
    return date_format(day, pgettext("format of a date with weekday and year", "D M j, Y"))
