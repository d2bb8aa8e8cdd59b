"""The ``lamppost`` command: one parser, a module per command."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

# Modules that add their parsers; imported after Django is set up, in the order help lists.
_COMMANDS = (
    "lamppost.commands.demo",
    "lamppost.commands.serve",
    "lamppost.commands.migrate",
    "lamppost.commands.people",
    "lamppost.packs.commands",
    "lamppost.commands.importing",
    "lamppost.commands.exporting",
    "lamppost.commands.verify",
    "lamppost.commands.backup",
    "lamppost.commands.doctor",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or failed, 2 wrong use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamppost.settings")
    from django.db import DatabaseError

    from lamppost.database.errors import DatabaseUnavailable
    from lamppost.kernel.refusals import Refusal

    try:
        import django

        django.setup()
        arguments = _parser().parse_args(argv)
        if not getattr(arguments, "needs_database", True):
            return int(arguments.run(arguments))
        from lamppost.commands.installation import database

        with database():
            return int(arguments.run(arguments))
    except (Refusal, DatabaseUnavailable, DatabaseError, ValueError) as error:
        print(f"lamppost: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lamppost",
        description="An open 311 platform for cities.",
        epilog="Start here: lamppost demo",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _COMMANDS:
        importlib.import_module(name).register(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
