"""``lamppost mail``: takes mail from the city's mail server."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from typing import Any

from lamppost.commands.lifeline import hold_on_to_supervisor
from lamppost.faces.channels.email.receiver import Listen, listen_at, serve
from lamppost.kernel.refusals import Invalid, Refusal

VARIABLE = "LAMPPOST_MAIL_LISTEN"


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "mail",
        help="take mail from the city's mail server (LMTP or SMTP)",
        description=(
            "Listen for mail and store it; the worker sees to it. `lamppost serve` runs this "
            f"by itself when {VARIABLE} is set. Listen on an address only your mail server "
            "reaches: it is the one that checks senders and keeps spam away."
        ),
        epilog="Example: lamppost mail --listen lmtp:127.0.0.1:8024",
    )
    parser.add_argument(
        "--listen",
        default=os.environ.get(VARIABLE, ""),
        help=f"lmtp:HOST:PORT or smtp:HOST:PORT (or {VARIABLE})",
    )
    # Without its database it answers "later", and that is what a mail server wants to hear.
    parser.set_defaults(run=run, needs_database=False)


def run(arguments: argparse.Namespace) -> int:
    """Take mail until SIGINT or SIGTERM; return 0."""
    if not arguments.listen.strip():
        raise Invalid(f"say where to listen: --listen lmtp:127.0.0.1:8024, or {VARIABLE}")
    listen = listen_at(arguments.listen)
    hold_on_to_supervisor()
    try:
        asyncio.run(_run(listen))
    except OSError as error:
        raise Refusal(
            f"cannot listen for mail at {listen.host}:{listen.port}: {error.strerror or error}"
        ) from None
    return 0


def wanted() -> Listen | None:
    """Return where this installation is to take mail, or None. Raises ``Invalid``."""
    text = os.environ.get(VARIABLE, "").strip()
    return listen_at(text) if text else None


async def _run(listen: Listen) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await serve(listen, until=stopped)
