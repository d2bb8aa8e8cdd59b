"""Messages go out once: over real SMTP, past refusals, hang-ups and workers that died."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import city_scope
from lamppost.notify import tasks
from lamppost.notify.choices import HeldCause, MessageChannel, MessageState, StopSource
from lamppost.notify.models import LineOutage, Message, Stop
from lamppost.notify.senders import Outgoing, email
from lamppost.notify.services import handing
from lamppost.notify.services.delivering import deliver
from lamppost.notify.services.outbox import queue
from lamppost.notify.services.stops import start, stop, stopped
from lamppost.notify.tests.mailserver import MailServer
from lamppost.people.choices import Role
from lamppost.people.models import StaffNotice

pytestmark = pytest.mark.django_db
EMAIL = MessageChannel.EMAIL


def waiting(number: int = 1, **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "channel": EMAIL, "address": f"person{number}@home.example", "subject": f"Notice {number}",
        "text": f"Words {number}", "once_key": f"test-{number}", "language": "en",
    }  # fmt: skip
    return queue(**(fields | changes))


def now_and(minutes: float) -> Any:
    moment = timezone.now() + timedelta(minutes=minutes)
    return lambda: moment


def test_what_waits_goes_out_once_over_one_connection(city: City, mail: MailServer) -> None:
    rows = [waiting(number) for number in range(3)]
    assert deliver(EMAIL) == 3
    assert deliver(EMAIL) == 0
    assert mail.subjects() == ["Notice 0", "Notice 1", "Notice 2"]
    sent = Message.objects.get(pk=rows[0].pk)
    assert (sent.state, sent.attempts, sent.error) == (MessageState.SENT, 1, "")
    assert sent.sent_at is not None
    first = mail.mails[0]
    assert first["Message-ID"] == f"<{sent.key}@city.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert str(first["From"]) == "Springfield <311@city.example>"


def test_a_message_is_written_once_per_key_and_city(city: City, other_city: City) -> None:
    first = waiting(1)
    assert waiting(1, text="Other words").pk == first.pk
    assert Message.objects.get(pk=first.pk).text == "Words 1"
    with city_scope(other_city.pk):
        assert waiting(1).pk != first.pk


def test_nothing_goes_out_before_its_time(city: City, mail: MailServer) -> None:
    waiting(1, not_before=timezone.now() + timedelta(hours=2))
    assert deliver(EMAIL) == 0
    assert deliver(EMAIL, clock=now_and(121)) == 1


def test_another_citys_messages_are_left_alone(
    city: City, other_city: City, mail: MailServer
) -> None:
    with city_scope(other_city.pk):
        waiting(1)
    assert deliver(EMAIL) == 0
    assert mail.mails == []


def test_all_cities_mail_by_one_server_and_so_in_one_line(city: City, other_city: City) -> None:
    for of in (city, other_city):
        tasks._defer(of.pk, EMAIL)
    jobs = ProcrastinateJob.objects.filter(task_name=tasks.send_messages.name)
    assert list(jobs.values_list("lock", flat=True)) == ["messages:email"] * 2


def test_without_a_mail_server_a_real_city_waits_and_a_demo_shows_it(
    city: City, settings: Any
) -> None:
    settings.MAIL_IS_ON = False
    row = waiting(1)
    assert deliver(EMAIL) == 0
    assert Message.objects.get(pk=row.pk).state == MessageState.QUEUED
    City.objects.filter(pk=city.pk).update(is_demo=True)
    forget_cities()
    assert deliver(EMAIL) == 1
    shown = Message.objects.get(pk=row.pk)
    assert (shown.state, shown.provider) == (MessageState.SENT, "local")


# What the server says, and what becomes of the message.
ANSWERS = [
    ("450 Later", MessageState.AGAIN, "a full mailbox passes"),
    ("552 Too large", MessageState.FAILED, "a refused mail is refused for good"),
]


@pytest.mark.parametrize(("reply", "state", "why"), ANSWERS)
def test_a_refused_mail(
    city: City, mail: MailServer, reply: str, state: MessageState, why: str
) -> None:
    row = waiting(1)
    mail.rcpt = lambda _address: reply
    assert deliver(EMAIL) == 0
    after = Message.objects.get(pk=row.pk)
    assert (after.state, reply[:3] in after.error) == (state, True), why


def test_a_server_that_does_not_want_our_mail_at_all_loses_none(
    city: City, mail: MailServer, settings: Any
) -> None:
    row = waiting(1)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "311", "wrong"
    deliver(EMAIL)
    assert Message.objects.get(pk=row.pk).state == MessageState.AGAIN
    assert LineOutage.objects.filter(ended_at=None).exists()


def test_an_address_that_does_not_exist_is_left_alone_from_then_on(
    city: City, mail: MailServer
) -> None:
    row = waiting(1)
    mail.rcpt = lambda _address: "550 No such user"
    deliver(EMAIL)
    assert Message.objects.get(pk=row.pk).state == MessageState.BOUNCED
    assert Stop.objects.get().source == StopSource.BOUNCE
    later = waiting(2, address="Person1@Home.example ")
    assert (later.state, later.held_cause) == (MessageState.HELD, HeldCause.BOUNCES)


def test_a_failure_that_passes_is_tried_again_under_the_same_name(
    city: City, mail: MailServer
) -> None:
    row = waiting(1)
    mail.rcpt = lambda _address: "451 Greylisted"
    deliver(EMAIL, chance=lambda: 1.0)
    assert deliver(EMAIL) == 0, "not before its wait is over"
    mail.rcpt = lambda _address: "250 OK"
    assert deliver(EMAIL, clock=now_and(1)) == 1
    assert mail.mails[0]["Message-ID"] == f"<{row.key}@city.example>"
    assert Message.objects.get(pk=row.pk).attempts == 2


def test_a_server_that_is_away_costs_no_message_its_tries(
    city: City, mail: MailServer, settings: Any
) -> None:
    rows = [waiting(number) for number in range(3)]
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for minute in range(30):
        deliver(EMAIL, clock=now_and(minute))
    tried = Message.objects.filter(pk__in=[row.pk for row in rows])
    assert {row.state for row in tried} <= {MessageState.AGAIN, MessageState.QUEUED}
    assert max(row.attempts for row in tried) == 0
    settings.EMAIL_PORT = port
    assert deliver(EMAIL, clock=now_and(40)) == 3
    assert LineOutage.objects.get().ended_at is not None


def test_an_outage_that_lasts_is_told_once_to_who_manages_channels(
    city: City, mail: MailServer, settings: Any, person: Any
) -> None:
    admin, _agent = person(Role.ADMIN), person(Role.AGENT, "center")
    waiting(1)
    settings.EMAIL_PORT = 1
    deliver(EMAIL, clock=now_and(0))
    assert not StaffNotice.objects.exists(), "a server that restarts is nobody's business"
    for minute in (5, 16, 20, 60):
        deliver(EMAIL, clock=now_and(minute))
    assert [notice.user_id for notice in StaffNotice.objects.all()] == [admin.pk]


def test_a_server_that_hangs_up_without_an_answer_gets_it_again(
    city: City, mail: MailServer
) -> None:
    row = waiting(1)
    mail.hangs_up_before_answering = True
    assert deliver(EMAIL) == 0
    assert not handing.is_marked(row.key)
    assert deliver(EMAIL, clock=now_and(2)) == 1
    assert len(mail.mails) == 1


def test_a_server_that_takes_without_a_word_is_not_sent_copies_for_ever(
    city: City, mail: MailServer
) -> None:
    row = waiting(1)
    mail.takes_without_answering = True
    for minute in range(0, 24 * 60, 20):
        deliver(EMAIL, clock=now_and(minute))
    after = Message.objects.get(pk=row.pk)
    assert (after.state, after.is_unconfirmed, after.attempts) == (MessageState.SENT, True, 4)
    # A receiver that knows a mail by its name keeps one.
    assert {str(copy["Message-ID"]) for copy in mail.mails} == {f"<{row.key}@city.example>"}
    assert len(mail.mails) == 4


def test_an_answer_heard_in_the_end_is_an_answer(city: City, mail: MailServer) -> None:
    row = waiting(1)
    mail.takes_without_answering = True
    deliver(EMAIL)
    unheard = Message.objects.get(pk=row.pk)
    assert (unheard.state, unheard.is_unconfirmed) == (MessageState.AGAIN, True)
    mail.takes_without_answering = False
    deliver(EMAIL, clock=now_and(2))
    after = Message.objects.get(pk=row.pk)
    assert (after.state, after.is_unconfirmed, after.error) == (MessageState.SENT, False, "")


def test_a_whole_mail_is_waited_for_as_long_as_the_standard_says(
    city: City, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends: list[email.MarkingBackend] = []
    waits: list[float] = []

    def kept(**options: Any) -> email.MarkingBackend:
        backends.append(backend(**options))
        return backends[0]

    backend = email.MarkingBackend
    monkeypatch.setattr(email, "MarkingBackend", kept)
    with email.line() as send:
        out = Outgoing(key="k", address="a@x.example", subject="S", text="T", language="en")
        send(out, lambda: waits.append(backends[0].connection.sock.gettimeout()))
    # RFC 5321, 4.5.3.2.6.
    assert waits == [600.0]


def test_the_patience_for_a_whole_mail_is_not_that_for_the_next_ones_steps(
    city: City, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamppost.notify.senders.email._ANSWER_S", 0.2)
    for number in (1, 2):
        waiting(number)
    mail.rcpt = lambda _address: "250 OK" if time.sleep(0.3) is None else ""
    assert deliver(EMAIL) == 2


def test_a_claim_that_runs_out_while_its_worker_listens_is_not_a_dead_ones(
    city: City, mail: MailServer
) -> None:
    row = abandoned(marked=False, home_of="home")
    with handing.mark_of(row.key) as mark:
        mark.set()
        assert deliver(EMAIL, clock=now_and(1)) == 0
        assert Message.objects.get(pk=row.pk).state == MessageState.SENDING
    deliver(EMAIL, clock=now_and(2))
    assert Message.objects.get(pk=row.pk).state == MessageState.SENT
    assert mail.mails == []


# A worker died: what it had marked, and what the next one does.
DEATHS = [
    (True, "home", MessageState.SENT, 0, "handed over: it has gone, nobody heard the answer"),
    (False, "home", MessageState.SENT, 1, "not handed over: it is sent again"),
    (True, "other", MessageState.SENDING, 0, "another machine's marks cannot be read: not yet"),
]


@pytest.mark.parametrize(("marked", "home_of", "state", "mails", "why"), DEATHS)
def test_a_worker_that_died_in_the_middle(
    city: City, mail: MailServer, marked: bool, home_of: str, state: str, mails: int, why: str
) -> None:
    row = abandoned(marked=marked, home_of=home_of)
    assert deliver(EMAIL, clock=now_and(-1)) == 0, "its claim still holds"
    assert deliver(EMAIL, clock=now_and(1)) == mails
    assert (Message.objects.get(pk=row.pk).state, len(mail.mails)) == (state, mails), why


def test_a_machine_that_does_not_come_back_keeps_no_message(city: City, mail: MailServer) -> None:
    abandoned(marked=True, home_of="other")
    deliver(EMAIL, clock=now_and(1))
    assert deliver(EMAIL, clock=now_and(62)) == 1
    assert len(mail.mails) == 1


def abandoned(*, marked: bool, home_of: str) -> Message:
    row = waiting(1)
    Message.objects.filter(pk=row.pk).update(
        state=MessageState.SENDING, claim="dead", attempts=1, due_at=timezone.now(),
        claimed_home=handing.home_name() if home_of == "home" else "elsewhere",
    )  # fmt: skip
    if marked:
        with handing.mark_of(row.key) as mark:
            mark.set()
    return row


def test_a_worker_that_slept_past_its_claim_hands_nothing_over(
    city: City, mail: MailServer
) -> None:
    row = waiting(1)
    times = iter([timezone.now(), timezone.now()])

    def clock() -> datetime:
        return next(times, timezone.now() + timedelta(hours=1))

    mail.rcpt = lambda _address: next(times) and "250 OK"  # type: ignore[func-returns-value]
    assert deliver(EMAIL, clock=clock) == 0
    assert (mail.mails, handing.is_marked(row.key)) == ([], False)


def test_what_waited_too_long_is_no_news(city: City, mail: MailServer) -> None:
    row = waiting(1)
    assert deliver(EMAIL, clock=now_and(3 * 24 * 60 + 1)) == 0
    assert Message.objects.get(pk=row.pk).held_cause == HeldCause.TOO_LATE


def test_what_no_way_was_ever_found_for_does_not_wait_for_ever(city: City) -> None:
    old = timezone.now() - timedelta(days=4)
    waiting(1, channel=MessageChannel.SMS, address="+12155550101", now=old)
    waiting(2, channel=MessageChannel.SMS, address="+12155550102")
    assert deliver(MessageChannel.SMS) == 0
    rows = Message.objects.order_by("id").values_list("state", "held_cause")
    assert list(rows) == [(MessageState.HELD, HeldCause.NO_WAY), (MessageState.QUEUED, "")]


def test_stop_holds_what_waits_and_what_comes_and_start_lets_go(
    city: City, other_city: City, mail: MailServer, home: Path
) -> None:
    before = waiting(1)
    stop(channel=EMAIL, address=" PERSON1@home.example", source=StopSource.LINK)
    assert Message.objects.get().state == MessageState.HELD
    after = waiting(2, address="person1@home.example")
    assert deliver(EMAIL) == 0
    states = set(
        Message.objects.filter(pk__in=[before.pk, after.pk]).values_list("state", "held_cause")
    )
    assert states == {(MessageState.HELD, HeldCause.STOPPED)}
    with city_scope(other_city.pk):
        assert stopped(EMAIL, "person1@home.example") is None, "every city asks for itself"
    assert start(channel=EMAIL, address="person1@home.example")
    assert not start(channel=EMAIL, address="person1@home.example")
    waiting(3, address="person1@home.example")
    assert deliver(EMAIL) == 1


def test_a_number_is_stopped_however_it_is_written(city: City) -> None:
    stop(channel=MessageChannel.SMS, address="(215) 555-0123", source=StopSource.KEYWORD)
    for spelling in ("+12155550123", "215-555-0123", "1 215 555 0123"):
        assert stopped(MessageChannel.SMS, spelling), spelling
    assert not Stop.objects.filter(address_digest__contains="5550123").exists()
