"""Processes are killed while reports come in: none is lost, none doubled, service comes back."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.grounds import Grounds, kill, wait_until
from bench.storm import Storm, account

from lamppost.database import leases
from tests.support.fixtures import API_KEY


@pytest.fixture(scope="module")
def serving(grounds: Grounds) -> Iterator[Grounds]:
    grounds.start()
    yield grounds
    assert grounds.stop() == 0


def test_what_is_killed_comes_back_and_no_acknowledged_case_is_lost_or_doubled(
    serving: Grounds,
) -> None:
    storm = Storm(serving.port, API_KEY)
    storm.start()
    victims = (
        lambda: serving.web_workers()[0],
        lambda: serving.children()["web"],
        lambda: serving.children()["worker"],
        lambda: serving.postmaster(),
        lambda: serving.postmaster(),
    )
    for victim in victims:
        before = storm.count()
        wait_until(lambda before=before: storm.count() > before + 5, "reports come in", 60)
        kill(victim())
    before = storm.count()
    wait_until(lambda: storm.count() > before + 20, "reports come in again", 60)
    storm.stop()

    assert account(serving, storm) == []
    # What could not be served was refused plainly, never with a trace.
    assert set(storm.statuses) <= {0, 200, 201, 503}, storm.statuses
    wait_until(lambda: "worker" in serving.children(), "the worker is back", 60)


FORMS = (
    ("/", b"<!doctype html>"),
    ("/open311/v2/requests.json", b'[{"code": 503'),
    ("/open311/v2/services.xml", b"<?xml"),
    ("/api/v1/services", b'{"type"'),
)


def test_without_its_database_every_face_says_so_in_its_own_form_and_recovers(
    serving: Grounds,
) -> None:
    # Whoever starts the server needs this lock: the supervisor waits until we have looked.
    with leases.locked(serving.home):
        kill(serving.postmaster())
        # Processes of the killed server answer for a moment yet.
        paths = [path for path, _begins in FORMS]
        wait_until(
            lambda: all(serving.get(path)[0] == 503 for path in [*paths, "/readyz"]),
            "every face says 503",
            60,
        )
        answers = {path: serving.get(path) for path in paths}
        assert serving.get("/healthz")[0] == 200
        assert serving.get("/readyz") == (503, b"the database does not answer\n")
    for path, begins in FORMS:
        status, body = answers[path]
        assert (status, body[: len(begins)].lower()) == (503, begins.lower()), path
    for path, _begins in FORMS:
        wait_until(lambda path=path: serving.get(path)[0] == 200, f"{path} answers again", 30)


def test_a_clock_that_passed_is_marked_by_the_worker(serving: Grounds) -> None:
    serving.python(
        """
from datetime import timedelta
from django.utils import timezone
from lamppost.cases.models import Clock
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
past = timezone.now() - timedelta(hours=1)
with city_scope(City.objects.get(slug="springfield").pk):
    clock = Clock.objects.filter(state="running").first()
    Clock.objects.filter(pk=clock.pk).update(due_at=past, next_check_at=past)
"""
    )
    breached = """
from lamppost.cases.models import Clock
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
with city_scope(City.objects.get(slug="springfield").pk):
    print(Clock.objects.filter(breached_at__isnull=False).count())
"""
    wait_until(lambda: serving.python(breached).strip() == "1", "the clock is marked", 75)
    assert json.loads(serving.command("doctor", "--json", check=False).stdout)


def test_of_a_killed_supervisor_nothing_is_left_and_a_new_one_starts(serving: Grounds) -> None:
    assert serving.supervisor is not None
    kill(serving.supervisor.pid)
    serving.supervisor.wait()
    wait_until(lambda: not serving.programs_left(), "web and worker ended", 30)
    serving.start()


def test_the_supervisor_stays_small(serving: Grounds) -> None:
    assert serving.supervisor is not None
    rollup = Path(f"/proc/{serving.supervisor.pid}/smaps_rollup").read_text()
    anonymous = next(line for line in rollup.splitlines() if line.startswith("Anonymous:"))
    # 9 MB, of which Python is most; 20 once it had to start the database again.
    assert int(anonymous.split()[1]) < 30 * 1024


def test_a_taken_port_is_refused_with_what_to_do(grounds: Grounds) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = grounds.command("serve", "--port", str(other.getsockname()[1]), check=False)
    assert refused.returncode == 1
    assert "another program listens" in refused.stderr
    assert "--port" in refused.stderr
