"""A benchmark leaves the installation as it found it, or the next one measures more rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from lamppost.database.credentials import SUPERUSER
from lamppost.database.embedded import Cluster

_REFERRING = """
SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.confrelid = %s::regclass AND k.conrelid <> k.confrelid"""

_CASES = ("cases_case", "id")


@contextmanager
def removed_afterwards(cluster: Cluster) -> Iterator[None]:
    """Remove every case that was added within the block, with all that hangs on it."""
    with psycopg.connect(cluster.dsn(SUPERUSER), autocommit=True) as admin:
        row = admin.execute("SELECT coalesce(max(id), 0) FROM cases_case").fetchone()
        last = row[0] if row else 0
        try:
            yield
        finally:
            _remove(admin, last)


def _remove(admin: psycopg.Connection[tuple[Any, ...]], last: int) -> None:
    # Events are append-only for everybody but the server's owner, who may pass the triggers.
    admin.execute("SET session_replication_role = replica")
    for table, column in (("cases_caseevent", "case_id"), ("cases_clock", "case_id"), _CASES):
        gone = sql.Identifier(f"gone_{table}")
        admin.execute(
            sql.SQL("CREATE TEMP TABLE {} AS SELECT id FROM {} WHERE {} > {}").format(
                gone, sql.Identifier(table), sql.Identifier(column), sql.Literal(last)
            )
        )
        _remove_referring(admin, table, gone)
    admin.execute("DELETE FROM cases_case WHERE id > %s", [last])
    admin.execute("VACUUM (ANALYZE)")


def _remove_referring(
    admin: psycopg.Connection[tuple[Any, ...]], table: str, gone: sql.Identifier
) -> None:
    for referring, column in admin.execute(_REFERRING, [table]).fetchall():
        admin.execute(
            sql.SQL("DELETE FROM {} WHERE {} IN (SELECT id FROM {})").format(
                sql.SQL(referring), sql.Identifier(column), gone
            )
        )
