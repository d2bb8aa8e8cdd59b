"""What the long-lived processes load, and what they must not have when others are forked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lamppost.database import leases


def printed(code: str, home: Path) -> str:
    env = {**os.environ, "LAMPPOST_HOME": str(home), "DJANGO_SETTINGS_MODULE": "lamppost.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_supervisor_loads_neither_django_nor_the_databases_driver(tmp_path: Path) -> None:
    code = """
import sys, lamppost.commands.serving
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    loaded = set(printed(code, tmp_path).split())
    assert "lamppost" in loaded
    assert not loaded & {"django", "psycopg", "procrastinate", "granian", "shapely", "yaml"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere web workers are not forked")
def test_what_web_workers_are_forked_from_has_no_thread_and_no_connection(tmp_path: Path) -> None:
    code = """
import gc, threading
from lamppost.commands.web import load_before_fork
load_before_fork()
from django.db import connections
from lamppost.database.backend.base import DatabaseWrapper
opened = [one.alias for one in connections.all() if one.connection is not None]
print(threading.active_count(), opened, [*DatabaseWrapper._connection_pools])
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""
    assert printed(code, tmp_path).splitlines() == ["1 [] []", "True True"]


def test_a_lease_outlives_the_program_that_took_it_and_says_when_it_ends(tmp_path: Path) -> None:
    lease = leases.take(tmp_path)
    os.set_inheritable(lease, True)
    holder = subprocess.Popen(["sleep", "60"], pass_fds=[lease])
    try:
        os.close(lease)
        with leases.locked(tmp_path):
            assert not leases.is_free(tmp_path)
    finally:
        holder.kill()
        holder.wait()
    with leases.locked(tmp_path):
        assert leases.is_free(tmp_path)
