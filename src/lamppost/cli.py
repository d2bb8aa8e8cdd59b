"""The ``lamppost`` command: one parser, a module per command."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

# Which module adds which command, in the order help lists them. Only the one asked for is
# imported: the simulator and the web server are not loaded to print a version of a pack.
_COMMANDS = {
    "demo": "lamppost.commands.demo",
    "serve": "lamppost.commands.serve",
    "worker": "lamppost.commands.serve",
    "mail": "lamppost.commands.mail",
    "migrate": "lamppost.commands.migrate",
    "create-admin": "lamppost.commands.people",
    "create-account": "lamppost.commands.people",
    "pack": "lamppost.packs.commands",
    "import": "lamppost.commands.importing",
    "export": "lamppost.commands.exporting",
    "partners": "lamppost.commands.partners",
    "verify": "lamppost.commands.verify",
    "backup": "lamppost.commands.backup",
    "restore": "lamppost.commands.backup",
    "doctor": "lamppost.commands.doctor",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or failed, 2 wrong use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamppost.settings")
    from django.db import DatabaseError

    from lamppost.database.errors import DatabaseUnavailable
    from lamppost.kernel.refusals import Refusal

    try:
        import django

        django.setup()
        words = sys.argv[1:] if argv is None else list(argv)
        arguments = _parser(words[:1]).parse_args(words)
        if not getattr(arguments, "needs_database", True):
            return int(arguments.run(arguments))
        from lamppost.commands.installation import database

        with database():
            return int(arguments.run(arguments))
    except (Refusal, DatabaseUnavailable, DatabaseError, ValueError, OSError) as error:
        print(f"lamppost: {_what_to_do(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _what_to_do(error: Exception) -> str:
    from psycopg.errors import UndefinedColumn, UndefinedTable

    if isinstance(error.__cause__, (UndefinedTable, UndefinedColumn)):
        return "the database is not what this version needs: run `lamppost migrate`"
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _parser(asked: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lamppost",
        description="An open 311 platform for cities.",
        epilog="Start here: lamppost demo",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    wanted = [_COMMANDS[name] for name in asked if name in _COMMANDS]
    for module in dict.fromkeys(wanted or _COMMANDS.values()):
        importlib.import_module(module).register(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
