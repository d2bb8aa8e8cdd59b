"""The short way to read: one statement, prepared once on each connection, one call of libpq.

A list or a single request is read in less time than Django and psycopg need around the
statement: borrowing a connection with all its signals, a cursor on a cursor, and a loop in
Python that waits for the socket. Here the connection is borrowed from the same pool, the city
in scope is applied as for any other statement, and what comes back are the bytes PostgreSQL
sent, without a decoding and an encoding in between (docs/decisions/0029-short-reads.md).

It is for statements that PostgreSQL answers with one row of text, ready to be sent on. A thread
that has a connection of its own, and perhaps something begun on it, reads by an ordinary cursor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import psycopg
from django.db import connections
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import Buffer, PGresult

from lamppost.database.backend.base import DatabaseWrapper
from lamppost.database.backend.connection import TenantConnection

_NAMED = re.compile(r"%(?:\((\w+)\)s|%)")
_STATEMENTS_KEPT = 512

Row = tuple[bytes | None, ...]


def read_row(sql: str, params: Mapping[str, Any], *, using: str = "default") -> Row | None:
    """Return the first row ``sql`` gives for the city in scope, each column as UTF-8 text.

    ``sql`` names its parameters as psycopg does, ``%(name)s``; ``using`` is the database's
    alias. Raises Django's database errors.
    """
    wrapper = cast(DatabaseWrapper, connections[using])
    pool = wrapper.pool
    if pool is None or wrapper.connection is not None or _is_watched(wrapper):
        return _by_cursor(wrapper, sql, params)
    with wrapper.wrap_database_errors:
        connection = wrapper.get_new_connection(wrapper.get_connection_params())
        try:
            return _by_call(connection, sql, params)
        except psycopg.Error as error:
            if connection.pgconn.status == ConnStatus.BAD:
                # A connection lost carries no code that says so.
                raise psycopg.OperationalError(str(error)) from error
            raise
        finally:
            pool.putconn(connection)


def _is_watched(wrapper: DatabaseWrapper) -> bool:
    """Whether somebody looks at every statement: tests that count, the benchmark."""
    return bool(wrapper.execute_wrappers) or wrapper.queries_logged


def _by_cursor(wrapper: DatabaseWrapper, sql: str, params: Mapping[str, Any]) -> Row | None:
    with wrapper.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return row and tuple(None if value is None else str(value).encode() for value in row)


def _by_call(connection: TenantConnection, sql: str, params: Mapping[str, Any]) -> Row | None:
    connection.apply_current_city()
    command, names = _numbered(sql)
    transformer = Transformer(connection)
    values = transformer.dump_sequence(
        [params[name] for name in names], [PyFormat.TEXT] * len(names)
    )
    types = transformer.types or ()
    try:
        result = _executed(connection, connection.prepared(command, types), values)
    except InvalidSqlStatementName:
        # After a rollback psycopg makes the server forget all that was prepared.
        connection.forget_prepared()
        result = _executed(connection, connection.prepared(command, types), values)
    if not result.ntuples:
        return None
    return tuple(result.get_value(0, column) for column in range(result.nfields))


def _executed(
    connection: TenantConnection, statement: bytes, values: Sequence[Buffer | None]
) -> PGresult:
    # Null is None here; the published types leave it out.
    result = connection.pgconn.exec_prepared(statement, cast(list[bytes], values))
    if result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result)
    return result


@lru_cache(maxsize=_STATEMENTS_KEPT)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the statement with numbered parameters, and the name of each number."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return _NAMED.sub(number, sql).encode(), tuple(names)
