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
