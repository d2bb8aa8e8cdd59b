"""What holds for every calendar, target and pause, checked on invented ones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lamppost.sla.calendar import SECONDS_PER_DAY, Calendar, DayException, Interval
from lamppost.sla.engine import compute, elapsed, is_late
from lamppost.sla.pauses import Pause
from lamppost.sla.target import DayEnd, Target, Unit

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe",
     "Asia/Kathmandu", "Pacific/Apia", "UTC"]
)  # fmt: skip
# Ten years with changes of clocks: at midnight in one zone, over a whole skipped day in another.
INSTANTS = st.integers(0, 10 * 365 * SECONDS_PER_DAY).map(
    lambda seconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    """One or two open stretches of a day, at whole minutes."""
    count = draw(st.integers(1, 2))
    minutes = draw(
        st.lists(st.integers(0, 1440), min_size=2 * count, max_size=2 * count, unique=True)
    )
    minutes.sort()
    return tuple(Interval.of_minutes(*minutes[at : at + 2]) for at in range(0, 2 * count, 2))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """An office open for at least two hours on at least one weekday, with some holidays."""
    weekly = draw(st.dictionaries(st.integers(0, 6), intervals(), min_size=1))
    opened = [hours.closes - hours.opens for spans in weekly.values() for hours in spans]
    assume(sum(opened) >= SECONDS_PER_DAY // 12)
    holidays = draw(
        st.dictionaries(
            st.dates(date(2010, 1, 1), date(2020, 12, 31)),
            st.sampled_from([(), (Interval.between("09:00", "12:00"),)]),
            max_size=5,
        )
    )
    exceptions = {day: DayException("Holiday", hours) for day, hours in holidays.items()}
    return Calendar(ZoneInfo(draw(ZONES)), weekly, exceptions)


@st.composite
def targets(draw: st.DrawFn, *units: Unit) -> Target:
    unit = draw(st.sampled_from(units or tuple(Unit)))
    if unit.counts_days:
        days = timedelta(days=draw(st.integers(1, 60)))
        return Target(days, unit, draw(st.sampled_from(DayEnd)))
    return Target(timedelta(seconds=draw(st.integers(1, 60 * 3600))), unit)


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> tuple[Pause, ...]:
    """Up to four pauses from a day before `start` on, up to ten days long, free to overlap."""
    seconds = st.integers(-SECONDS_PER_DAY, 60 * SECONDS_PER_DAY)
    spans = draw(st.lists(st.tuples(seconds, st.integers(0, 10 * SECONDS_PER_DAY)), max_size=4))
    return tuple(
        Pause(start + timedelta(seconds=at), start + timedelta(seconds=at + length))
        for at, length in spans
    )


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_never_due_before_the_request(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    due = compute(calendar, start, target, data.draw(pauses_after(start)))
    assert due.at is not None
    assert due.at >= start


@quick
@given(st.data(), calendars(), INSTANTS, targets(Unit.BUSINESS_HOURS))
def test_business_hours_fall_due_in_open_time_or_at_its_end(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    due = compute(calendar, start, target, data.draw(pauses_after(start)))
    assert due.at is not None
    assert calendar.is_open(due.at - timedelta(microseconds=1))


@quick
@given(st.data(), calendars(), INSTANTS, targets(Unit.BUSINESS_DAYS))
def test_business_days_fall_due_on_a_business_day_at_its_close(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    due = compute(calendar, start, target, data.draw(pauses_after(start)))
    assert due.day is not None
    assert calendar.is_business_day(due.day)
    if target.day_end is DayEnd.CLOSE:
        assert due.at == calendar.plan(due.day).closes


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_the_due_instant_is_the_first_by_which_all_is_used_up(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    pauses = data.draw(pauses_after(start))
    due = compute(calendar, start, target, pauses)
    assert due.at is not None
    before = due.at - timedelta(microseconds=1)

    def used(end: datetime) -> timedelta:
        return elapsed(calendar, start, end, target.unit, pauses, day_end=target.day_end)

    assert used(due.at) == target.length
    assert used(before) < target.length
    assert not is_late(due, due.at)


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_more_is_never_due_earlier(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    pauses = data.draw(pauses_after(start))
    unit = timedelta(days=1) if target.unit.counts_days else timedelta(seconds=1)
    longer = Target(
        target.length + unit * data.draw(st.integers(1, 100)), target.unit, target.day_end
    )
    due, later = compute(calendar, start, target, pauses), compute(calendar, start, longer, pauses)
    assert due.at is not None
    assert later.at is not None
    assert due.at < later.at or target.day_end is DayEnd.SAME_TIME or _skipped_day(calendar)
    assert due.at <= later.at


def _skipped_day(calendar: Calendar) -> bool:
    """Where a whole date was skipped, two dates end at one instant."""
    return calendar.zone.key == "Pacific/Apia"


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_a_pause_more_is_never_due_earlier(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    pauses, more = data.draw(pauses_after(start)), data.draw(pauses_after(start))
    due = compute(calendar, start, target, pauses)
    paused = compute(calendar, start, target, pauses + more)
    assert due.at is not None
    assert paused.at is not None
    assert paused.at >= due.at


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_splitting_and_shuffling_pauses_changes_nothing(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    pauses = data.draw(pauses_after(start))
    split: list[Pause] = []
    for pause in pauses:
        assert pause.end is not None
        cut = pause.start + (pause.end - pause.start) * data.draw(st.floats(0, 1))
        split += [Pause(cut, pause.end), Pause(pause.start, cut)]
    shuffled = data.draw(st.permutations(split))
    assert compute(calendar, start, target, shuffled) == compute(calendar, start, target, pauses)


@quick
@given(st.data(), calendars(), INSTANTS, targets())
def test_a_lasting_pause_hides_the_due_instant_or_leaves_it(
    data: st.DataObject, calendar: Calendar, start: datetime, target: Target
) -> None:
    due = compute(calendar, start, target)
    assert due.at is not None
    since = start + timedelta(seconds=data.draw(st.integers(-100, 60 * SECONDS_PER_DAY)))
    paused = compute(calendar, start, target, (Pause(since),))
    assert paused.at == (None if since < due.at else due.at)


@quick
@given(st.data(), calendars(), INSTANTS, st.sampled_from([Unit.HOURS, Unit.BUSINESS_HOURS]))
def test_elapsed_adds_up(
    data: st.DataObject, calendar: Calendar, start: datetime, unit: Unit
) -> None:
    pauses = data.draw(pauses_after(start))
    middle = start + timedelta(seconds=data.draw(st.integers(0, 30 * SECONDS_PER_DAY)))
    end = middle + timedelta(seconds=data.draw(st.integers(0, 30 * SECONDS_PER_DAY)))

    def used(since: datetime, until: datetime) -> timedelta:
        return elapsed(calendar, since, until, unit, pauses)

    assert used(start, middle) + used(middle, end) == used(start, end)
    assert timedelta(0) <= used(start, end) <= end - start


@quick
@given(calendars(), INSTANTS, targets(), ZONES)
def test_the_zone_of_the_request_s_datetime_does_not_matter(
    calendar: Calendar, start: datetime, target: Target, zone: str
) -> None:
    elsewhere = start.astimezone(ZoneInfo(zone))
    assert compute(calendar, elsewhere, target) == compute(calendar, start, target)


@quick
@given(calendars(), INSTANTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    calendar: Calendar, instant: datetime
) -> None:
    opening = calendar.next_opening(instant)
    assert calendar.is_open(opening)
    assert elapsed(calendar, instant, opening, Unit.BUSINESS_HOURS) == timedelta(0)


@pytest.fixture
def process_zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("process_zone")
@pytest.mark.parametrize("target", [
    Target.hours(30), Target.business_hours(30), Target.business_days(9), Target.calendar_days(9),
    Target.business_days(9, DayEnd.SAME_TIME),
], ids=str)  # fmt: skip
def test_the_zone_of_the_process_does_not_matter(target: Target) -> None:
    start = datetime(2024, 3, 8, 4, 30, tzinfo=UTC)
    found = set()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        os.environ["TZ"] = zone
        time.tzset()
        # A new calendar each time, so that nothing worked out under another zone is reused.
        calendar = Calendar(
            ZoneInfo("America/New_York"), dict.fromkeys(range(5), (Interval.of_minutes(480, 1020),))
        )
        found.add(compute(calendar, start, target).at)
    assert len(found) == 1
