"""A Django site with nothing but one view that runs one statement: the least a framework costs.

Run as a program it serves the statements in the file BENCH_STATEMENTS names, with the same
server, workers, threads and connection pool as the real one.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]


def application() -> Any:
    """Return the WSGI application; configures Django, so once in a process."""
    from lamppost.database.settings import database_settings

    settings.configure(
        DATABASES=database_settings(Path(os.environ["LAMPPOST_HOME"]), {}),
        ROOT_URLCONF="bench.empty_urls",
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        SECRET_KEY="of a benchmark on loopback",  # noqa: S106 - protects nothing
    )
    django.setup()
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def statements() -> dict[str, dict[str, Any]]:
    """Return what to serve: by name a statement, its parameters, and the city it is in."""
    found: dict[str, dict[str, Any]] = json.loads(
        Path(os.environ["BENCH_STATEMENTS"]).read_text(encoding="utf-8")
    )
    return found


def _load(parent: int) -> Any:
    from lamppost.commands.bodies import Gate
    from lamppost.commands.lifeline import hold_on_to
    from lamppost.commands.web import AT_WORK, THREADS

    hold_on_to(parent)
    return Gate(application(), threads=THREADS, at_work=AT_WORK)


def main() -> None:
    """Serve until SIGTERM, with two worker processes."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from lamppost.commands.web import THREADS

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    server = Granian(
        "bench.empty_site:application",
        address="127.0.0.1",
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(_load, os.getpid()), wrap_loader=False)


if __name__ == "__main__":
    main()
