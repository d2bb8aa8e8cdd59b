"""Looking at another Open311 server: one bad token, no times, a case that came back."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from lamppost.cases.models import Case
from lamppost.cases.services.transfers import accept_transfer, offer_transfer
from lamppost.partners import web
from lamppost.partners.models import Connection, HandOff
from lamppost.partners.services.outbox import relay
from lamppost.partners.services.polling import poll
from lamppost.partners.tests.conftest import round_
from lamppost.partners.tests.standins import Georeport, Seen, Server, as_json
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Department

FileCase = Callable[..., Case]
Upstream = tuple[Georeport, Server]


@pytest.mark.django_db
def test_a_token_they_refuse_hides_nothing_else(
    connect: Any, file_case: FileCase, upstream: Upstream
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    system.gives_tokens = True
    file_case()

    def answer(seen: Seen) -> Any:
        return as_json([], 500) if "/tokens/" in seen.path else system.answer(seen)

    server.answer = answer
    system.close("9000", "Paved over")
    round_(connection)
    case.refresh_from_db()
    assert case.state == "closed"


@pytest.mark.django_db
def test_without_times_the_same_word_counts_again_after_another(
    connect: Any, file_case: FileCase, upstream: Upstream
) -> None:
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    states = []
    for status in ("closed", "open", "closed", "open"):
        system.requests["9000"] |= {"status": status, "updated_datetime": ""}
        round_(connection)
        case.refresh_from_db()
        states.append(case.state)
    assert states == ["closed", "open", "closed", "open"]


@pytest.mark.django_db
def test_the_end_of_the_time_before_ends_nothing(
    connect: Any, file_case: FileCase, upstream: Upstream, worker: Actor, actor: Any
) -> None:
    """Taken back, ended there, handed over again: their old number closes nothing here."""
    system, server = upstream
    connection = connect("open311", server.url + "/v2", secret=system.key)
    case = file_case()
    round_(connection)
    there = actor(Role.WORKER, "parks")
    for who, code in ((worker, "parks"), (there, "streets")):
        department = Department.objects.get(code=code)
        offer = offer_transfer(
            case_id=case.pk, department_id=department.pk, reason="Theirs", actor=who
        )
        accept_transfer(transfer_id=offer.pk, actor=there if code == "parks" else worker)
        if code == "parks":
            round_(connection)
            system.close("9000", "Not ours any more")
    relay()
    Connection.objects.filter(pk=connection.pk).update(asked_at=None)
    connection.refresh_from_db()
    poll(connection)
    case.refresh_from_db()
    assert case.state != "closed"

    round_(connection)
    round_(connection)
    handoff = HandOff.objects.get()
    case.refresh_from_db()
    assert (handoff.external_number, case.state) == ("9001", "received")


class _Drip(socketserver.StreamRequestHandler):
    """Promises a long answer and gives a byte now and then."""

    def handle(self) -> None:
        self.request.recv(65_536)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
        for _byte in range(50):
            time.sleep(0.1)
            try:
                self.wfile.write(b"x")
                self.wfile.flush()
            except OSError:
                return


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WHOLE_S", 0.5)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Drip) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(web.NoAnswer, match="too long"):
            web.call("GET", f"http://127.0.0.1:{server.server_address[1]}/")
        assert time.monotonic() - begun < 3
        server.shutdown()
