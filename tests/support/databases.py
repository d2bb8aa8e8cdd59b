"""Databases for tests: one migrated template, copied for each worker and installation."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from lamppost.database import credentials
from lamppost.database.clone import clone_database, drop_database
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
    with _one_at_a_time():
        if name not in _databases(cluster):
            _make(cluster, name)
    return name


def make_seeded(cluster: Any, template: str, run: str, seed: Callable[[str], None]) -> str:
    """Return a copy of ``template`` that ``seed`` filled, given its name; once per test run.

    What is seeded has the times of now, so a later run makes its own; those of runs that
    are over are removed.
    """
    controller = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    name = f"seeded_{controller}_{run[:8]}"
    with _one_at_a_time():
        there = _databases(cluster)
        if name not in there:
            for old in there:
                if old.startswith("seeded_") and not _is_running(int(old.split("_")[1])):
                    drop_database(cluster, old)
            clone_database(cluster, template, f"{name}_draft")
            seed(f"{name}_draft")
            _rename(cluster, f"{name}_draft", name)
    return name


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = Path(os.environ["LAMPPOST_HOME"]) / "template.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _databases(cluster: Any) -> set[str]:
    with psycopg.connect(cluster.dsn(credentials.SUPERUSER, "postgres")) as admin:
        return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}


def _rename(cluster: Any, old: str, new: str) -> None:
    with psycopg.connect(cluster.dsn(credentials.SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"'.encode())


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
    _rename(cluster, draft, name)
