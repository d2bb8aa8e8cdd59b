"""``lamppost migrate``: bring the database to the shape this version needs."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connections

from lamppost.database.migrating import building_what_changed

logger = logging.getLogger(__name__)

# One number for every Lamppost process that changes structure, on whichever machine.
_LOCK = 311


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database to the shape this version needs",
        description="Create or upgrade the tables, keeping what is in them. Safe to run again.",
        epilog="Example: lamppost migrate",
    )
    parser.add_argument("--database-name", default="", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Migrate with the owner's role; the application's role may not change structure."""
    if arguments.database_name:
        for alias in ("default", "owner"):
            connections[alias].settings_dict["NAME"] = arguments.database_name
    migrate(verbosity=1)
    return 0


def migrate(*, verbosity: int = 0) -> None:
    """Apply what is missing; of several starts at once one does it, the others wait for it."""
    with _alone(), building_what_changed():
        call_command("migrate", database="owner", interactive=False, verbosity=verbosity)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock on the owner's connection until the block ends."""
    connection = connections["owner"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                logger.warning("another process changes the database's structure; waiting for it")
                cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield
    finally:
        # The lock goes with its connection, however the block ended.
        connection.close()
