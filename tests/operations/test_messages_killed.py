"""Workers that send mail are killed with -9 again and again: nothing goes twice or is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lamppost.database.clone import clone_database, drop_database
from lamppost.notify.tests.mailserver import MailServer

ROOT = Path(__file__).parents[2]
# `make soak` asks for fifty.
KILLS = int(os.environ.get("MAIL_KILLS", "8"))
MESSAGES = KILLS * 12
WAITING = """
from tests.support.cities import make_city
from lamppost.database.scope import city_scope
from lamppost.notify.services.outbox import queue
city = make_city("springfield")
with city_scope(city.pk):
    for number in range({messages}):
        queue(channel="email", address=f"p{{number}}@home.example", subject=str(number),
              text="Words", once_key=f"kill-{{number}}")
print(city.pk)
"""
STATES = """
from collections import Counter
from lamppost.database.scope import city_scope
from lamppost.notify.models import Message
with city_scope({city}):
    print(dict(Counter(Message.objects.values_list("state", flat=True))))
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    started = MailServer().start()
    yield started
    started.stop()


@pytest.fixture
def elsewhere(cluster: Any, template_database: str, server: MailServer) -> Iterator[dict[str, str]]:
    """The environment of processes with a database of their own, which send to ``server``."""
    database = f"killed_{os.getpid()}"
    clone_database(cluster, template_database, database)
    yield {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lamppost.settings",
        "LAMPPOST_TEST_DATABASE": database,
        "LAMPPOST_SMTP_URL": f"smtp://127.0.0.1:{server.port}?tls=none&from=311@city.example",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    drop_database(cluster, database)


def run(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=env, capture_output=True, text=True, check=False,
        timeout=240, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def code(env: dict[str, str], text: str) -> str:
    return run(env, "-c", f"import django; django.setup()\n{text}")


def test_every_message_arrives_exactly_once(elsewhere: dict[str, str], server: MailServer) -> None:
    city = code(elsewhere, WAITING.format(messages=MESSAGES))
    in_hand = run(elsewhere, "-m", "tests.support.mail_kills", city, str(KILLS), "311")
    print(f"{KILLS} kills, {in_hand} with a message in hand, {len(server.mails)} mails")
    assert int(in_hand) > 0, "no worker was killed in the middle: the test proves nothing"
    arrived = Counter(server.subjects())
    assert {subject: count for subject, count in arrived.items() if count > 1} == {}
    assert set(arrived) == {str(number) for number in range(MESSAGES)}
    assert code(elsewhere, STATES.format(city=city)) == str({"sent": MESSAGES})
