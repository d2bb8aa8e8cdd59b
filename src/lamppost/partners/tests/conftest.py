"""Connections, stand-ins and the steps the worker would take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from lamppost.cities.models import City
from lamppost.partners.models import Connection
from lamppost.partners.services.connections import Settings, create, set_state
from lamppost.partners.services.delivering import deliver
from lamppost.partners.services.drops import read_returns, write_drop
from lamppost.partners.services.outbox import relay
from lamppost.partners.services.polling import poll
from lamppost.partners.tests.standins import Georeport, Mailbox, Server, Works
from lamppost.people.actors import SYSTEM

MakeConnection = Callable[..., Connection]


@pytest.fixture(autouse=True)
def own_network(settings: Any, tmp_path: Path) -> None:
    """Loopback counts as the city's own network here, and folders lie in the test's own."""
    settings.PARTNER_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.DROP_ROOTS = [tmp_path]


@pytest.fixture
def connect(city: City) -> MakeConnection:
    """Make an active connection of the streets department: ``connect("webhook", url)``."""

    def make(kind: str, address: str, code: str = "works", **more: Any) -> Connection:
        wanted: dict[str, Any] = {
            "name": f"{code.title()} system",
            "kind": kind,
            "address": address,
            "department_code": "streets",
            "acknowledge_within_min": 60,
        }
        made = create(code=code, wanted=Settings(**(wanted | more)), actor=SYSTEM)
        return set_state(connection_id=made.connection.pk, state="active", actor=SYSTEM)

    return make


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[..., Any]], Server]]:
    """Start a web server with this way to answer; it ends with the test."""
    made: list[Server] = []

    def start(answer: Callable[..., Any]) -> Server:
        made.append(Server(answer).start())
        return made[-1]

    yield start
    for server in made:
        server.kill()


@pytest.fixture
def works(serve: Any) -> tuple[Works, Server]:
    """A work-order system and its server."""
    system = Works()
    return system, serve(system.answer)


@pytest.fixture
def upstream(serve: Any) -> tuple[Georeport, Server]:
    """Another Open311 server."""
    system = Georeport()
    return system, serve(system.answer)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server, and the installation set to it."""
    box = Mailbox()
    box.start()
    settings.MAIL_IS_ON = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "311@city.example"
    yield box
    box.stop()


def round_(connection: Connection) -> None:
    """Do for one connection what the worker does in a round."""
    while relay():
        pass
    connection.refresh_from_db()
    if connection.kind == "csv":
        write_drop(connection)
        read_returns(connection)
        return
    deliver(connection.pk)
    if connection.kind == "open311":
        Connection.objects.filter(pk=connection.pk).update(asked_at=None)
        connection.refresh_from_db()
        poll(connection)
