"""A partner that is away, slow, refuses, or breaks off: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.support.installation import Installation

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.database.clone import clone_database, drop_database
from lamppost.partners.choices import AttemptResult
from lamppost.partners.models import Attempt, Connection, Delivery, HandOff, OutboxEntry
from lamppost.partners.pacing import MOST_TRIES
from lamppost.partners.services.alarms import sound_age_alarms
from lamppost.partners.services.connections import set_state
from lamppost.partners.services.decisions import retry, retry_dead
from lamppost.partners.services.delivering import deliver
from lamppost.partners.services.outbox import relay
from lamppost.partners.services.reconciling import reconcile
from lamppost.partners.tests.conftest import round_
from lamppost.partners.tests.standins import Georeport, Mailbox, Server, Works, as_json
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department, StaffNotice, User

FileCase = Callable[..., Case]


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        # Ahead of the clock the rows are dated by.
        self.now = timezone.now() + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def sent(connection: Connection, clock: Clock) -> int:
    relay()
    return deliver(connection.pk, clock=clock, chance=lambda: 1.0)


@pytest.mark.django_db
def test_killed_for_an_hour_of_new_cases(
    connect: Any,
    file_case: FileCase,
    works: tuple[Works, Server],
    person: Callable[..., User],
) -> None:
    """Cases queue, the alarm is raised once, and after the restart each arrives exactly once."""
    system, server = works
    connection = connect("webhook", server.url, list_url=server.url + "/list")
    manager, admin = person(Role.MANAGER, "streets"), person(Role.ADMIN)
    person(Role.MANAGER, "parks")
    clock = Clock()
    first = file_case()
    assert sent(connection, clock) == 1
    server.kill()
    for _case in range(30):
        file_case()
        for _minute in range(2):
            clock.forward(minutes=1)
            sent(connection, clock)
    sound_age_alarms(now=clock.now + timedelta(minutes=30))
    sound_age_alarms(now=clock.now + timedelta(minutes=31))
    subjects = list(StaffNotice.objects.order_by("id").values_list("user_id", "subject"))
    away = [user for user, text in subjects if "does not answer" in text]
    late = [user for user, text in subjects if "has not acknowledged" in text]
    assert sorted(away) == sorted(late) == sorted([manager.pk, admin.pk])
    # Left alone most of the time: not one attempt for each case and minute.
    assert Attempt.objects.count() < 20
    assert Delivery.objects.filter(state__in=["queued", "failed"]).count() == 30

    server.start()
    clock.forward(minutes=11)
    assert sent(connection, clock) == 30
    numbers = sorted(order["number"] for order in system.orders.values())
    assert numbers == sorted(Case.objects.values_list("number", flat=True))
    assert len(system.received) == len(set(system.received)) == 31
    run = reconcile(connection, now=timezone.now() + timedelta(minutes=20))
    assert (run.result, run.handed_over, run.confirmed) == ("compared", 31, 31)
    assert run.findings.count() == 0
    assert HandOff.objects.get(case=first).confirmed_at is not None


@pytest.mark.django_db
def test_the_line_breaks_after_they_took_it(
    connect: Any, file_case: FileCase, works: tuple[Works, Server]
) -> None:
    """The outcome is unknown: the same key goes out again and the partner knows it."""
    system, server = works
    connection = connect("webhook", server.url)
    clock = Clock()
    file_case()
    system.breaks_after = 1
    assert sent(connection, clock) == 0
    assert Attempt.objects.get().result == AttemptResult.UNKNOWN
    clock.forward(minutes=2)
    assert sent(connection, clock) == 1
    assert len(system.orders) == 1
    assert system.received[0] == system.received[1]


@pytest.mark.django_db
@pytest.mark.parametrize("knows_keys", [False, True])
def test_open311_is_looked_up_before_it_is_sent_again(
    connect: Any, file_case: FileCase, upstream: tuple[Georeport, Server], knows_keys: bool
) -> None:
    system, server = upstream
    system.breaks_once, system.knows_keys = True, knows_keys
    connection = connect("open311", server.url + "/v2", secret=system.key)
    clock = Clock()
    file_case()
    assert sent(connection, clock) == 0
    clock.forward(minutes=2)
    assert sent(connection, clock) == 1
    assert list(system.requests) == ["9000"]
    assert HandOff.objects.get().external_number == "9000"
    assert len([one for one in server.seen if one.method == "POST"]) == 1


CODES = [
    (400, "dead", "malformed: never"),
    (401, "dead", "wrong secret: a person has to look"),
    (404, "dead", "wrong address"),
    (422, "dead", "refused"),
    (301, "dead", "a redirect is not followed"),
    (408, "failed", "too slow, this time"),
    (409, "failed", "in conflict, this time"),
    (425, "failed", "too early"),
    (429, "failed", "too many"),
    (500, "failed", "their fault"),
    (503, "failed", "away"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state", "why"), CODES)
def test_answers(
    connect: Any, file_case: FileCase, serve: Any, code: int, state: str, why: str
) -> None:
    server = serve(lambda _seen: (code, {"Location": "http://127.0.0.1:1/"}, b"no"))
    connection = connect("webhook", server.url)
    file_case()
    round_(connection)
    delivery = Delivery.objects.get()
    assert delivery.state == state, why
    attempt = Attempt.objects.get()
    assert (attempt.code, attempt.reason) == (code, f"the partner answered {code}")
    assert len(server.seen) == 1


@pytest.mark.django_db
def test_a_dead_one_holds_back_its_case_and_no_other(
    connect: Any, file_case: FileCase, serve: Any, worker: Actor
) -> None:
    answers = iter([400, 200, 200, 200])
    server = serve(lambda _seen: (next(answers), {}, b""))
    connection = connect("webhook", server.url)
    bad, good = file_case(), file_case()
    round_(connection)
    assert Delivery.objects.get(handoff__case=good).state == "sent"
    close(case_id=bad.pk, outcome_code="done", text="Done", actor=worker)
    round_(connection)
    assert len(server.seen) == 2, "the closing of a case they do not have waits"
    retry(delivery_id=Delivery.objects.get(state="dead").pk, actor=SYSTEM)
    round_(connection)
    states = Delivery.objects.filter(handoff__case=bad).order_by("id")
    assert [one.state for one in states] == ["sent", "acknowledged"]
    types = [b'"case.new"' in one.body for one in server.seen]
    assert types == [True, True, True, False], "in the order things happened"


@pytest.mark.django_db
def test_tries_end(connect: Any, file_case: FileCase, serve: Any, person: Any) -> None:
    server = serve(lambda _seen: (500, {}, b""))
    admin = person(Role.ADMIN)
    connection = connect("webhook", server.url)
    case, clock = file_case(), Clock()
    for _day in range(40):
        sent(connection, clock)
        clock.forward(hours=7)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries) == ("dead", MOST_TRIES)
    assert StaffNotice.objects.filter(user=admin, case_number=case.number).count() == 1
    assert retry_dead(connection=connection, actor=SYSTEM) == 1
    server.answer = lambda _seen: as_json({"external_number": 7})
    clock.forward(hours=1)
    set_state(connection_id=connection.pk, state="active", actor=SYSTEM)
    assert sent(connection, clock) == 1
    assert HandOff.objects.get().external_number == "7"


@pytest.mark.django_db
def test_retry_after_is_honored(connect: Any, file_case: FileCase, serve: Any) -> None:
    server = serve(lambda _seen: (429, {"Retry-After": "1800"}, b""))
    connection = connect("webhook", server.url)
    clock = Clock()
    file_case(), file_case()
    sent(connection, clock)
    clock.forward(minutes=29)
    sent(connection, clock)
    assert len(server.seen) == 1, "for none of the cases before its time"
    server.answer = lambda _seen: (200, {}, b"")
    clock.forward(minutes=2)
    assert sent(connection, clock) == 2


@pytest.mark.django_db
def test_paused_waits(connect: Any, file_case: FileCase, works: tuple[Works, Server]) -> None:
    system, server = works
    connection = connect("webhook", server.url)
    set_state(connection_id=connection.pk, state="paused", actor=SYSTEM)
    file_case()
    round_(connection)
    assert (len(server.seen), Delivery.objects.get().state) == (0, "queued")
    set_state(connection_id=connection.pk, state="active", actor=SYSTEM)
    round_(connection)
    assert len(system.orders) == 1


@pytest.mark.django_db
def test_an_endless_answer_is_not_read(connect: Any, file_case: FileCase, serve: Any) -> None:
    server = serve(lambda _seen: (200, {}, b"x" * 200_000))
    connection = connect("webhook", server.url)
    file_case()
    round_(connection)
    assert Attempt.objects.get().reason == "no answer: the answer is too large"


@pytest.mark.django_db
def test_mail_refused_and_mail_away(connect: Any, file_case: FileCase, mailbox: Mailbox) -> None:
    connection = connect("email", "roads@works.example")
    mailbox.refuse = "550 no such mailbox"
    file_case()
    round_(connection)
    assert Delivery.objects.get().state == "dead"
    assert Attempt.objects.get().code == 550
    mailbox.refuse = "451 try later"
    second, clock = file_case(), Clock()
    sent(connection, clock)
    assert Delivery.objects.get(handoff__case=second).state == "failed"
    mailbox.stop()
    clock.forward(hours=1)
    sent(connection, clock)
    assert Attempt.objects.order_by("id").last().result == "again"  # type: ignore[union-attr]
    mailbox.start()
    mailbox.refuse = ""
    clock.forward(hours=1)
    assert sent(connection, clock) == 1


@pytest.mark.django_db
def test_mail_off_waits_and_says_so(connect: Any, file_case: FileCase) -> None:
    connection = connect("email", "roads@works.example")
    file_case()
    round_(connection)
    assert Delivery.objects.get().state == "failed"
    assert "LAMPPOST_SMTP_URL" in Attempt.objects.get().reason


@pytest.mark.django_db
def test_a_transferred_case_is_taken_back_and_handed_on(
    connect: Any, file_case: FileCase, works: tuple[Works, Server], worker: Actor, actor: Any
) -> None:
    system, server = works
    streets = connect("webhook", server.url, code="streets-wo")
    parks = connect("webhook", server.url, code="parks-wo", department_code="parks")
    case = file_case()
    round_(streets)
    offer = offer_transfer(
        case_id=case.pk, department_id=Department.objects.get(code="parks").pk,
        reason="A root lifts it", actor=worker,
    )  # fmt: skip
    accept_transfer(transfer_id=offer.pk, actor=actor(Role.WORKER, "parks"))
    round_(streets)
    round_(parks)
    rows = Delivery.objects.order_by("id").values_list("connection__code", "purpose", "state")
    assert list(rows) == [
        ("streets-wo", "new", "acknowledged"),
        ("streets-wo", "withdrawn", "acknowledged"),
        ("parks-wo", "new", "acknowledged"),
    ]
    assert [row.ended_at is None for row in HandOff.objects.order_by("id")] == [False, True]
    assert len(system.orders) == 2


@pytest.mark.django_db
def test_an_event_rolled_back_is_in_no_outbox(connect: Any, file_case: FileCase) -> None:
    from django.db import transaction

    connect("webhook", "http://127.0.0.1:9/")

    class Undo(Exception):
        pass

    with suppress(Undo), transaction.atomic():
        file_case()
        assert OutboxEntry.objects.exists()
        raise Undo
    assert not OutboxEntry.objects.exists()


_SETUP = """
from tests.support.cities import make_city
from lamppost.cases.reports import Report
from lamppost.cases.services.intake import submit
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import city_scope
from lamppost.partners.services.connections import Settings, create, set_state
from lamppost.people.actors import ANONYMOUS, SYSTEM
city = make_city("springfield")
with city_scope(city.pk):
    made = create(code="works", actor=SYSTEM, wanted=Settings(
        "Works", "webhook", "{url}", "streets")).connection
    set_state(connection_id=made.pk, state="active", actor=SYSTEM)
    for n in range(3):
        submit(Report(service_code="POTHOLE", channel="web", description="Hole",
            answers={{"WHERE": ("roadway",)}}, point=Point(-75.16, 39.95)), actor=ANONYMOUS)
