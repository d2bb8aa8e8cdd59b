"""The very statements the server runs, caught in the act, and the same ones bare in pgbench."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import ClientCursor

from lamppost.database.embedded import Cluster

_TPS = re.compile(r"tps = ([0-9.]+)")
CLIENTS = 8


def caught(run: Callable[[], Any], containing: str) -> tuple[str, Any]:
    """Run ``run`` and return the first statement it sent that contains ``containing``."""
    seen: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        seen.append((str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        run()
    return next(pair for pair in seen if containing in pair[0])


def written_out(cluster: Cluster, sql: str, params: Any) -> str:
    """Return the statement with its parameters as literals."""
    with psycopg.connect(cluster.dsn()) as plain:
        return ClientCursor(plain).mogrify(sql, params)


def bare_rate(cluster: Cluster, scripts: Sequence[str], *, city_id: int, seconds: int) -> float:
    """Return how often a second PostgreSQL alone does one of ``scripts``, drawn at random.

    Eight clients, prepared statements.
    """
    with tempfile.TemporaryDirectory() as folder:
        chosen: list[str] = []
        for place, script in enumerate(scripts):
            file = Path(folder) / f"{place}.sql"
            file.write_text(script, encoding="utf-8")
            chosen += ["-f", str(file)]
        done = subprocess.run(
            [
                str(cluster.bindir / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS),
                "-j", "2", "-T", str(seconds), *chosen, cluster.dsn(),
            ],
            env={**os.environ, "PGOPTIONS": f"-c lamppost.city_id={city_id}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = _TPS.search(done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
    return float(found[1])


def one_line(sql: str) -> str:
    """Return the statement as pgbench wants it: one line, ended by a semicolon.

    A colon before a letter would be a variable; casts are written as CAST by pgbench's rules
    only when doubled, so doubled colons stay and single ones inside literals are split.
    """
    flat = " ".join(sql.split())
    return re.sub(r"(?<!:):(?=[A-Za-z])(?!:)", "'||chr(58)||'", flat) + ";\n"
