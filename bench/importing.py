"""The importer beside COPY: the same rows, the same machine, the same minute."""

from __future__ import annotations

import csv
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

import psycopg

from bench.figures import Figure, share
from lamppost.database.embedded import Cluster

ROWS = 200_000
_HEADER = (
    "service_request_id", "status", "status_notes", "service_name", "service_code",
    "agency_responsible", "requested_datetime", "updated_datetime", "expected_datetime",
    "closed_datetime", "address", "zipcode", "media_url", "lat", "lon",
)  # fmt: skip


def _write(path: Path, code: str, name: str, first: int) -> None:
    start = datetime(2024, 1, 1, 12, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for index in range(ROWS):
            asked = start + timedelta(minutes=index * 5)
            closed = asked + timedelta(days=index % 9)
            is_open = index % 7 == 0
            writer.writerow(
                [
                    first + index, "Open" if is_open else "Closed",
                    "" if is_open else "Issue Resolved", name, code, "", asked.isoformat(),
                    closed.isoformat(), (asked + timedelta(days=5)).date().isoformat(),
                    "" if is_open else closed.isoformat(), f"{index % 9000} N 5TH ST", "19147",
                    "", 39.95 + index % 977 / 20_000, -75.17 + index % 1009 / 20_000,
                ]
            )  # fmt: skip


def import_rate(city_id: int) -> float:
    """Return rows a second of ``import_requests`` with everything it does."""
    from lamppost.cases.importing.mapping import find_mapping
    from lamppost.cases.importing.run import import_requests
    from lamppost.catalog.book import book
    from lamppost.database.scope import city_scope

    with tempfile.TemporaryDirectory() as folder, city_scope(city_id):
        service = next(entry for entry in book().public_services() if entry.kind != "inquiry")
        path = Path(folder) / "rows.csv"
        first = int(time.time()) * 1_000_000
        _write(path, service.code, service.name.get("en", service.code), first)
        start = time.perf_counter()
        tally = import_requests(
            path, mapping=find_mapping("philadelphia"), rejects=Path(folder) / "rejects.csv"
        )
        took = time.perf_counter() - start
    if tally.new != ROWS:
        raise RuntimeError(f"{tally.new} of {ROWS} rows were new, {tally.rejected} rejected")
    return ROWS / took


def import_figures(cluster: Cluster, city_id: int) -> list[Figure]:
    """Return the importer's rate beside COPY of the same columns, in two readings of "same".

    The first beside COPY of a case's columns into a table with the keys and indexes a case
    has: what PostgreSQL alone does to make such rows found again. The second beside COPY of
    the file's columns into a table with a primary key and nothing else.
    """
    # Before and after: a machine among others is now fast, now slow.
    indexed, keyed = [indexed_copy_rate(cluster)], [copy_rate(cluster)]
    ours = import_rate(city_id)
    indexed.append(indexed_copy_rate(cluster))
    keyed.append(copy_rate(cluster))
    unit = "rows a second"
    return [
        share("import_requests", f"{unit}, bare with a case's indexes", 0.20, ours,
              mean(indexed)),
        share("import_requests_keyed", f"{unit}, bare with a primary key only", 0.20, ours,
              mean(keyed)),
    ]  # fmt: skip


def indexed_copy_rate(cluster: Cluster) -> float:
    """Return rows a second of COPY of cases as they are stored into a table like theirs."""
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as admin:
        admin.execute("DROP TABLE IF EXISTS bench_copy")
        admin.execute("CREATE TABLE bench_copy (LIKE cases_case INCLUDING ALL)")
        rows = bytearray()
        with admin.cursor().copy(
            "COPY (SELECT * FROM cases_case ORDER BY id DESC LIMIT %s) TO STDOUT", [ROWS]
        ) as copy:
            for block in copy:
                rows += block
        start = time.perf_counter()
        with admin.cursor().copy("COPY bench_copy FROM STDIN") as copy:
            copy.write(rows)
        took = time.perf_counter() - start
        admin.execute("DROP TABLE bench_copy")
    return ROWS / took


def copy_rate(cluster: Cluster) -> float:
    """Return rows a second of COPY of the same columns into a table with a primary key."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        _write(path, "CODE", "Name", 1)
        with (
            psycopg.connect(cluster.dsn("postgres"), autocommit=True) as admin,
            path.open("rb") as file,
        ):
            admin.execute("DROP TABLE IF EXISTS bench_copy")
            admin.execute(
                "CREATE TABLE bench_copy (service_request_id bigint PRIMARY KEY, status text, "
                "status_notes text, service_name text, service_code text, "
                "agency_responsible text, requested timestamptz, updated timestamptz, "
                "expected text, closed text, address text, zipcode text, media_url text, "
                "lat float8, lon float8)"
            )
            start = time.perf_counter()
            with admin.cursor().copy(
                "COPY bench_copy FROM STDIN WITH (FORMAT csv, HEADER true)"
            ) as copy:
                while block := file.read(1 << 16):
                    copy.write(block)
            took = time.perf_counter() - start
            admin.execute("DROP TABLE bench_copy")
    return ROWS / took
