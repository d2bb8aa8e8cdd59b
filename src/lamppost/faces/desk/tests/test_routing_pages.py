"""The rules of routing at the desk: drafted, tried, put into force, watched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamppost.cases.models import Case, SuggestionAnswer
from lamppost.catalog.models import QuestionValue, Service
from lamppost.cities.models import City
from lamppost.people.choices import Role
from lamppost.people.models import Department, Team
from lamppost.routing.choices import AlarmKind, SetState
from lamppost.routing.models import RoutingAlarm, RoutingRule, RuleSet
from lamppost.routing.services.drafts import version_of

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]


def _text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def director(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.DIRECTOR, None, "Dora")


def draft() -> RuleSet:
    return RuleSet.objects.get(state=SetState.DRAFT)


def begin(client: Client) -> RuleSet:
    assert client.post("/desk/routing/begin/").status_code == 302
    return draft()


def post_rule(client: Client, rule_set: RuleSet, **data: Any) -> Any:
    fields = {"owner": str(Department.objects.get(code="parks").pk), "seen": version_of(rule_set)}
    return client.post(f"/desk/routing/{rule_set.number}/rules/new/", fields | data)


def test_a_rule_is_written_tried_and_put_into_force(
    director: Client, file_case: FileCase, city: City
) -> None:
    case = file_case()
    made = begin(director)
    crew = Team.objects.create(
        department=Department.objects.get(code="parks"), code="night", name={"en": "Night crew"}
    )
    response = post_rule(
        director,
        made,
        owner=f"{crew.department_id}:{crew.pk}",
        services=[str(Service.objects.get(code="POTHOLE").pk)],
        values=[str(QuestionValue.objects.get(key="roadway").pk)],
        note="Holes go to the night crew",
    )
    assert response.status_code == 302, _text(response)
    page = _text(director.get(f"/desk/routing/{made.number}/"))
    assert "If the service is Pothole and" in page
    assert "then Parks, Night crew." in page

    activate = f"/desk/routing/{made.number}/activate/"
    assert "Try it first" in _text(director.get(activate))
    refused = director.post(activate, {"seen": version_of(draft()), "title": "Night crew"})
    assert refused.status_code == 409

    tried = director.post(
        f"/desk/routing/{made.number}/trial/", {"last": "100", "seen": version_of(draft())}
    )
    assert tried.status_code == 302
    page = _text(director.get(f"/desk/routing/{made.number}/trial/"))
    assert "1 of the last 1 cases would go to somebody else" in page
    assert f"/desk/cases/{case.number}/" in page
    assert "Parks, Night crew" in page

    done = director.post(activate, {"seen": version_of(draft()), "title": "Night crew"})
    assert done.status_code == 302, _text(done)
    routed = file_case()
    assert routed.routing_reason == "rule:holes-go-to-the-night-crew"
    assert (routed.department.code, routed.team) == ("parks", crew)
    assert "Night crew" in _text(director.get("/desk/routing/"))
    page = _text(director.get(f"/desk/cases/{routed.number}/"))
    assert "Why it came here" in page
    assert "Holes go to the night crew" in page


def test_refused_forms_come_back_with_what_was_typed(director: Client) -> None:
    made = begin(director)
    for data, words in (
        ({"owner": ""}, "Choose who gets the cases"),
        ({"owner": "x"}, "Choose who gets the cases"),
        ({"from": "25:99"}, "Write a time as in 08:00"),
        ({"from": "10:00", "to": "10:00"}, "The time begins when it ends"),
        ({"services": ["99999"]}, "One of these services does not exist"),
        ({"weekdays": ["9"]}, "There are seven weekdays"),
        ({"note": "n" * 301}, "Use at most 300 characters"),
    ):
        response = post_rule(director, made, **({"note": "Kept words"} | data))
        assert response.status_code == 400, data
        assert words in _text(response), data
        if "note" not in data:
            assert "Kept words" in _text(response)
    assert not RoutingRule.objects.filter(rule_set=made).exists()


def test_two_editors_notice_each_other(director: Client, signed_in: Callable[..., Client]) -> None:
    other = signed_in(Role.SUPERVISOR, "center", "Sara")
    made = begin(director)
    assert post_rule(other, made, note="First").status_code == 302
    late = post_rule(director, made, note="Second thoughts")
    assert late.status_code == 409
    assert "Somebody changed this draft" in _text(late)
    assert "Second thoughts" in _text(late)
    # The page that comes back carries the new version: sending again works.
    assert post_rule(director, draft(), note="Second thoughts").status_code == 302
    assert [rule.note for rule in draft().rules.all()] == ["First", "Second thoughts"]


def test_rules_are_moved_and_taken_out(director: Client) -> None:
    made = begin(director)
    for note in ("one", "two", "three"):
        post_rule(director, draft(), note=note)
    rules = {rule.note: rule.pk for rule in made.rules.all()}

    def step(note: str, what: str) -> int:
        address = f"/desk/routing/{made.number}/rules/{rules[note]}/{what}/"
        return director.post(address, {"seen": version_of(draft())}).status_code

    assert step("three", "up") == 302
    assert [rule.note for rule in made.rules.order_by("order")] == ["one", "three", "two"]
    assert step("one", "down") == 302
    assert [rule.note for rule in made.rules.order_by("order")] == ["three", "one", "two"]
    assert step("three", "delete") == 302
    assert [rule.note for rule in made.rules.order_by("order")] == ["one", "two"]
    post_rule(director, draft(), note="zero", before=str(rules["one"]))
    assert [rule.note for rule in made.rules.order_by("order")] == ["zero", "one", "two"]
    assert step("three", "up") == 404
    stale = director.post(
        f"/desk/routing/{made.number}/rules/{rules['one']}/down/", {"seen": "2001-01-01"}
    )
    assert stale.status_code == 409


def test_who_may_do_what(
    signed_in: Callable[..., Client], director: Client, visitor: Client
) -> None:
    made = begin(director)
    supervisor = signed_in(Role.SUPERVISOR, "center", "Sara")
    worker = signed_in(Role.WORKER, "streets", "Wim")
    assert supervisor.get("/desk/routing/").status_code == 200
    assert supervisor.get(f"/desk/routing/{made.number}/activate/").status_code == 403
    for path in ("", f"{made.number}/", f"{made.number}/trial/", "alarms/", "suggestions/"):
        assert worker.get(f"/desk/routing/{path}").status_code == 403, path
        assert visitor.get(f"/desk/routing/{path}").status_code == 302, path
    assert worker.post("/desk/routing/begin/").status_code == 403
    assert post_rule(worker, made).status_code == 403
    assert director.get("/desk/routing/999/").status_code == 404


def test_pages_cost_the_same_for_many_rules(director: Client, file_case: FileCase) -> None:
    made = begin(director)
    service = str(Service.objects.get(code="POTHOLE").pk)

    def cost(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert director.get(path).status_code == 200
        return len(queries)

    paths = ["/desk/routing/", f"/desk/routing/{made.number}/", "/desk/routing/alarms/"]
    post_rule(director, draft(), note="first", services=[service])
    director.get(paths[0])
    few = [cost(path) for path in paths]
    for number in range(12):
        post_rule(director, draft(), note=f"rule {number}", services=[service])
        RoutingAlarm.objects.create(
            kind=AlarmKind.SHIFT, subject=str(number), opened_at=timezone.now(),
            seen_at=timezone.now(), department=Department.objects.get(code="parks"),
        )  # fmt: skip
    assert [cost(path) for path in paths] == few
    assert max(few) < 25


def test_an_alarm_is_looked_after_once(director: Client) -> None:
    now = timezone.now()
    alarm = RoutingAlarm.objects.create(
        kind=AlarmKind.SHIFT, subject="department:parks", opened_at=now, seen_at=now, hours=24,
        hits=30, total=40, usual_share=0.2, deviations=9.0,
        department=Department.objects.get(code="parks"),
    )  # fmt: skip
    page = _text(director.get("/desk/routing/alarms/"))
    assert "Unusually many of the new cases go to Parks" in page
    assert "30 of 40 cases in 24 hours: 75 %, usually 20 %." in page
    address = f"/desk/routing/alarms/{alarm.pk}/acknowledge/"
    assert director.post(address).status_code == 302
    assert director.post(address).status_code == 409
    assert "looked after by <bdi>Dora</bdi>" in _text(director.get("/desk/routing/alarms/"))


def test_a_suggestion_is_answered_and_never_changes_the_case(
    director: Client, worker_client: Client, file_case: FileCase
) -> None:
    case = file_case()
    address = f"/desk/routing/suggestions/{case.number}/"
    data = {"service_code": "TREE", "answer": "opened"}
    response = worker_client.post(address, data)
    assert response["Location"] == f"/desk/cases/{case.number}/?suggested=TREE#do-recategorize"
    page = _text(worker_client.get(response["Location"]))
    assert re.search(r'id="do-recategorize" open', page)
    assert re.search(r'<option value="TREE" selected>', page)
    case.refresh_from_db()
    assert case.service.code == "POTHOLE"
    assert worker_client.post(address, data | {"answer": "maybe"}).status_code == 400
    assert worker_client.post(address, data | {"service_code": "POTHOLE"}).status_code == 400
    assert director.post(address, data).status_code == 403
    assert SuggestionAnswer.objects.count() == 1
    assert worker_client.post(address, data | {"answer": "dismissed"}).status_code == 302
    assert "1, of which 0 have that service now" in _text(
        director.get("/desk/routing/suggestions/")
    )
