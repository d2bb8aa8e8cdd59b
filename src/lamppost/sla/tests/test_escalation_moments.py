"""When somebody is told of a promise: so many working hours or days from the due time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamppost.sla.calendar import Calendar
from lamppost.sla.choices import StepMoment, TargetKind
from lamppost.sla.escalation import Step, is_working_time, moment_of, moments_of
from lamppost.sla.target import Unit
from lamppost.sla.tests.hours import K8, MONDAY_TO_FRIDAY, NEW_YORK, local, office

HOURS, DAYS = Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS
BEFORE, AFTER = StepMoment.BEFORE, StepMoment.AFTER
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CITY = office(
    NEW_YORK, MONDAY_TO_FRIDAY, "08:00-12:00", "13:00-17:00",
    holidays=["2024-12-25 Christmas Day", "2025-01-01 New Year's Day"],
)  # fmt: skip
NEVER = Calendar(NEW_YORK, {})


def step(moment: StepMoment, amount: int, unit: Unit, **more: object) -> Step:
    facts: dict[str, object] = {
        "code": "step", "kind": None, "moment": moment, "amount": amount, "unit": unit,
        "audiences": (), "wording": {}, "since": LONG_AGO,
    }  # fmt: skip
    return Step(**(facts | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("due", "moment", "amount", "unit", "told", "why"),
    [
        ("2024-03-06 17:00", BEFORE, 4, HOURS, "2024-03-06 13:00", "the last four hours of a day"),
        ("2024-03-06 10:00", BEFORE, 4, HOURS, "2024-03-05 15:00", "two of today, two of before"),
        ("2024-03-06 14:00", BEFORE, 2, HOURS, "2024-03-06 11:00", "lunch does not count"),
        ("2024-03-11 09:00", BEFORE, 4, HOURS, "2024-03-08 14:00",
         "back over the weekend on which the clocks go forward"),
        ("2024-11-04 09:00", BEFORE, 4, HOURS, "2024-11-01 14:00",
         "back over the weekend on which the clocks go back"),
        ("2025-01-02 09:00", BEFORE, 4, HOURS, "2024-12-31 14:00", "back over New Year's Day"),
        ("2024-03-10 03:30", BEFORE, 1, HOURS, "2024-03-08 16:00",
         "due in a night nobody works: told the Friday before"),
        ("2024-03-06 17:00", AFTER, 0, HOURS, "2024-03-06 17:00", "late at closing time: then"),
        ("2024-03-06 20:00", AFTER, 0, HOURS, "2024-03-07 08:00", "late at night: in the morning"),
        ("2024-03-08 17:00", AFTER, 1, HOURS, "2024-03-11 09:00", "over a weekend and the change"),
        ("2024-12-24 17:00", AFTER, 4, HOURS, "2024-12-26 12:00", "over Christmas Day"),
        ("2024-03-06 10:00", AFTER, 2, DAYS, "2024-03-08 10:00", "the same time of day"),
        ("2024-03-08 10:00", AFTER, 1, DAYS, "2024-03-11 10:00",
         "ten o'clock on the wall before and after the change of clocks"),
        ("2024-12-31 17:00", AFTER, 5, DAYS, "2025-01-08 17:00", "a holiday and a weekend"),
        ("2024-03-06 22:00", AFTER, 1, DAYS, "2024-03-08 08:00",
         "late in the evening: the opening after the next evening"),
        ("2024-03-06 12:30", BEFORE, 1, DAYS, "2024-03-05 13:00", "not in the lunch hour"),
        ("2025-01-02 10:00", BEFORE, 1, DAYS, "2024-12-31 10:00", "the business day before"),
    ],
)  # fmt: skip
def test_moments(
    due: str, moment: StepMoment, amount: int, unit: Unit, told: str, why: str
) -> None:
    found = moment_of(CITY, local(NEW_YORK, due), step(moment, amount, unit))
    assert found == local(NEW_YORK, told), why


def test_an_office_that_never_opens_tells_nobody() -> None:
    due = local(NEW_YORK, "2024-03-06 10:00")
    for moment in (BEFORE, AFTER):
        assert moment_of(NEVER, due, step(moment, 1, HOURS)) is None
        assert moment_of(NEVER, due, step(moment, 1, DAYS)) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        moment_of(CITY, datetime(2024, 3, 6, 10), step(BEFORE, 1, HOURS))  # noqa: DTZ001


def test_steps_come_in_order_and_once() -> None:
    due = local(NEW_YORK, "2024-03-06 17:00")
    soon = step(BEFORE, 4, HOURS, code="soon")
    late = step(AFTER, 1, HOURS, code="late")
    very = step(AFTER, 3, DAYS, code="very-late")
    ladder = [very, late, soon]
    assert [one.code for _at, one in moments_of(CITY, due, ladder, ())] == [
        "soon", "late", "very-late",
    ]  # fmt: skip
    assert [one.code for _at, one in moments_of(CITY, due, ladder, {"soon", "late"})] == [
        "very-late"
    ]


def test_a_new_step_does_not_tell_of_the_past() -> None:
    due = local(NEW_YORK, "2024-03-06 17:00")
    new = step(BEFORE, 4, HOURS, since=local(NEW_YORK, "2024-03-06 13:01"))
    assert moments_of(CITY, due, [new], ()) == []


def test_closing_time_is_working_time() -> None:
    assert is_working_time(CITY, local(NEW_YORK, "2024-03-06 17:00"))
    assert not is_working_time(CITY, local(NEW_YORK, "2024-03-06 17:00") + timedelta(seconds=1))
    assert not is_working_time(CITY, local(NEW_YORK, "2024-03-09 10:00"))


@given(
    minutes=st.integers(0, 2_000_000),
    moment=st.sampled_from(StepMoment),
    amount=st.integers(0, 60),
    unit=st.sampled_from([HOURS, DAYS]),
    calendar=st.sampled_from([CITY, K8]),
)
def test_always_in_working_time_and_on_its_side(
    minutes: int, moment: StepMoment, amount: int, unit: Unit, calendar: Calendar
) -> None:
    due = LONG_AGO + timedelta(days=9000, minutes=minutes)
    at = moment_of(calendar, due, step(moment, amount, unit, kind=TargetKind.RESOLVE))
    assert at is not None
    assert is_working_time(calendar, at)
    if moment is AFTER:
        assert at >= due
    elif amount:
        assert at < due
