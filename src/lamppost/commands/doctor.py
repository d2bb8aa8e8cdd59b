"""``lamppost doctor``: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import psycopg
from django.db import DatabaseError, connection

from lamppost.commands.checks import (
    Check,
    Finding,
    Level,
    city,
    data,
    failure,
    machine,
    mail,
    messages,
)
from lamppost.commands.installation import database
from lamppost.database.errors import DatabaseUnavailable
from lamppost.faces.operations.state import pending_migrations

_LOGIN_LIMIT_S = 5
_SIGNS = {Level.OK: "ok  ", Level.WARNING: "WARN", Level.FAILURE: "FAIL"}


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what is wrong here and how to mend it",
        description=(
            "Look at database, structure, background work, city packs, disk, secrets and "
            "histories. Changes nothing. Exit code 1 when something has to be mended."
        ),
        epilog="Example: lamppost doctor --json",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    # It has to say that the database is missing, not to fail for want of it.
    parser.set_defaults(run=run, needs_database=False)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 when there is a failure."""
    findings = list(examine())
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1) + "\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{_SIGNS[finding.level]} {finding.check}: {finding.found}\n")
            if finding.mend:
                sys.stdout.write(f"       -> {finding.mend}\n")
    return 1 if any(finding.level is Level.FAILURE for finding in findings) else 0


def examine() -> Iterator[Finding]:
    """Look at the machine, then at the database and what is in it, as far as one gets."""
    for check in machine.CHECKS:
        yield from _looked(check)
    try:
        with database():
            _try_login()
            yield from _inside()
    except (DatabaseError, DatabaseUnavailable, psycopg.Error) as error:
        mend = getattr(error, "remedy", "") or (
            "Is the server of DATABASE_URL running, and do its name and password fit?"
        )
        reason = getattr(error, "problem", "") or str(error).strip().partition("\n")[0]
        yield failure("database", f"it cannot be used: {reason}", mend)


def _try_login() -> None:
    """Log in past the pool, which would wait long and then not say why."""
    parameters = connection.get_connection_params()
    psycopg.connect(**{**parameters, "connect_timeout": _LOGIN_LIMIT_S}).close()


def _inside() -> Iterator[Finding]:
    for check in data.FIRST:
        yield from _looked(check)
    if pending_migrations():
        return
    for check in (*data.THEN, *city.CHECKS, *mail.CHECKS, *messages.CHECKS, machine.https):
        yield from _looked(check)


def _looked(check: Check) -> Iterator[Finding]:
    """The findings of one check; one that fails is a finding itself and stops no other."""
    try:
        yield from list(check())
    except (OSError, ValueError, LookupError) as error:
        yield failure(
            check.__name__,
            f"could not be looked at: {type(error).__name__}: {error}",
            "Mend that first, then run `lamppost doctor` again.",
        )
