"""A psycopg connection whose every statement runs under the city in scope.

The session's setting `lamppost.city_id` is what row security compares with. It is sent only
when it differs from what the session has, so the connection remembers what it sent, and forgets
whenever the server may have put an older value back: a setting made inside a transaction is
undone with it, or with a savepoint. The memory is on the physical connection, because a pool
hands one to many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus
from typing_extensions import override

from lamppost.database.rls import SETTING
from lamppost.database.scope import current_city_id

# Answers after which the session's setting may not be what we sent.
_FORGET_AFTER = frozenset({"ROLLBACK", "SET", "RESET", "DISCARD ALL", "DISCARD"})


class TenantConnection(psycopg.Connection[Any]):
    """See the module. Cursors of it must be those of `cursors.py`."""

    # What the session has: a city's id as text, '' for none, or None when not known.
    _applied: str | None = None
    # It was sent inside a transaction whose commit was not seen yet.
    _tentative = False

    def apply_city(self, city_id: int | None) -> None:
        """Make the session work for a city (None: for no city), if it does not yet."""
        wanted = "" if city_id is None else str(int(city_id))
        status = self.pgconn.transaction_status
        if status == TransactionStatus.INERROR:
            # Nothing but a rollback can succeed, and what it brings back is not known.
            self._applied = None
            return
        if self._tentative and status == TransactionStatus.IDLE:
            # The transaction ended otherwise than by a commit we saw.
            self._applied = None
        if self._applied == wanted:
            return
        self._applied = None
        # SET takes no snapshot, so SET TRANSACTION may still follow; the text is digits only.
        psycopg.Cursor(self).execute(f"SET {SETTING} = '{wanted}'".encode(), prepare=False)
        if self.pgconn.pipeline_status == PipelineStatus.OFF:
            self._applied = wanted
            self._tentative = self.pgconn.transaction_status != TransactionStatus.IDLE

    def apply_current_city(self) -> None:
        """Make the session work for the city in scope."""
        self.apply_city(current_city_id())

    def note(self, query: object, answer: str | None) -> None:
        """Learn from a statement that ran: its text, and the server's word on it."""
        if answer in _FORGET_AFTER or (isinstance(query, str) and ";" in query):
            # Of several statements in one text only one answer is at hand.
            self._applied = None

    @override
    def commit(self) -> None:
        """As in psycopg."""
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            self._applied = None
        super().commit()
        self._tentative = False

    @override
    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[psycopg.Transaction]:
        """As in psycopg."""
        try:
            with super().transaction(savepoint_name, force_rollback) as transaction:
                yield transaction
        finally:
            # It may have swallowed a rollback.
            self._applied = None
