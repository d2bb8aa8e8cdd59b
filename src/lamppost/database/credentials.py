"""Passwords of the embedded database's roles: made on first start, readable by us alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from lamppost.database.errors import DatabaseUnavailable

SUPERUSER = "postgres"
OWNER = "lamppost_owner"
APP = "lamppost_app"
ROLES = (SUPERUSER, OWNER, APP)


def _file(home: Path) -> Path:
    return home / "secrets" / "postgres.json"


def make(home: Path) -> dict[str, str]:
    """Passwords by role, made and stored (mode 600) unless they already are."""
    path = _file(home)
    if path.exists():
        return read(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(passwords, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return passwords


def read(home: Path) -> dict[str, str]:
    """Passwords by role. Raises `DatabaseUnavailable` when there are none or they are damaged."""
    path = _file(home)
    try:
        stored = json.loads(path.read_text())
        return {role: str(stored[role]) for role in ROLES}
    except FileNotFoundError:
        if (home / "postgres" / "PG_VERSION").exists():
            raise DatabaseUnavailable(
                f"{path} is not there, and without its passwords nobody can use the database.",
                "Copy it from wherever LAMPPOST_HOME was copied to (`lamppost backup` leaves it "
                "out), or restore a backup into a new LAMPPOST_HOME.",
            ) from None
        raise DatabaseUnavailable(
            f"{path} is not there: the embedded database was never started here.",
            "Run `lamppost migrate`, or set DATABASE_URL.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatabaseUnavailable(
            f"{path} cannot be read ({error}).", "Restore it from a backup of LAMPPOST_HOME."
        ) from error
