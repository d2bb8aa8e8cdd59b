"""A psycopg connection whose every statement runs under the city in scope.

The session's setting `lamppost.city_id` is what row security compares with. It is sent only
when it differs from what the session has, so the connection remembers what it sent, and forgets
whenever the server may have put an older value back: a setting made inside a transaction is
undone with it, or with a savepoint. The memory is on the physical connection, because a pool
hands one to many.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus, abc
from psycopg.rows import RowFactory, tuple_row
from typing_extensions import override

from lamppost.database.rls import SETTING
from lamppost.database.scope import current_city_id

# Answers after which the session's setting may not be what we sent.
_FORGET_AFTER = frozenset({"ROLLBACK", "SET", "RESET", "DISCARD ALL", "DISCARD"})
# As many as psycopg keeps for its own cursors.
_MOST_PREPARED = 100


class TenantConnection(psycopg.Connection[Any]):
    """See the module. Cursors of it must be those of `cursors.py`."""

    # What the session has: a city's id as text, '' for none, or None when not known.
    _applied: str | None = None
    # It was sent inside a transaction whose commit was not seen yet.
    _tentative = False

    def __init__(self, pgconn: abc.PGconn, row_factory: RowFactory[Any] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self._short_reads: OrderedDict[tuple[bytes, tuple[int, ...]], bytes] = OrderedDict()
        self._last_short_read = 0

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

    def prepared(self, command: bytes, types: tuple[int, ...]) -> bytes:
        """Return the name under which the server has ``command`` prepared; for short reads.

        ``types`` are the parameters' object ids, 0 where the server may infer one. The statement
        used longest ago gives way. Raises psycopg's errors when the server refuses it.
        """
        key = (command, types)
        name = self._short_reads.get(key)
        if name is not None:
            self._short_reads.move_to_end(key)
            return name
        if len(self._short_reads) >= _MOST_PREPARED:
            _key, oldest = self._short_reads.popitem(last=False)
            self.pgconn.exec_(b"DEALLOCATE " + oldest)
        self._last_short_read += 1
        name = b"short_read_%d" % self._last_short_read
        result = self.pgconn.prepare(name, command, types)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)
        self._short_reads[key] = name
        return name

    def forget_prepared(self) -> None:
        """Learn that the server has none of the statements `prepared` named."""
        self._short_reads.clear()

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
