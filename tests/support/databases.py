"""Databases for tests: one migrated template, copied for each worker and installation."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from lamppost.database import credentials
from lamppost.database.clone import clone_database
from lamppost.database.roles import prepare_database


def spare_the_disk(cluster: Any) -> None:
    """Let the shared test server skip waiting for the disk: nothing in it outlives the run.

    Tests of durability start servers of their own, which wait as in real life.
    """
    with psycopg.connect(cluster.dsn(credentials.SUPERUSER, "postgres"), autocommit=True) as admin:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        admin.execute("SELECT pg_reload_conf()")


def make_template(cluster: Any, name: str) -> str:
    """Return ``name``, a database migrated by the project's own command; made when missing.

    Several workers may ask at once; one makes it, the others wait.
    """
    lock = Path(os.environ["LAMPPOST_HOME"]) / "template.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with psycopg.connect(
            cluster.dsn(credentials.SUPERUSER, "postgres"), autocommit=True
        ) as admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone():
                return name
        _make(cluster, name)
    return name


def _make(cluster: Any, name: str) -> None:
    draft = f"{name}_draft"
    clone_database(cluster, "template0", draft)
    with psycopg.connect(cluster.dsn(credentials.SUPERUSER, draft), autocommit=True) as admin:
        prepare_database(admin, draft)
    subprocess.run(
        [sys.executable, "-m", "lamppost.cli", "migrate", "--database-name", draft],
        check=True,
        env=os.environ,
    )
    with psycopg.connect(cluster.dsn(credentials.SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"'.encode())
