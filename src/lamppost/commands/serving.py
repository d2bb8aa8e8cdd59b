"""The supervisor's own process: web, mail and worker kept running, and the database.

It lives as long as the installation does and mostly sleeps, so it loads neither Django nor the
database's driver. `commands.serve` prepares everything and then becomes this program.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import time
from pathlib import Path

from lamppost.commands.keeper import DatabaseKeeper
from lamppost.commands.supervisor import Child, supervise
from lamppost.database import leases
from lamppost.database.errors import DatabaseUnavailable
from lamppost.kernel.logs import DiscreetFormatter

ANNOUNCEMENT_VARIABLE = "LAMPPOST_ANNOUNCEMENT"
_READY_LOOK_S = 1.0
_READY_LIMIT_S = 2.0
# Threads of ours wait more than they work: with an arena of the allocator for each of them,
# what one gave back would be kept from the others (glibc; other systems ignore it).
_CHILD_ENV = {"MALLOC_ARENA_MAX": "2"}


def command(
    *, host: str, port: int, web_workers: int, mail: bool, worker: bool, lease: int | None
) -> list[str]:
    """Return the command of this program; ``lease`` is a descriptor it inherits."""
    return [
        sys.executable, "-m", "lamppost.commands.serving",
        "--host", host, "--port", str(port), "--web-workers", str(web_workers),
        *(["--mail"] if mail else []),
        *(["--worker"] if worker else []),
        *(["--lease", str(lease)] if lease is not None else []),
    ]  # fmt: skip


def main() -> None:
    """Run until SIGINT or SIGTERM. Without a lease the database is somebody else's to keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--web-workers", type=int, required=True)
    parser.add_argument("--mail", action="store_true")
    parser.add_argument("--worker", action="store_true")
    parser.add_argument("--lease", type=int)
    arguments = parser.parse_args()
    _log_as_settings_do()
    home = Path(os.environ["LAMPPOST_HOME"])
    announcement = os.environ.pop(ANNOUNCEMENT_VARIABLE, "")
    keeper = None if arguments.lease is None else DatabaseKeeper(home)
    readiness = _Readiness(arguments.host, arguments.port, announcement)

    def meanwhile() -> None:
        if keeper is not None:
            keeper.keep()
        readiness.look()

    try:
        supervise(_children(arguments), meanwhile=meanwhile)
    finally:
        if arguments.lease is not None:
            _release(home, arguments.lease)


def _release(home: Path, lease: int) -> None:
    try:
        leases.release(home, lease)
    except DatabaseUnavailable as error:
        sys.exit(f"lamppost: {error}")


def _children(arguments: argparse.Namespace) -> list[Child]:
    # Stopped in this order: nothing new comes in while the worker finishes its jobs.
    children = [
        _child(
            "web", "lamppost.commands.web",
            "--host", arguments.host,
            "--port", str(arguments.port),
            "--workers", str(arguments.web_workers),
        )
    ]  # fmt: skip
    if arguments.mail:
        children.append(_child("mail", "lamppost.cli", "mail"))
    if arguments.worker:
        children.append(_child("worker", "lamppost.cli", "worker"))
    return children


def _child(name: str, module: str, *words: str) -> Child:
    # What the operator set stands.
    env = {key: os.environ.get(key, value) for key, value in _CHILD_ENV.items()}
    return Child(name, [sys.executable, "-m", module, *words], env)


def _log_as_settings_do() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=os.environ.get("LAMPPOST_LOG_LEVEL", "WARNING"))


class _Readiness:
    """Tells once, to whoever waits, that pages are answered."""

    def __init__(self, host: str, port: int, announcement: str) -> None:
        self._address = (_loopback(host), port)
        self._announcement = announcement
        self._told = False
        self._next_look = 0.0

    def look(self) -> None:
        """Ask /readyz, at most once a second, until it says yes."""
        now = time.monotonic()
        if self._told or now < self._next_look:
            return
        self._next_look = now + _READY_LOOK_S
        if _is_ready(self._address):
            self._told = True
            _tell_systemd("READY=1")
            sys.stdout.write(self._announcement)
            sys.stdout.flush()


def _is_ready(address: tuple[str, int]) -> bool:
    question = f"GET /readyz HTTP/1.1\r\nHost: {address[0]}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(address, timeout=_READY_LIMIT_S) as asking:
            asking.sendall(question.encode())
            with asking.makefile("rb") as answer:
                return answer.readline(100).split()[1:2] == [b"200"]
    except OSError:
        return False


def _loopback(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _tell_systemd(state: str) -> None:
    """Send a state to the service manager that started us, if it asked for that (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        # A leading @ stands for a name that is in no file system.
        out.connect("\0" + address[1:] if address.startswith("@") else address)
        out.sendall(state.encode())


if __name__ == "__main__":
    main()
