"""A benchmark leaves the installation as it found it, or the next one measures more rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from lamppost.database.credentials import SUPERUSER
from lamppost.database.embedded import Cluster

# By name, not by foreign key: some keys have none (docs/decisions/0017-keys-without-checks.md).
_REFERRING = """
SELECT table_name FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = %s"""
_PARTS = (("cases_caseevent", "event_id"), ("cases_clock", "clock_id"))


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
    for table, key in _PARTS:
        gone = sql.SQL("SELECT id FROM {} WHERE case_id > {}").format(
            sql.Identifier(table), sql.Literal(last)
        )
        for referring in _referring(admin, key):
            admin.execute(
                sql.SQL("DELETE FROM {} WHERE {} IN ({})").format(
                    referring, sql.Identifier(key), gone
                )
            )
    for key in ("case_id", "from_case_id"):
        for referring in _referring(admin, key):
            admin.execute(
                sql.SQL("DELETE FROM {} WHERE {} > %s").format(referring, sql.Identifier(key)),
                [last],
            )
    admin.execute("DELETE FROM cases_case WHERE id > %s", [last])
    admin.execute("VACUUM (ANALYZE)")


def _referring(admin: psycopg.Connection[tuple[Any, ...]], key: str) -> list[sql.Identifier]:
    return [sql.Identifier(row[0]) for row in admin.execute(_REFERRING, [key]).fetchall()]
