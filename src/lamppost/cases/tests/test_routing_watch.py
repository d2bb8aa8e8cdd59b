"""Alarms of routing: opened once, told once, kept up, closed when it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.cases.services.routing_watch import acknowledge, watch_routing
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Forbidden, NotFound
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department, StaffNotice, Team
from lamppost.routing.choices import AlarmKind, SetState
from lamppost.routing.models import RoutingAlarm, RoutingRule, RuleSet

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


@pytest.fixture
def supervisor(actor: Callable[..., Actor]) -> Actor:
    return actor(Role.SUPERVISOR, "center")


class Past:
    """Arrivals of past days: events as intake writes them, on one case per queue."""

    def __init__(self, file_case: FileCase) -> None:
        self.now = timezone.now() + timedelta(hours=1)
        self.cases = {
            "streets": file_case(requested_at=self.now - timedelta(days=90)),
            "parks": file_case(
                service_code="TREE", answers={}, requested_at=self.now - timedelta(days=90)
            ),
        }

    def days(self, first: int, last: int, **counts: int) -> None:
        for day in range(first, last + 1):
            for code, count in counts.items():
                for at in range(count):
                    self.event(code, self.now - timedelta(days=day, minutes=1 + at))

    def event(self, code: str, at: datetime, *, at_center: bool = False) -> None:
        case = self.cases[code]
        if at_center:
            case.department = Department.objects.get(is_catch_all=True)
        record(case, EventKind.RECEIVED, actor=SYSTEM, audience="public", at=at)
        case.refresh_from_db()


@pytest.fixture
def past(file_case: FileCase) -> Past:
    return Past(file_case)


def opened() -> list[str]:
    return sorted(RoutingAlarm.objects.filter(closed_at=None).values_list("subject", flat=True))


def test_an_ordinary_month_is_quiet(past: Past) -> None:
    past.days(0, 34, streets=2, parks=2)
    assert watch_routing(now=past.now) == 0
    assert not RoutingAlarm.objects.exists()


def test_a_shift_is_one_episode_told_once(past: Past, supervisor: Actor, worker: Actor) -> None:
    past.days(1, 20, streets=2, parks=6)
    past.days(0, 0, streets=30, parks=2)
    assert watch_routing(now=past.now) == 1
    assert watch_routing(now=past.now + timedelta(minutes=10)) == 0
    alarm = RoutingAlarm.objects.get()
    assert (alarm.kind, alarm.subject) == (AlarmKind.SHIFT, "department:streets")
    assert (alarm.hits, alarm.total, alarm.hours) == (30, 32, 24)
    assert alarm.usual_share == pytest.approx(0.25, abs=0.01)
    notices = StaffNotice.objects.all()
    assert {one.user_id for one in notices} == {supervisor.user_id}
    assert "go to Streets" in notices[0].subject
    # The next day is as ever: the episode is over, and a new one is a new row.
    later = past.now + timedelta(days=1)
    past.now = later
    past.days(0, 0, streets=7, parks=21)
    assert watch_routing(now=later) == 0
    alarm.refresh_from_db()
    assert alarm.closed_at == later


def test_a_team_s_queue_is_watched_too(past: Past) -> None:
    team = Team.objects.create(department=Department.objects.get(code="streets"), code="north")
    past.days(1, 20, streets=1, parks=9)
    past.days(0, 0, streets=30, parks=2)
    Case.objects.filter(pk=past.cases["streets"].pk).update(team=team)
    watch_routing(now=past.now)
    assert opened() == ["department:streets", "team:streets/north"]


def test_cases_that_strand_with_the_catch_all(past: Past) -> None:
    past.days(0, 20, streets=4, parks=4)
    for minute in range(30):
        past.event("streets", past.now - timedelta(minutes=minute + 1), at_center=True)
    watch_routing(now=past.now)
    assert "catch-all" in opened()
    alarm = RoutingAlarm.objects.get(kind=AlarmKind.CATCH_ALL)
    assert (alarm.hits, alarm.total) == (30, 38)


def test_too_few_to_judge_is_no_all_clear(past: Past) -> None:
    past.days(1, 20, streets=2, parks=6)
    past.days(0, 0, streets=30, parks=2)
    watch_routing(now=past.now)
    silent = past.now + timedelta(days=40)
    RoutingAlarm.objects.update(seen_at=silent - timedelta(days=2))
    watch_routing(now=silent)
    assert opened() == ["department:streets"]
    watch_routing(now=silent + timedelta(days=6))
    assert opened() == []


def rule(department: str, team: Team | None = None) -> RoutingRule:
    now = timezone.now()
    rules = RuleSet.objects.create(number=1, state=SetState.ACTIVE, created_at=now, changed_at=now)
    return RoutingRule.objects.create(
        rule_set=rules, code="r", order=1, team=team,
        department=Department.objects.get(code=department),
    )  # fmt: skip


def test_a_rule_that_does_not_work_any_more_and_works_again(city: City, supervisor: Actor) -> None:
    team = Team.objects.create(department=Department.objects.get(code="parks"), code="crew")
    rule("parks", team)
    now = timezone.now()
    assert watch_routing(now=now) == 0
    Team.objects.update(is_active=False)
    assert watch_routing(now=now) == 1
    alarm = RoutingAlarm.objects.get()
    assert (alarm.kind, alarm.detail, alarm.rule.code) == ("fault", "no_team", "r")
    assert StaffNotice.objects.get().kind == "routing"
    Team.objects.update(is_active=True)
    watch_routing(now=now + timedelta(hours=1))
    assert opened() == []
    Team.objects.update(is_active=False)
    assert watch_routing(now=now + timedelta(hours=2)) == 1
    assert RoutingAlarm.objects.count() == 2
    assert StaffNotice.objects.count() == 2


def test_a_closed_department_is_a_fault(city: City) -> None:
    rule("parks")
    Department.objects.filter(code="parks").update(is_active=False)
    City.objects.update(catalog_changed_at=timezone.now())
    forget_cities()
    watch_routing(now=timezone.now())
    assert RoutingAlarm.objects.get().detail == "no_department"


def test_one_city_s_cases_raise_no_alarm_in_another(past: Past, other_city: City) -> None:
    past.days(1, 20, streets=2, parks=6)
    past.days(0, 0, streets=30, parks=2)
    with city_scope(other_city.pk):
        assert watch_routing(now=past.now) == 0
        assert not RoutingAlarm.objects.exists()


def test_acknowledging(past: Past, supervisor: Actor, worker: Actor) -> None:
    alarm = RoutingAlarm.objects.create(
        kind=AlarmKind.SHIFT, subject="x", opened_at=past.now, seen_at=past.now
    )
    with pytest.raises(Forbidden):
        acknowledge(alarm_id=alarm.pk, actor=worker)
    with pytest.raises(NotFound):
        acknowledge(alarm_id=0, actor=supervisor)
    acknowledge(alarm_id=alarm.pk, actor=supervisor)
    with pytest.raises(Conflict):
        acknowledge(alarm_id=alarm.pk, actor=supervisor)
    alarm.refresh_from_db()
    assert alarm.acknowledged_by_id == supervisor.user_id


def test_a_pass_costs_the_same_however_many_cases(past: Past) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            watch_routing(now=past.now)
        return len(queries)

    past.days(0, 10, streets=1, parks=1)
    cost()
    few = cost()
    past.days(0, 34, streets=4, parks=4)
    assert cost() <= few
