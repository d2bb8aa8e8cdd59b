"""The engine: Django's for PostgreSQL, over connections that carry the city in scope.

At each new connection of an alias other than the owner's it also leaves a login that could pass
row security for the app role, and refuses to go on when it cannot.
"""

from __future__ import annotations

import select
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import register_tzloader
from psycopg_pool import ConnectionPool, PoolTimeout
from typing_extensions import override

from lamppost.database import credentials, embedded
from lamppost.database.backend import driver
from lamppost.database.backend.connection import TenantConnection
from lamppost.database.backend.cursors import (
    ClientBindingCursor,
    ServerBindingCursor,
    TenantClientServerCursor,
    TenantServerCursor,
)
from lamppost.database.errors import DatabaseUnavailable
from lamppost.database.settings import HOME_KEY, POOLER_KEY, ROLE_KEY

# How long a request waits while others hold every connection of a server that answers.
_WAIT_FOR_TURN_S = 10.0
_LOOK_LIMIT_S = 3

_WHO = """
SELECT pg_backend_pid(), rolsuper OR rolbypassrls,
       current_user <> %(app)s AND EXISTS (SELECT FROM pg_roles WHERE rolname = %(app)s)
         AND pg_has_role(current_user, (SELECT oid FROM pg_roles WHERE rolname = %(app)s), 'MEMBER')
FROM pg_roles WHERE rolname = current_user
"""


class _Django(base.DatabaseWrapper):
    """Django's engine, with what its published types leave out."""

    if TYPE_CHECKING:
        _connection_pools: ClassVar[dict[str, ConnectionPool[TenantConnection]]]

        def _configure_connection(self, connection: TenantConnection) -> None: ...
        def _configure_role(self, connection: TenantConnection) -> bool: ...
        def close_pool(self) -> None: ...


class DatabaseWrapper(_Django):
    """See the module."""

    Database = driver
    # Why the last connection of a pool was refused: the pool itself only reports a time-out.
    _refusals: ClassVar[dict[str, DatabaseUnavailable]] = {}

    @property
    @override
    def pool(self) -> ConnectionPool[TenantConnection] | None:
        """The pool of this alias in this process, or None when it has none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                connection_class=TenantConnection,
                open=False,
                configure=self._configure_connection,
                check=_still_open,
                name=self.alias,
                **({} if options is True else options),
            )
            # Of several threads that come here at once, the first one's pool is used.
            self._connection_pools.setdefault(self.alias, pool)
        return self._connection_pools[self.alias]

    @override
    def get_connection_params(self) -> dict[str, Any]:
        """As in Django. Raises `DatabaseUnavailable` when no embedded server was ever made."""
        pool = self._connection_pools.get(self.alias)
        if pool is not None and not pool.closed and isinstance(pool.kwargs, dict):
            # Asked for each request that borrows a connection: reading the password's file
            # again was a tenth of a short request.
            return dict(pool.kwargs)
        settings = self.settings_dict
        home = settings.get(HOME_KEY)
        if home:
            role = settings.get(ROLE_KEY, credentials.APP)
            found = embedded.login(Path(home), settings["USER"] or role)
            for key in ("host", "port", "user", "password"):
                settings[key.upper()] = found[key]
        parameters: dict[str, Any] = super().get_connection_params()
        binding = settings["OPTIONS"].get("server_side_binding") is True
        parameters["cursor_factory"] = ServerBindingCursor if binding else ClientBindingCursor
        return parameters

    @override
    def get_new_connection(self, conn_params: dict[str, Any]) -> TenantConnection:
        """As in Django. Raises `DatabaseUnavailable` for a login that could pass row security.

        Of a server that is gone it says so within the pool's own, short limit (`PoolTimeout`).
        """
        until = time.monotonic() + _WAIT_FOR_TURN_S
        while True:
            try:
                connection: TenantConnection = super().get_new_connection(conn_params)
            except PoolTimeout:
                refusal = self._refusals.pop(self.alias, None)
                if refusal is not None:
                    # Its next try is minutes away by now; a new pool tries at once.
                    self.close_pool()
                    raise refusal from None
                # The pool cannot tell "all are busy" from "the server is gone".
                if time.monotonic() >= until or not _answers(conn_params):
                    raise
            else:
                return connection

    @override
    def create_cursor(self, name: str | None = None) -> Any:
        """As in Django."""
        if not name:
            return super().create_cursor()
        connection: TenantConnection = self.connection
        binding = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        factory = TenantServerCursor if binding else TenantClientServerCursor
        cursor = factory(connection, name, scrollable=False, withhold=connection.autocommit)
        register_tzloader(self.timezone, cursor)
        return cursor

    @override
    def _configure_role(self, connection: TenantConnection) -> bool:
        # Runs once for each physical connection, pooled or not.
        assumed = super()._configure_role(connection)
        if self._is_owner():
            return assumed
        try:
            self._leave_privileges(connection)
        except DatabaseUnavailable as refusal:
            self._refusals[self.alias] = refusal
            raise
        return True

    def _is_owner(self) -> bool:
        return bool(
            self.alias == NO_DB_ALIAS or self.settings_dict.get(ROLE_KEY) == credentials.OWNER
        )

    def _leave_privileges(self, connection: TenantConnection) -> None:
        row = psycopg.Cursor(connection).execute(_WHO, {"app": credentials.APP}).fetchone()
        if row is None:
            raise DatabaseUnavailable("The login role is not to be seen.", "Check DATABASE_URL.")
        pid, bypasses, can_drop = row
        if pid != connection.info.backend_pid and not self.settings_dict.get(POOLER_KEY):
            # Between transactions such a pooler changes the session under our setting,
            # and with it the city.
            raise DatabaseUnavailable(
                "A connection pooler stands between Lamppost and PostgreSQL.",
                "Connect directly; or, if the pooler is in session mode, add pooler=session "
                "to DATABASE_URL.",
            )
        if can_drop:
            psycopg.Cursor(connection).execute(f"SET ROLE {credentials.APP}".encode())
        elif bypasses:
            raise DatabaseUnavailable(
                "The login role can pass row security, which keeps cities apart.",
                f"Make the role {credentials.APP} and grant it to the login "
                "(`lamppost migrate` does both), or log in as another role.",
            )


def _answers(conn_params: dict[str, Any]) -> bool:
    try:
        psycopg.connect(**{**conn_params, "connect_timeout": _LOOK_LIMIT_S}).close()
    except psycopg.OperationalError:
        return False
    return True


def _still_open(connection: TenantConnection) -> None:
    """Refuse a pooled connection the server has closed, at the cost of no round trip.

    An idle connection has nothing to read, unless the server said goodbye.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        psycopg.Cursor(connection).execute(b"SELECT 1")
