"""``lamppost migrate``: bring the database to the shape this version needs."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management import call_command
from django.db import connections


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
    """Apply what is missing. Takes an advisory lock, so two starts at once do it once."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(311)")
        try:
            call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(311)")
