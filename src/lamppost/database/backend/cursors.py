"""Cursors that put the connection under the right city before the server works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql.base import CursorMixin
from psycopg.client_cursor import ClientCursorMixin
from typing_extensions import override

from lamppost.database.backend.connection import TenantConnection
from lamppost.database.scope import current_city_id


class _CityFirst(psycopg.Cursor[Any]):
    """Every way to run a statement, after the city in scope is applied."""

    @property
    def _tenant(self) -> TenantConnection:
        connection = self.connection
        if not isinstance(connection, TenantConnection):
            raise TypeError("A cursor of ours was opened on a connection that is not.")
        return connection

    @override
    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        """As in psycopg."""
        self._tenant.apply_current_city()
        answer = None
        try:
            result = super().execute(query, params, **kwargs)
            answer = self.statusmessage
        finally:
            self._tenant.note(query, answer)
        return result

    @override
    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        """As in psycopg."""
        self._tenant.apply_current_city()
        super().executemany(query, params_seq, **kwargs)

    @override
    def stream(self, query: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
        """As in psycopg."""
        self._tenant.apply_current_city()
        yield from super().stream(query, params, **kwargs)

    @override
    @contextmanager
    def copy(self, statement: Any, params: Any = None, **kwargs: Any) -> Iterator[psycopg.Copy]:
        """As in psycopg."""
        self._tenant.apply_current_city()
        with super().copy(statement, params, **kwargs) as copy:
            yield copy


class ServerBindingCursor(CursorMixin, _CityFirst):
    """Parameters travel beside the statement, which the server can then prepare."""


class ClientBindingCursor(CursorMixin, ClientCursorMixin[Any], _CityFirst):
    """Parameters are written into the statement."""


class _CityOfOpening(psycopg.ServerCursor[Any]):
    """A cursor on the server reads rows as they are fetched: for the city it was opened for."""

    _city_id: int | None = None

    def _apply(self) -> None:
        connection = self.connection
        if not isinstance(connection, TenantConnection):
            raise TypeError("A cursor of ours was opened on a connection that is not.")
        connection.apply_city(self._city_id)

    @override
    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        """As in psycopg."""
        self._city_id = current_city_id()
        self._apply()
        return super().execute(query, params, **kwargs)

    @override
    def fetchone(self) -> Any:
        """As in psycopg."""
        self._apply()
        return super().fetchone()

    @override
    def fetchmany(self, size: int = 0) -> list[Any]:
        """As in psycopg."""
        self._apply()
        return super().fetchmany(size)

    @override
    def fetchall(self) -> list[Any]:
        """As in psycopg."""
        self._apply()
        return super().fetchall()

    @override
    def __next__(self) -> Any:
        self._apply()
        return super().__next__()


class TenantServerCursor(CursorMixin, _CityOfOpening):
    """A named cursor, parameters beside the statement."""


class TenantClientServerCursor(CursorMixin, ClientCursorMixin[Any], _CityOfOpening):
    """A named cursor, parameters written into the statement."""
