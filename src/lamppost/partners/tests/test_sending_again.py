"""Handing over again: once, to whom the case still belongs, and never behind a dead end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.cities.models import City
from lamppost.database.scope import city_scope, require_city_id
from lamppost.kernel.refusals import Conflict
from lamppost.partners import tasks
from lamppost.partners.models import Connection, Delivery, Finding, HandOff, OutboxEntry
from lamppost.partners.senders import Answer, webhook
from lamppost.partners.services import delivering
from lamppost.partners.services.decisions import retry, send_again
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.reconciling import reconcile
from lamppost.partners.tests.conftest import round_
from lamppost.partners.tests.standins import Georeport, Server, Works, as_json
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
Upstream = tuple[Georeport, Server]


def lost_in(connection: Connection, minutes: int) -> Finding:
    """Compare so many minutes on; return the finding that a case is lost."""
    run = reconcile(connection, now=timezone.now() + timedelta(minutes=minutes))
    return Finding.objects.get(run=run, kind="lost")


def test_one_loss_found_on_two_days_is_sent_again_once(
    connect: Any, file_case: FileCase, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    file_case()
    round_(connection)
    system.requests.clear()
    monday, tuesday = lost_in(connection, 20), lost_in(connection, 24 * 60 + 20)
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    send_again(finding_id=monday.pk, actor=SYSTEM)
    with pytest.raises(Conflict):
        send_again(finding_id=tuesday.pk, actor=SYSTEM)
    assert Delivery.objects.filter(state="queued").count() == 1


def test_before_it_has_left_again_it_is_not_lost_again(
    connect: Any, file_case: FileCase, upstream: Upstream
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    file_case()
    round_(connection)
    system.requests.clear()
    send_again(finding_id=lost_in(connection, 20).pk, actor=SYSTEM)
    run = reconcile(connection, now=timezone.now() + timedelta(days=1))
    assert run.findings.count() == 0


@pytest.mark.parametrize("way", ["transferred", "closed"])
def test_a_lost_one_is_not_sent_to_whom_it_does_not_belong(
    connect: Any, file_case: FileCase, upstream: Upstream, worker: Actor, actor: Any, way: str
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key, takes_updates=False)
    case = file_case()
    round_(connection)
    system.requests.clear()
    lost_in(connection, 20)
    lost = Delivery.objects.get(state="lost")
    if way == "closed":
        close(case_id=case.pk, outcome_code="done", text="Done", actor=worker)
    else:
        parks = Department.objects.get(code="parks")
        offer = offer_transfer(
            case_id=case.pk, department_id=parks.pk, reason="A root", actor=worker
        )
        accept_transfer(transfer_id=offer.pk, actor=actor(Role.WORKER, "parks"))
    round_(connection)
    with pytest.raises(Conflict):
        retry(delivery_id=lost.pk, actor=SYSTEM)
    round_(connection)
    assert system.requests == {}


def test_sent_again_it_waits_behind_no_message_to_the_lost_one(
    connect: Any, file_case: FileCase, upstream: Upstream, worker: Actor
) -> None:
    """A change of the request they lost can never go out: it names a number that is no more."""
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    system.requests.clear()
    server.answer = lambda seen: as_json([], 404) if "updates" in seen.path else system.answer(seen)
    move(case_id=case.pk, status_code="in-progress", actor=worker)
    round_(connection)
    assert Delivery.objects.get(purpose="change").state == "dead"
    send_again(finding_id=lost_in(connection, 20).pk, actor=SYSTEM)
    round_(connection)
    assert list(system.requests) == ["9001"]
    assert not Delivery.objects.filter(state__in=["dead", "lost", "queued"]).exists()


def test_what_turns_up_on_their_list_is_lost_no_more(
    connect: Any, file_case: FileCase, upstream: Upstream
) -> None:
    """Their list was cut short one night: the next day nobody is asked to send it again."""
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    file_case()
    round_(connection)
    whole, system.requests = system.requests, {}
    lost_in(connection, 20)
    assert Delivery.objects.get().state == "lost"
    system.requests = whole
    reconcile(connection, now=timezone.now() + timedelta(days=1))
    assert Delivery.objects.get().state == "acknowledged"


def test_on_their_list_is_acknowledged(
    connect: Any, file_case: FileCase, works: tuple[Works, Server]
) -> None:
    system, server = works
    connection = connect("webhook", server.url, list_url=server.url + "/list")
    server.answer = lambda seen: (
        system.answer(seen) if seen.method == "GET" else (202, {}, system.answer(seen)[2][:0])
    )
    file_case()
    round_(connection)
    assert Delivery.objects.get().state == "sent"
    reconcile(connection)
    assert Delivery.objects.get().state == "acknowledged"
    assert HandOff.objects.get().acknowledged_at is not None


def test_told_of_it_before_the_answer_was_in(
    connect: Any, file_case: FileCase, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take it, call us back with their number, and only then answer 202: acknowledged."""
    connection = connect("webhook", serve(lambda _seen: (202, {}, b"")).url)
    case = file_case()

    def with_a_call_back(*given: Any) -> Answer:
        answer = webhook.send(*given)
        take(connection, Told("m1", timezone.now(), case.number, external_number="WO-7"))
        return answer

    monkeypatch.setitem(delivering._SENDERS, "webhook", with_a_call_back)
    round_(connection)
    delivery = Delivery.objects.get()
    assert delivery.state == "acknowledged"
    assert delivery.handoff.external_number == "WO-7"


def test_what_fails_in_one_city_stops_no_other(
    city: City, other_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[int] = []
    monkeypatch.setattr(tasks, "each_city", lambda: _scopes(city, other_city))
    monkeypatch.setattr(OutboxEntry.objects, "exists", lambda: True)

    def relay(*, limit: int) -> int:
        served.append(require_city_id())
        if require_city_id() == city.pk:
            raise KeyError("no such status")
        return 0

    monkeypatch.setattr(tasks, "relay", relay)
    with pytest.raises(ExceptionGroup):
        tasks.partners_round(timestamp=0)
    assert served == [city.pk, other_city.pk]


def _scopes(*cities: City) -> Any:
    for city in cities:
        with city_scope(city.pk):
            yield city
