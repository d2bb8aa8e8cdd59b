"""A city with many years behind it: ``python -m bench.history``, after ``make bench``.

Beside the benchmark's installation stands a copy of it with years of closed cases behind its own,
10,000,000 in all (BENCH_HISTORY): each year the closed cases of the first again, a year earlier.
They are cases without events and clocks, since no list reads those. Then the reads of both are
measured in turn, and printed is what the history costs each.
"""

# Statements are put together from the constants of this module.
# ruff: noqa: S608

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import psycopg
from psycopg import sql

from bench.grounds import ROOT
from lamppost.database.credentials import SUPERUSER
from lamppost.database.embedded import running

_YEAR = ROOT / "var" / "bench"
_HISTORY = ROOT / "var" / "history"
_CASES = int(os.environ.get("BENCH_HISTORY", "10000000"))
_TURNS = 3
# Between the ids of two years: apart from every number a sequence will give while measuring.
_APART = 1_000_000_000
_MOMENTS = ("requested_at", "updated_at", "closed_at", "due_at", "created_at")


def main(words: Sequence[str] | None = None) -> int:
    """Make the installation if it is not there, measure, print; 0 whatever the figures."""
    _parser().parse_args(words)
    if not _YEAR.exists():
        sys.exit("Run `make bench` first: the history is laid behind its year.")
    if not _HISTORY.exists():
        # Not by Python: the files keep their owner, which may be the server's own account.
        subprocess.run(["cp", "-a", str(_YEAR), str(_HISTORY)], check=True)
    _lay(_HISTORY)
    for home in (_YEAR, _HISTORY):
        _run(home, "lamppost.cli", "migrate")
    turns = [(_read(_YEAR), _read(_HISTORY)) for _ in range(_TURNS)]
    print(f"{'':<16}{'year /s':>10}{'history /s':>12}{'ratio':>8}{'p95 ms':>9}")
    for name in turns[0][0]:
        before, after = (median(turn[side][name][0] for turn in turns) for side in (0, 1))
        slowest = median(turn[1][name][1] for turn in turns)
        print(f"{name:<16}{before:>10,.0f}{after:>12,.0f}{after / before:>8.2f}{slowest:>9.0f}")
    return 0


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m bench.history",
        description=(
            "Measure what many years of closed cases cost the reads of a city. The first time it "
            f"copies the benchmark's installation to {_HISTORY.relative_to(ROOT)} and lays "
            f"{_CASES:,} cases behind it: that takes long and more than ten gigabytes. Then it "
            f"reads from both in turn, {_TURNS} times, and prints the medians."
        ),
        epilog="Run `make bench` first. BENCH_HISTORY is how many cases there are to be.",
    )


def _read(home: Path) -> dict[str, tuple[float, float]]:
    printed = _run(home, "bench.reads")
    found: dict[str, tuple[float, float]] = json.loads(printed.splitlines()[-1])
    return found


def _run(home: Path, *module: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *module],
        env={**os.environ, "LAMPPOST_HOME": str(home)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _lay(home: Path) -> None:
    """Add years until there are enough cases; what is there already counts."""
    with running(home) as cluster, psycopg.connect(cluster.dsn(SUPERUSER)) as admin:
        admin.autocommit = True
        # Neither checks of other tables nor the triggers that forbid writing past the services.
        admin.execute("SET session_replication_role = replica")
        there, years = _one(admin, f"SELECT count(*), max(id) / {_APART} FROM cases_case")
        closed, own = _one(
            admin,
            f"SELECT count(*), max(id) FROM cases_case WHERE state = 'closed' AND id < {_APART}",
        )
        year = years
        while there < _CASES:
            year += 1
            _add_year(admin, year, own)
            there += closed
            print(f"{there:,} cases", flush=True)
        if year > years:
            admin.execute("VACUUM cases_case")
        admin.execute("ANALYZE")


def _one(admin: psycopg.Connection[tuple[int, ...]], query: str) -> tuple[int, ...]:
    row = admin.execute(query).fetchone()
    if row is None:
        raise RuntimeError(f"{query} gave no row")
    return row


def _add_year(admin: psycopg.Connection[tuple[int, ...]], year: int, own: int) -> None:
    """Add the closed cases up to number ``own`` again, ``year`` years earlier."""
    columns = [
        str(row[0])
        for row in admin.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'cases_case'::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ).fetchall()
    ]
    changed = {
        "id": f"id + %(year)s * {_APART}::bigint",
        "number": "number || '-' || %(year)s",
        "tracking_digest": "''",
        **{name: f"{name} - make_interval(days => 364 * %(year)s)" for name in _MOMENTS},
    }
    admin.execute(
        sql.SQL(
            "INSERT INTO cases_case ({}) SELECT {} FROM cases_case"
            " WHERE state = 'closed' AND id <= %(own)s"
        ).format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(
                sql.SQL(changed[name]) if name in changed else sql.Identifier(name)
                for name in columns
            ),
        ),
        {"year": year, "own": own},
    )


if __name__ == "__main__":
    sys.exit(main())
