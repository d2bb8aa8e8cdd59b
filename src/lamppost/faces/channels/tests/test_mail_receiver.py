"""Real LMTP and SMTP to a real process: what it said 250 to is stored, whatever happens."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.installation import Installation, free_port

from lamppost.database.clone import clone_database, drop_database
from lamppost.faces.channels.email.receiver import listen_at
from lamppost.kernel.refusals import Invalid

BOX = "311@city.example"
_CITY = """
from tests.support.cities import make_city
from lamppost.database.scope import city_scope
from lamppost.notify.models import Gateway
from lamppost.contacts.tests.scene import make_dispositions
with city_scope(make_city("springfield").pk):
    make_dispositions()
    Gateway.objects.create(kind="email", provider="lmtp", address="311@city.example")
with city_scope(make_city("shelbyville").pk):
    Gateway.objects.create(kind="email", provider="lmtp", address="help@shelby.example")
"""
_WORK = """
from datetime import timedelta
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.mailbox.services.processing import process
with city_scope(City.objects.get(slug="springfield").pk):
    process(budget_s=60, lease=timedelta(0))
"""
_SLOW_WORK = (
    """
import time
from lamppost.mailbox.services import processing
work, done = processing._work, []
def slowly(mail, *, now):
    work(mail, now=now)
    done.append(mail.pk)
    if len(done) == 4:
        print(len(done), flush=True)
        time.sleep(60)
processing._work = slowly
"""
    + _WORK
)
_COUNT = """
from collections import Counter
from lamppost.cities.models import City
from lamppost.contacts.models import Interaction
from lamppost.database.scope import city_scope
from lamppost.mailbox.models import Mail, Thread
from lamppost.mailbox.originals import original
from lamppost.notify.models import Message
with city_scope(City.objects.get(slug="{slug}").pk):
    assert all(original(mail.path) for mail in Mail.objects.all())
    ids = ",".join(sorted(Mail.objects.values_list("message_id", flat=True)))
    states = dict(Counter(Mail.objects.values_list("state", flat=True)))
    print(Mail.objects.count(), Thread.objects.count(), Interaction.objects.count(),
          Message.objects.count(), states, ids, sep="|")
"""
Say = Callable[[int], None]


@pytest.fixture(scope="module")
def place(
    cluster: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Two cities with a mailbox each."""
    database = f"mail_{os.getpid()}"
    clone_database(cluster, template_database, database)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lamppost.settings",
        "LAMPPOST_TEST_DATABASE": database,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[5]), *sys.path]),
    }
    made = Installation("", database, env)
    try:
        made.python(_CITY)
        yield made
    finally:
        drop_database(cluster, database)


class Receiver:
    """The process that takes mail: started, killed, started again at the same port."""

    def __init__(self, place: Installation, way: str) -> None:
        self._place, self._way, self.port = place, way, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        where = f"{self._way}:127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lamppost.cli", "mail", "--listen", where], env=self._place.env
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the receiver did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)


@pytest.fixture(scope="module")
def lmtp(place: Installation) -> Iterator[Receiver]:
    receiver = Receiver(place, "lmtp")
    receiver.start()
    yield receiver
    receiver.kill()


def letter(number: int, *, more: str = "") -> bytes:
    return (
        f"From: ana{number}@people.example\r\nTo: {BOX}\r\nSubject: Señal {number}\r\n"
        f"Message-ID: <{number}@people.example>\r\n\r\nText {number}{more}\r\n"
    ).encode()


def counted(place: Installation, slug: str = "springfield") -> list[str]:
    return place.python(_COUNT.format(slug=slug)).strip().split("|")


@pytest.mark.parametrize(
    "text",
    ["", "8024", "lmtp:8024", "pop3:127.0.0.1:8024", "lmtp::8024", "lmtp:h:99999", "lmtp:h:x"],
)
def test_where_nobody_can_listen(text: str) -> None:
    with pytest.raises(Invalid):
        listen_at(text)


def test_places_to_listen() -> None:
    assert listen_at("smtp:[::1]:8025").host == "::1"
    assert listen_at("lmtp:127.0.0.1:8024").port == 8024


def test_each_recipient_has_an_answer_of_its_own(place: Installation, lmtp: Receiver) -> None:
    with smtplib.LMTP("127.0.0.1", lmtp.port, timeout=30) as out:
        refused = out.sendmail(
            "ana@people.example", ["help@shelby.example", "nobody@city.example"], letter(900)
        )
        with pytest.raises(smtplib.SMTPRecipientsRefused) as nobody:
            out.sendmail("ana@people.example", ["x@elsewhere.example"], letter(901))
    assert refused["nobody@city.example"][0] == 550
    assert nobody.value.recipients["x@elsewhere.example"][0] == 550
    assert counted(place, "shelbyville")[0] == "1"


def test_two_recipients_of_one_mail(place: Installation, lmtp: Receiver) -> None:
    with smtplib.LMTP("127.0.0.1", lmtp.port, timeout=30) as out:
        out.sendmail(
            "ana@people.example", ["help@shelby.example", "help+x@shelby.example"], letter(902)
        )
        # smtplib reads one answer; RFC 2033 has one for each recipient.
        assert out.getreply()[0] == 250
        assert out.noop()[0] == 250


def test_long_lines_bounces_and_too_much(place: Installation, lmtp: Receiver) -> None:
    with smtplib.LMTP("127.0.0.1", lmtp.port, timeout=60) as out:
        assert out.sendmail("", ["help@shelby.example"], letter(903, more="x" * 20_000)) == {}
        with pytest.raises(smtplib.SMTPResponseException) as large:
            out.sendmail(
                "a@b.example", ["help@shelby.example"], letter(904, more="\r\nx" * 9_000_000)
            )
    assert large.value.smtp_code == 552


def test_killed_while_it_takes_and_while_it_is_seen_to(place: Installation, lmtp: Receiver) -> None:
    """kill -9: what was answered with 250 is there once, and is seen to once."""
    taken: set[int] = set()
    for number in range(12):
        if number == 7:
            lmtp.kill()
            lmtp.start()
        with smtplib.LMTP("127.0.0.1", lmtp.port, timeout=30) as out:
            out.sendmail("ana@people.example", [BOX], letter(number))
            taken.add(number)
            if number in {6, 11}:
                # The answer was lost, so the mail server sends it again.
                out.sendmail("ana@people.example", [BOX], b"Received: again\r\n" + letter(number))
    victim = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{_SLOW_WORK}"],
        env=place.env,
        stdout=subprocess.PIPE,
    )
    assert victim.stdout is not None
    # In the middle of the fourth mail, everything done but the commit.
    assert victim.stdout.readline() == b"4\n"
    victim.kill()
    victim.wait(10)
    assert counted(place)[1] == "3"
    place.python(_WORK)
    mails, threads, interactions, messages, states, ids = counted(place)
    assert (mails, threads, interactions, messages) == ("12", "12", "12", "12")
    assert states == "{'done': 12}"
    assert ids == ",".join(sorted(f"{number}@people.example" for number in taken))


def test_without_its_database_it_says_later(place: Installation) -> None:
    receiver = Receiver(
        Installation("", "", {**place.env, "LAMPPOST_TEST_DATABASE": "not_there"}), "smtp"
    )
    receiver.start()
    try:
        out = smtplib.SMTP("127.0.0.1", receiver.port, timeout=60)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as later:
            out.sendmail("ana@people.example", [BOX], letter(905))
        out.close()
    finally:
        receiver.kill()
    assert later.value.recipients[BOX][0] == 451