"""
_WORK = """
from datetime import timedelta
from django.utils import timezone
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.partners.models import Attempt, Connection, Delivery
from lamppost.partners.services.delivering import deliver
from lamppost.partners.services.outbox import relay
with city_scope(City.objects.get().pk):
    relay()
    for minutes in {minutes}:
        later = timezone.now() + timedelta(minutes=minutes)
        deliver(Connection.objects.get().pk, clock=lambda: later)
        print(",".join(sorted(Delivery.objects.values_list("state", flat=True))),
              Attempt.objects.filter(result="started").count())
"""


def test_a_worker_killed_in_mid_delivery(cluster: Any, template_database: str, serve: Any) -> None:
    """kill -9 while the partner has the message in hand: it goes out again under its key."""
    works, in_hand, release = Works(), threading.Event(), threading.Event()

    def answer(seen: Any) -> Any:
        reply = works.answer(seen)
        if not in_hand.is_set():
            in_hand.set()
            release.wait(30)
        return reply

    server = serve(answer)
    database = f"partners_killed_{os.getpid()}"
    clone_database(cluster, template_database, database)
    env = {
        **os.environ,
        "LAMPPOST_TEST_DATABASE": database,
        "LAMPPOST_PARTNER_NETWORKS": "127.0.0.0/8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    try:
        begun = _SETUP.format(url=server.url) + _WORK.format(minutes=[0])
        victim = subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup()\n{begun}"], env=env
        )
        assert in_hand.wait(60)
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        release.set()
        # At once what it had in hand is still its own; after the lease it is not.
        said = Installation("", database, env).python(_WORK.format(minutes=[0, 5]))
    finally:
        drop_database(cluster, database)
    assert said.splitlines() == [
        "acknowledged,acknowledged,queued 1",
        "acknowledged,acknowledged,acknowledged 1",
    ]
    assert len(works.orders) == 3
    assert len(works.received) == 4
    assert len(set(works.received)) == 3


_ROUND = """
import asyncio
from lamppost.commands.worker import django_app
async def run():
    worker = django_app.with_connector(django_app.connector.get_worker_connector())
    async with worker.open_async() as app:
        for n in range(2):
            await app.tasks["lamppost.partners.tasks.partners_round"].defer_async(timestamp=n)
            await app.run_worker_async(
                wait=False, listen_notify=False, install_signal_handlers=False)
asyncio.run(run())
from lamppost.partners.models import Delivery
with city_scope(city.pk):
    print(",".join(sorted(Delivery.objects.values_list("state", flat=True))))
"""


def test_the_workers_own_rounds(cluster: Any, template_database: str, works: Any) -> None:
    """Event, outbox, round, a job for the connection, the partner: as the worker does it."""
    system, server = works
    database = f"partners_round_{os.getpid()}"
    clone_database(cluster, template_database, database)
    env = {
        **os.environ,
        "LAMPPOST_TEST_DATABASE": database,
        "LAMPPOST_PARTNER_NETWORKS": "127.0.0.0/8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    try:
        said = Installation("", database, env).python(_SETUP.format(url=server.url) + _ROUND)
    finally:
        drop_database(cluster, database)
    assert said.splitlines()[-1] == "acknowledged,acknowledged,acknowledged"
    assert len(system.orders) == len(system.received) == 3
