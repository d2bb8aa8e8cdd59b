"""Measures against figures worked out by hand, and daily counts against counting all again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.importing.load import load
from lamppost.cases.importing.past import PastCase
from lamppost.cases.models import Case, CaseArea, Clock
from lamppost.cases.services import redress, transfers
from lamppost.cases.services.clock_passes import mark_breaches
from lamppost.cases.services.corrections import recategorize
from lamppost.cases.services.lifecycle import reopen
from lamppost.catalog.choices import OutcomeKind
from lamppost.catalog.models import Service
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.insight.choices import GroupKind
from lamppost.insight.figures import Counts, Figure, percentile_disc, share
from lamppost.insight.glossary import MIN_GROUP
from lamppost.insight.models import DailyClosings, DailyRequests, MeasureMark
from lamppost.insight.period import Period, Quarter, add_months
from lamppost.insight.selectors.measures import Scope, by_group, equity, evidence, totals
from lamppost.insight.selectors.what_if import what_if
from lamppost.insight.services.daily import rebuild, refresh
from lamppost.insight.tests.scene import ZONE, at, close, move, tell
from lamppost.people.actors import ANONYMOUS, SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department
from lamppost.places.models import Area, AreaKind
from lamppost.sla.promises import promises
from lamppost.sla.target import Target

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
MakeActor = Callable[..., Actor]
JUNE = Period(date(2024, 6, 1), date(2024, 6, 30))


def scope_of(service: str, department: str = "streets") -> Scope:
    return Scope(Service.objects.get(code=service).pk, Department.objects.get(code=department).pk)


def values(figures: list[Figure]) -> dict[str, tuple[Any, int | None]]:
    return {one.measure: (one.value, one.n) for one in figures}


def stored() -> tuple[list[Any], list[Any]]:
    """Everything the daily tables hold, without row ids."""
    cells = [one.name for one in DailyRequests._meta.fields if one.name not in {"id", "city"}]
    requests = DailyRequests.objects.order_by(*cells[:5]).values_list(*cells)
    closings = DailyClosings.objects.order_by("day", "service", "department")
    return list(requests), list(closings.values_list("day", "service", "department", "seconds"))


# -- plain arithmetic


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, None),  # nothing to divide by is not nought percent
        (0, 5, Decimal("0.0000")),
        (2, 3, Decimal("0.6667")),
        (1, 3, Decimal("0.3333")),
        (5, 5, Decimal("1.0000")),
    ],
)
def test_a_share(part: int, whole: int, expected: Decimal | None) -> None:
    assert share(part, whole) == expected


@pytest.mark.parametrize(
    ("seconds", "part", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.9, 7),
        ([1, 2], 0.5, 1),  # an even number: the lower of the two in the middle, never between
        ([3, 1, 2], 0.5, 2),
        (list(range(1, 11)), 0.9, 9),
        (list(range(1, 12)), 0.9, 10),
    ],
)
def test_a_percentile_is_always_one_of_the_values(
    seconds: list[int], part: float, expected: int | None
) -> None:
    assert percentile_disc(seconds, part) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(on_time=9, late=1), Decimal("0.9000")),  # closed only
        (Counts(on_time=9, late=1, overdue=10), Decimal("0.4500")),  # what is left undone counts
        (Counts(on_time=9, not_due=50), Decimal("1.0000")),  # what is not due yet does not
        (Counts(on_time=1, waived=3), Decimal("1.0000")),  # nor what was excused
        (Counts(overdue=2), Decimal("0.0000")),
        (Counts(not_due=3), None),
    ],
)
def test_the_one_definition_of_on_time(counts: Counts, expected: Decimal | None) -> None:
    assert counts.on_time_share == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 22), 6, date(2027, 5, 22)),
        (date(2026, 3, 15), -3, date(2025, 12, 15)),
    ],
)
def test_months_later(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "starts", "year", "number", "first", "last"),
    [
        (date(2026, 11, 22), 1, 2026, 4, date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 11, 22), 7, 2027, 2, date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), 7, 2027, 1, date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 6, 30), 7, 2026, 4, date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 1, 5), 10, 2026, 2, date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 2, 1), 12, 2026, 1, date(2025, 12, 1), date(2026, 2, 28)),
    ],
)
def test_a_quarter_of_a_fiscal_year(
    day: date, starts: int, year: int, number: int, first: date, last: date
) -> None:
    quarter = Quarter.of(day, starts)
    assert (quarter.year, quarter.number) == (year, number)
    assert quarter.period == Period(first, last)
    assert quarter.before.period.last == first - timedelta(days=1)


# -- the scene of scene.py


def test_the_figures_of_a_known_month(file_case: FileCase, actor: MakeActor) -> None:
    tell(file_case, actor)
    refresh()
    found = values(evidence(JUNE, scope_of("POTHOLE")))
    assert found == {
        "received": (Decimal(9), None),  # ten, less the one that was a tree
        "on_time": (Decimal("0.6667"), 6),  # 4 of 4 + 1 + 1
        "closed_on_time": (Decimal(4), None),  # early, punctual, resumed, twice
        "closed_late": (Decimal(1), None),
        "open_overdue": (Decimal(1), None),  # not the paused one, which was not due yet
        "median": (Decimal("4.0000"), 5),  # 1, 3⅓, 4, 4, 7.29 days; the repeat is left out
        "p90": (Decimal("7.2917"), 5),  # 7 days 7 hours
        "reopened": (Decimal("0.1667"), 6),
        "disputed": (Decimal("0.1667"), 6),
        "waived": (Decimal("0.1250"), 8),  # 6 judged, 1 paused, 1 waived
        "paused": (Decimal("0.2500"), 8),
        "transfers": (Decimal(0), None),
        "ping_pong": (Decimal(0), None),
    }
    tree = values(evidence(JUNE, scope_of("TREE", "parks")))
    assert tree["received"] == (Decimal(1), None)
    assert tree["on_time"] == (None, 0)  # the replaced clock is nobody's verdict


def test_a_month_without_requests(city: City) -> None:
    refresh()
    found = values(evidence(JUNE, scope_of("POTHOLE")))
    assert found["received"] == (Decimal(0), None)
    assert found["on_time"] == (None, 0)
    assert found["median"] == (None, 0)


def test_overdue_while_paused_stays_overdue(file_case: FileCase) -> None:
    case = file_case(requested_at=at(3))
    move(case, "in-progress", 3)
    move(case, "waiting-weather", 10)  # four days after it was due
    refresh()
    assert totals(JUNE, scope_of("POTHOLE"))[0].overdue == 1


def test_to_be_told_of_is_not_yet_overdue(file_case: FileCase) -> None:
    """Somebody is to hear of it before it is due, and no pass has told them yet."""
    now = timezone.now()
    cases = [file_case(requested_at=now - timedelta(minutes=5)) for _ in range(MIN_GROUP)]
    Clock.objects.update(next_check_at=now - timedelta(minutes=1))
    today = now.astimezone(ZONE).date()
    period = Period(today - timedelta(days=1), today)
    refresh()
    counts, _waits = totals(period, scope_of("POTHOLE"))
    assert (counts.overdue, counts.not_due) == (0, len(cases))
    assert equity(period, scope_of("POTHOLE"), now=now) == []
    Clock.objects.update(due_at=now - timedelta(minutes=1))
    rebuild()
    counts, _waits = totals(period, scope_of("POTHOLE"))
    assert (counts.overdue, counts.not_due) == (len(cases), 0)
    assert [one.n for one in equity(period, scope_of("POTHOLE"), now=now)] == [len(cases)]


def test_a_closing_in_doubt_is_not_overdue_until_it_is_decided(
    file_case: FileCase, actor: MakeActor
) -> None:
    case = file_case(requested_at=at(3))
    close(case, 4)
    doubt = redress.dispute(case_id=case.pk, text="Still there", at=at(5), actor=ANONYMOUS)
    mark_breaches(now=timezone.now())
    refresh()
    counts, _waits = totals(JUNE, scope_of("POTHOLE"))
    assert (counts.overdue, counts.not_due, counts.disputed) == (0, 1, 1)
    assert asked(Target.business_days(3)).counts == Counts(not_due=1)
    supervisor = actor(Role.SUPERVISOR, "center")
    redress.uphold(redress_id=doubt.pk, text="Indeed.", actor=supervisor, at=at(6))
    refresh()
    counts, _waits = totals(JUNE, scope_of("POTHOLE"))
    assert (counts.overdue, counts.not_due, counts.disputed) == (1, 0, 1)
    assert asked(Target.business_days(3)).counts == Counts(overdue=1)


def test_sent_back_and_forth(file_case: FileCase) -> None:
    there, once = file_case(requested_at=at(3)), file_case(requested_at=at(3))
    parks = Department.objects.get(code="parks")
    streets = Department.objects.get(code="streets")
    for case, path in ((there, (parks, streets)), (once, (parks,))):
        for department in path:
            offer = transfers.offer_transfer(
                case_id=case.pk, department_id=department.pk, reason="Yours", actor=SYSTEM
            )
            transfers.accept_transfer(transfer_id=offer.pk, actor=SYSTEM)
    refresh()
    counts = by_group(JUNE, GroupKind.DEPARTMENT)
    assert (counts[streets.pk][0].transfers, counts[streets.pk][0].ping_pong) == (2, 1)
    assert (counts[parks.pk][0].transfers, counts[parks.pk][0].ping_pong) == (1, 0)


def test_a_day_ends_at_the_city_s_midnight(file_case: FileCase) -> None:
    file_case(requested_at=at(30, 23, 59))  # already 1 July in UTC
    file_case(requested_at=at(1, 0, 0))
    refresh()
    assert totals(JUNE, Scope())[0].received == 2
    assert totals(Period(date(2024, 7, 1), date(2024, 7, 31)), Scope())[0].received == 0


# -- groups


def test_groups_are_compared_and_small_ones_are_not_shown(
    file_case: FileCase, actor: MakeActor
) -> None:
    kind = AreaKind.objects.create(code="district", name={"en": "District"}, order=1)
    north, south = (
        Area.objects.create(kind=kind, code=code, name={"en": f"District {code}"})
        for code in ("1", "2")
    )
    for number in range(12):
        case = file_case(requested_at=at(3), language="es" if number < 10 else "ar")
        CaseArea.objects.create(case=case, area=north if number < 11 else south)
        # Eight on time after one day, two late after four, the others stay open.
        if number < 10:
            close(case, 4 if number < 8 else 7)
    refresh()
    found = {
        (one.group_kind, one.group_code, one.measure): (one.value, one.n)
        for one in equity(JUNE, scope_of("POTHOLE"), now=timezone.now())
    }
    assert found == {
        (GroupKind.AREA, "1", "group_on_time"): (Decimal("0.7273"), 11),
        (GroupKind.AREA, "1", "group_median"): (Decimal("1.0000"), 10),
        (GroupKind.LANGUAGE, "es", "group_on_time"): (Decimal("0.8000"), 10),
        (GroupKind.LANGUAGE, "es", "group_median"): (Decimal("1.0000"), 10),
    }


# -- counted day by day, or all at once


def test_counting_what_changed_gives_what_counting_all_gives(
    file_case: FileCase, actor: MakeActor
) -> None:
    refresh()
    cases = tell(file_case, actor)
    refresh()
    assert stored()[0], "nothing was counted"
    close(cases["open"], 12)
    move(cases["paused"], "in-progress", 13)
    mark_breaches(now=timezone.now())
    recategorize(case_id=cases["moved away"].pk, service_code="POTHOLE", reason="No", actor=SYSTEM)
    refresh()
    counted = stored()
    MeasureMark.objects.all().delete()
    DailyRequests.objects.all().delete()
    rebuild()
    assert stored() == counted


def test_a_closing_that_was_undone_leaves_its_day(file_case: FileCase) -> None:
    case = file_case(requested_at=at(3))
    close(case, 4)
    refresh()
    assert DailyClosings.objects.get().day == date(2024, 6, 4)
    reopen(case_id=case.pk, reason="Not filled", actor=SYSTEM, at=at(6))
    refresh()
    assert not DailyClosings.objects.exists()
    close(case, 10)
    refresh()
    row = DailyClosings.objects.get()
    assert (row.day, row.seconds) == (date(2024, 6, 10), [7 * 86_400])


@pytest.mark.parametrize("count", [refresh, rebuild])
@pytest.mark.parametrize("is_first", [True, False])
def test_who_counts_holds_the_mark_before_a_row_is_touched(
    file_case: FileCase, count: Callable[[], int], is_first: bool
) -> None:
    """The other way round two at once were a deadlock (tried with two connections)."""
    if not is_first:
        refresh()
    file_case(requested_at=at(3))
    with CaptureQueriesContext(connection) as seen:
        assert count() == 1
    statements = [one["sql"] for one in seen]
    locked = next(n for n, sql in enumerate(statements) if sql.endswith("FOR UPDATE"))
    touched = next(n for n, sql in enumerate(statements) if "insight_daily" in sql)
    assert "insight_measuremark" in statements[locked]
    assert locked < touched


def test_only_days_that_changed_are_counted(file_case: FileCase) -> None:
    for day in (3, 4, 5):
        file_case(requested_at=at(day))
    assert refresh() == 3
    # What is older than the overlap is not read again.
    assert refresh(now=timezone.now() + timedelta(hours=1)) == 3
    assert refresh(now=timezone.now() + timedelta(hours=2)) == 0


def test_each_city_counts_its_own(file_case: FileCase, other_city: City, actor: MakeActor) -> None:
    tell(file_case, actor)
    refresh()
    with city_scope(other_city.pk):
        assert refresh() == 0
        assert not DailyRequests.objects.exists()
        assert totals(JUNE, Scope())[0] == Counts()
    assert totals(JUNE, Scope())[0].received == 10


# -- what if


def asked(target: Target, **more: Any) -> Any:
    calendar = promises().default_calendar
    assert calendar is not None
    [answer] = what_if(scope_of("POTHOLE"), JUNE, [target], calendar, now=timezone.now(), **more)
    return answer


@pytest.mark.parametrize(
    ("target", "on_time", "late", "overdue", "not_due"),
    [
        # The promise as it is: the verdicts that were given.
        (Target.business_days(3), 4, 1, 1, 1),
        # Tue 17:00. Early is on time; twice was closed at that tick, Wednesday counts: Wed 17:00,
        # so Friday is late; resumed was paused from Wednesday on, late; paused was late on Tue.
        (Target.business_days(1), 1, 4, 2, 0),
        # Fri 17:00: the late one is in time too. Paused still waits.
        (Target.business_days(4), 5, 0, 1, 1),
        # Four days of 24 hours: to Friday 09:00 sharp, when late was closed; resumed had until
        # Sunday 09:00 and took until Monday.
        (Target.hours(96), 4, 1, 1, 1),
        (Target.calendar_days(3650), 5, 0, 0, 2),
    ],
)
def test_what_if(
    target: Target, on_time: int, late: int, overdue: int, not_due: int,
    file_case: FileCase, actor: MakeActor,
) -> None:  # fmt: skip
    tell(file_case, actor)
    answer = asked(target)
    assert answer.counts == Counts(on_time=on_time, late=late, overdue=overdue, not_due=not_due)
    assert (answer.n, answer.of, answer.is_sample) == (7, 7, False)


def test_what_if_nothing_changed_is_what_was_measured(
    file_case: FileCase, actor: MakeActor
) -> None:
    tell(file_case, actor)
    refresh()
    measured, _waits = totals(JUNE, scope_of("POTHOLE"))
    assert asked(Target.business_days(3)).on_time_share == measured.on_time_share


def test_what_if_of_an_imported_promise_has_no_history(city: City) -> None:
    past = PastCase(
        number="1", service_code="POTHOLE", requested_at=at(3), updated_at=at(5),
        closed_at=at(5), due_at=at(4), outcome=OutcomeKind.DONE, note="Filled",
    )  # fmt: skip
    load([past], source="old")
    refresh()
    assert totals(JUNE, scope_of("POTHOLE"))[0].late == 1
    assert asked(Target.business_days(1)).counts == Counts(late=1)
    assert asked(Target.business_days(2)).counts == Counts(on_time=1)


def test_a_large_number_is_sampled_the_same_way_twice(
    file_case: FileCase, actor: MakeActor
) -> None:
    tell(file_case, actor)
    first, again = (
        asked(Target.business_days(2), sample=3),
        asked(Target.business_days(2), sample=3),
    )
    assert first == again
    assert (first.n, first.of, first.is_sample) == (3, 7, True)


def test_what_if_costs_the_same_for_many(
    file_case: FileCase, actor: MakeActor, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        close(file_case(requested_at=at(3)), 5)
    asked(Target.business_days(2))
    with django_assert_max_num_queries(7):
        asked(Target.business_days(2))
