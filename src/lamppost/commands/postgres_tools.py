"""PostgreSQL's own programs for copies of a database, and whom they log in as."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lamppost.database import binaries, credentials
from lamppost.database.embedded import Cluster, ensure_running
from lamppost.database.settings import parse_url
from lamppost.kernel.refusals import Refusal

# libpq reads these, so that no password stands in the list of processes.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_LOOK_EVERY_S = 0.2
BACKUP_URL = "DATABASE_BACKUP_URL"


@dataclass(frozen=True, slots=True)
class Access:
    """A database as one that may read or write all of it, with programs that fit its server."""

    dsn: str
    bindir: Path
    cluster: Cluster | None

    @property
    def name(self) -> str:
        """The database's name."""
        return str(conninfo_to_dict(self.dsn)["dbname"])

    def inside(self, dbname: str) -> Access:
        """The same access to another database of the server."""
        return Access(make_conninfo(self.dsn, dbname=dbname), self.bindir, self.cluster)

    def run(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Run a program of PostgreSQL's; raises ``Refusal`` with its own words when it fails."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        parts = conninfo_to_dict(self.dsn)
        chosen = {_VARIABLES[key]: str(parts[key]) for key in _VARIABLES if parts.get(key)}
        process = subprocess.Popen(
            [str(self.bindir / program), "--no-password", *arguments],
            env={**kept, **chosen, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while process.poll() is None:
                meanwhile()
                time.sleep(_LOOK_EVERY_S)
            error = process.stderr.read() if process.stderr else ""
        finally:
            # Also when we are told to stop in the middle.
            process.kill()
            process.wait()
        if process.returncode != 0:
            raise Refusal(f"{program} failed: {_advice(error.strip()[-2000:])}")


def _advice(error: str) -> str:
    if "row-level security" in error:
        return (
            f"{error}\nThis login may not read every city's rows. Give the backup a login of its "
            f"own in {BACKUP_URL}: CREATE ROLE lamppost_backup LOGIN BYPASSRLS PASSWORD '...'; "
            "GRANT pg_read_all_data TO lamppost_backup;"
        )
    return error


def reading_access() -> Access:
    """Access for a backup: the embedded server's administrator, or the login you name."""
    return _access((BACKUP_URL, "DATABASE_OWNER_URL", "DATABASE_URL"))


def writing_access() -> Access:
    """Access for a restore: the embedded server's administrator, or the owner's login."""
    return _access(("DATABASE_OWNER_URL", "DATABASE_URL"))


def _access(variables: Sequence[str]) -> Access:
    name = connections["owner"].settings_dict["NAME"]
    if not os.environ.get("DATABASE_URL", "").strip():
        cluster = ensure_running(settings.HOME)
        return Access(cluster.dsn(credentials.SUPERUSER, name), cluster.bindir, cluster)
    variable = next(key for key in variables if os.environ.get(key, "").strip())
    parts = parse_url(os.environ[variable].strip(), variable)
    dsn = make_conninfo(
        host=parts["HOST"] or None,
        port=parts["PORT"] or None,
        user=parts["USER"] or None,
        password=parts["PASSWORD"] or None,
        dbname=parts["NAME"],
        **parts["OPTIONS"],
    )
    return Access(dsn, _programs_for(dsn), None)


def _programs_for(dsn: str) -> Path:
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        major = connection.info.server_version // 10000
    for found in binaries.available():
        if found.major >= major and (found.bindir / "pg_dump").exists():
            return found.bindir
    raise Refusal(
        f"the server is PostgreSQL {major}, and no pg_dump of that version or a newer one is on "
        f"this machine. Install PostgreSQL {major}'s client programs, or name their folder in "
        "LAMPPOST_POSTGRES_BIN."
    )
