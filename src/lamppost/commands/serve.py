"""``lamppost serve`` and ``lamppost worker``: the processes of an installation."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
import time
from typing import Any, NoReturn

from django.conf import settings

from lamppost.commands import serving
from lamppost.commands.installation import close_connections
from lamppost.commands.mail import wanted as mail_wanted
from lamppost.commands.migrate import migrate
from lamppost.commands.static import collect_static
from lamppost.commands.worker import work
from lamppost.database import leases
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.places.geocoding.adapters import outside_geocoder

DEFAULT_PORT = 8311
# A server that is just ending, as after a restart, gives the port back within this time.
_PORT_LIMIT_S = 8.0


def register(subparsers: Any) -> None:
    """Add the commands."""
    serve = subparsers.add_parser(
        "serve",
        help="run the web server and the worker",
        description=(
            "Bring the database up to date, then run web and worker under a supervisor until "
            "SIGTERM or Ctrl-C. What dies is started again."
        ),
        epilog="Example: lamppost serve --host 0.0.0.0 --port 8311 --web-workers 2",
    )
    add_server_arguments(serve)
    serve.set_defaults(run=run_serve)
    worker = subparsers.add_parser(
        "worker",
        help="run only the worker",
        description="Run background work: clocks, notices, imports. Several may run at once.",
        epilog="Example: lamppost worker",
    )
    worker.set_defaults(run=run_worker)


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what any command that starts the web server takes."""
    parser.add_argument(
        "--host",
        default=os.environ.get("LAMPPOST_HOST", "127.0.0.1"),
        help="address to bind (default 127.0.0.1, or LAMPPOST_HOST)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_port_of_environment(),
        help=f"port (default {DEFAULT_PORT}, or LAMPPOST_PORT)",
    )
    parser.add_argument("--web-workers", type=int, default=2, help="web processes (default 2)")
    parser.add_argument(
        "--no-worker",
        action="store_true",
        help="only the web server: `lamppost worker` runs elsewhere",
    )


def run_serve(arguments: argparse.Namespace) -> int:
    """Bring the database up to date, then run everything until a signal."""
    _require_free(arguments)
    # A mistyped class would otherwise show only to whoever looks an address up.
    outside_geocoder()
    migrate()
    collect_static()
    supervise(arguments)


def run_worker(_arguments: argparse.Namespace) -> int:
    """Run the worker in this process."""
    return work()


def supervise(arguments: argparse.Namespace, *, announcement: str = "") -> NoReturn:
    """Become the supervisor of web and worker, which runs until SIGINT or SIGTERM and exits 0.

    This process goes on as another, small program: what preparing took is given back.
    ``announcement`` is printed once, when pages are answered. Raises ``Refusal`` when somebody
    else has the port.
    """
    _require_free(arguments)
    own_database = not os.environ.get("DATABASE_URL", "").strip()
    # The lease this command holds ends with its program; the new one's is there before.
    lease = leases.take(settings.HOME) if own_database else None
    if lease is not None:
        os.set_inheritable(lease, True)
    command = serving.command(
        host=arguments.host,
        port=arguments.port,
        web_workers=arguments.web_workers,
        mail=mail_wanted() is not None,
        worker=not arguments.no_worker,
        lease=lease,
    )
    close_connections()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(  # noqa: S606
        sys.executable,
        command,
        {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lamppost.settings",
            "LAMPPOST_HOME": str(settings.HOME),
            serving.ANNOUNCEMENT_VARIABLE: announcement,
        },
    )


def _require_free(arguments: argparse.Namespace) -> None:
    """Refuse a port somebody listens on: the web server itself would silently share it."""
    if not 1 <= arguments.port <= 65535:
        raise Invalid(f"--port must be between 1 and 65535, not {arguments.port}")
    if arguments.web_workers < 1:
        raise Invalid(f"--web-workers must be at least 1, not {arguments.web_workers}")
    until = time.monotonic() + _PORT_LIMIT_S
    while True:
        problem = _port_problem(arguments.host, arguments.port)
        if problem is None:
            return
        if problem.errno != errno.EADDRINUSE or time.monotonic() > until:
            raise Refusal(_explained(arguments, problem))
        time.sleep(0.2)


def _port_problem(host: str, port: int) -> OSError | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error
    return None


def _explained(arguments: argparse.Namespace, problem: OSError) -> str:
    place = f"{arguments.host}:{arguments.port}"
    if problem.errno == errno.EADDRINUSE:
        return (
            f"another program listens at {place}. Stop it (is a Lamppost running already?), or "
            "choose another port with --port or LAMPPOST_PORT."
        )
    if problem.errno == errno.EACCES:
        return f"this account may not listen at {place}: choose a port above 1023."
    return f"cannot listen at {place}: {problem.strerror or problem}. Choose another --host."


def _port_of_environment() -> int:
    raw = os.environ.get("LAMPPOST_PORT", "").strip()
    if not raw:
        return DEFAULT_PORT
    try:
        return int(raw)
    except ValueError:
        raise Invalid(f"LAMPPOST_PORT must be a number, not {raw!r}") from None
