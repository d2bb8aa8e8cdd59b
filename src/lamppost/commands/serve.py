"""``lamppost serve`` and ``lamppost worker``: the processes of an installation."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from django.conf import settings

from lamppost.commands.installation import keep_database
from lamppost.commands.migrate import migrate
from lamppost.commands.static import collect_static
from lamppost.commands.worker import work
from lamppost.kernel.refusals import Invalid

DEFAULT_PORT = 8311
# A process that dies is started again, but never more often than this.
_RESTART_PAUSE_S = 1.0
_STOP_LIMIT_S = 20.0
_LOOK_EVERY_S = 0.5


def register(subparsers: Any) -> None:
    """Add the commands."""
    serve = subparsers.add_parser(
        "serve",
        help="run the web server and the worker",
        description="Run web and worker under a supervisor until they are told to stop.",
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


def run_serve(arguments: argparse.Namespace) -> int:
    """Bring the database up to date, then run everything until a signal."""
    migrate()
    collect_static()
    return supervise(arguments)


def run_worker(_arguments: argparse.Namespace) -> int:
    """Run the worker in this process."""
    return work()


def supervise(
    arguments: argparse.Namespace, *, when_ready: Callable[[], None] | None = None
) -> int:
    """Run web and worker, starting again what dies, until SIGINT or SIGTERM; return 0."""
    if not 1 <= arguments.port <= 65535:
        raise Invalid(f"--port must be between 1 and 65535, not {arguments.port}")
    wanted = {"web": web_command(arguments), "worker": _this("worker")}
    running = {name: _start(command) for name, command in wanted.items()}
    stopping = False
    announced = when_ready is None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        while not stopping:
            if not announced and _answers(arguments):
                announced = True
                if when_ready is not None:
                    when_ready()
            time.sleep(_LOOK_EVERY_S)
            keep_database()
            for name, process in running.items():
                if process.poll() is not None and not stopping:
                    sys.stderr.write(f"lamppost: {name} ended ({process.returncode}), restarting\n")
                    time.sleep(_RESTART_PAUSE_S)
                    running[name] = _start(wanted[name])
    finally:
        _end(running.values())
    return 0


def web_command(arguments: argparse.Namespace) -> list[str]:
    """Return the command that runs the web server."""
    return [
        sys.executable, "-m", "granian", "lamppost.wsgi:application",
        "--interface", "wsgi",
        "--host", arguments.host,
        "--port", str(arguments.port),
        "--workers", str(arguments.web_workers),
        "--blocking-threads", "4",
        "--backlog", "1024",
        "--no-ws",
        "--respawn-failed-workers",
        "--log-level", "warning",
    ]  # fmt: skip


def _port_of_environment() -> int:
    raw = os.environ.get("LAMPPOST_PORT", "").strip()
    if not raw:
        return DEFAULT_PORT
    try:
        return int(raw)
    except ValueError:
        raise Invalid(f"LAMPPOST_PORT must be a number, not {raw!r}") from None


def _this(command: str) -> list[str]:
    return [sys.executable, "-m", "lamppost.cli", command]


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches only the supervisor, which stops them in order.
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "lamppost.settings"}
    env["LAMPPOST_HOME"] = str(settings.HOME)
    return subprocess.Popen(command, env=env, start_new_session=True)


def _answers(arguments: argparse.Namespace) -> bool:
    host = "127.0.0.1" if arguments.host in {"0.0.0.0", "::"} else arguments.host  # noqa: S104
    try:
        with socket.create_connection((host, arguments.port), timeout=1):
            return True
    except OSError:
        return False


def _end(processes: Any) -> None:
    processes = list(processes)
    for process in processes:
        process.terminate()
    until = time.monotonic() + _STOP_LIMIT_S
    for process in processes:
        try:
            process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
