"""The gate before the application: whose connections it looks at, and that looking costs none."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lamppost.commands import bodies


@pytest.fixture
def client() -> Iterator[socket.socket]:
    """The other end of a connection to a port this process listens on."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as far,
        server.accept()[0],
    ):
        yield far


def ends() -> set[tuple[str, int]]:
    return {connection.getpeername() for connection, _sender in bodies._connections()}


def test_looking_at_connections_leaves_no_descriptor_open(
    client: socket.socket, tmp_path: Path
) -> None:
    with (tmp_path / "a file, as every process has some").open("w"):
        before = len(os.listdir("/dev/fd"))
        for _look in range(3):
            assert client.getsockname() in ends()
        assert len(os.listdir("/dev/fd")) == before


def test_a_connection_we_made_ourselves_as_to_a_database_is_not_a_clients(
    client: socket.socket,
) -> None:
    # `client` is such a one: a connection of this process, to the port of another.
    assert client.getpeername() not in ends()


@pytest.mark.parametrize(
    ("received", "received_ago_s", "sent_ago_s", "idle"),
    [
        (0, 1.0, 1.0, False),  # just came
        (0, 2.5, 2.5, True),  # came, and asked nothing
        (400, 40.0, 60.0, False),  # asked, and waits for an answer in a queue of uploads
        (400, 12.0, 11.9, True),  # was answered, and asks nothing more
        (400, 4.0, 3.9, False),  # was answered, and may ask again
    ],
)
def test_who_waits_for_an_answer_is_not_idle(
    received: int, received_ago_s: float, sent_ago_s: float, idle: bool
) -> None:
    figures = bodies._Figures(received, received_ago_s, sent_ago_s)
    assert figures.is_idle() is idle


def test_a_crowd_waiting_for_places_is_turned_away_at_once_and_places_come_free_again() -> None:
    places = bodies._Places(1, waiting=0)
    with (
        places.one(10),
        pytest.raises(bodies._Stopped, match="503"),
        places.one(10),
    ):
        raise AssertionError("there was no place")
    with places.one(bodies._ROOM_BYTES):
        pass
    with pytest.raises(bodies._Stopped, match="503"), places.one(bodies._ROOM_BYTES + 1):
        raise AssertionError("there was no room")
