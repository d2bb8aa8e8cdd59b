from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from lamppost.database import embedded
from lamppost.database.backend.base import DatabaseWrapper
from lamppost.database.backend.connection import TenantConnection
from lamppost.database.credentials import APP, OWNER, SUPERUSER
from lamppost.database.errors import DatabaseUnavailable
from lamppost.database.scope import UnscopedQuery, city_scope, current_city_id, no_city

_ALL = "SELECT text FROM scratch_note ORDER BY text"


class _Stop(Exception):
    """Ends a block to be rolled back."""


def _seen(alias: str = "scratch", query: str = _ALL) -> list[Any]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _add(city_id: int, text: str) -> None:
    with connections["scratch"].cursor() as cursor:
        cursor.execute("INSERT INTO scratch_note (city_id, text) VALUES (%s, %s)", [city_id, text])


@pytest.fixture
def notes(scratch: DatabaseWrapper) -> DatabaseWrapper:
    """One note in each city."""
    for city_id in (1, 2):
        with city_scope(city_id):
            _add(city_id, f"of {city_id}")
    return scratch


@contextmanager
def _sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements our connections send of themselves."""
    sent: list[str] = []
    run = psycopg.Cursor.execute

    def watch(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(query, bytes) and query.startswith(b"SET lamppost"):
            sent.append(query.decode())
        return run(self, query, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", watch)
        yield sent


# --- refusals ---------------------------------------------------------------------------------


def test_without_a_city_raw_sql_sees_nothing_and_writes_nothing(notes: DatabaseWrapper) -> None:
    assert _seen() == []
    with pytest.raises(DatabaseError, match="row-level security"):
        _add(1, "from nowhere")
    with notes.cursor() as cursor:
        cursor.execute("UPDATE scratch_note SET text = 'x'")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM scratch_note")
        assert cursor.rowcount == 0


def test_a_row_of_another_city_can_be_neither_added_nor_moved_nor_seen(
    notes: DatabaseWrapper,
) -> None:
    with city_scope(1):
        with pytest.raises(DatabaseError, match="row-level security"):
            _add(2, "smuggled")
        with pytest.raises(DatabaseError, match="row-level security"), notes.cursor() as cursor:
            cursor.execute("UPDATE scratch_note SET city_id = 2")
        assert _seen() == ["of 1"]


def test_the_owner_obeys_row_security_too(
    cluster: embedded.Cluster, notes: DatabaseWrapper
) -> None:
    with psycopg.connect(cluster.dsn(OWNER)) as owner:
        assert owner.execute("SELECT count(*) FROM scratch_note").fetchone() == (0,)


@pytest.mark.parametrize("wrong", [0, -1, True, "1", 1.0, None])
def test_a_scope_takes_only_the_id_of_a_city(wrong: Any) -> None:
    with pytest.raises(UnscopedQuery), city_scope(wrong):
        pytest.fail("the block must not run")


def test_a_login_that_passes_row_security_is_dropped_to_the_app_role(
    cluster: embedded.Cluster, notes: DatabaseWrapper
) -> None:
    notes.close()
    notes.close_pool()
    notes.settings_dict["USER"] = SUPERUSER
    assert _seen(query="SELECT session_user::text || current_user::text") == [SUPERUSER + APP]
    assert _seen() == []
    with city_scope(2):
        assert _seen() == ["of 2"]


def test_a_login_that_passes_row_security_is_refused_where_there_is_no_app_role(
    cluster: embedded.Cluster, scratch: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamppost.database.credentials.APP", "nobody_here")
    scratch.settings_dict["USER"] = SUPERUSER
    scratch.settings_dict["OPTIONS"]["pool"]["timeout"] = 0.5
    with pytest.raises(DatabaseUnavailable, match="can pass row security"):
        _seen()


def test_a_pooler_in_between_is_refused_unless_it_is_said_to_keep_sessions(
    scratch: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pooler gives out a process number of its own invention.
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)
    scratch.settings_dict["OPTIONS"]["pool"]["timeout"] = 0.5
    with pytest.raises(DatabaseUnavailable, match="pooler"):
        _seen()
    scratch.settings_dict["LAMPPOST_POOLER"] = "session"
    assert _seen() == []


# --- the right city in every situation --------------------------------------------------------


def test_each_scope_sees_its_own_and_scopes_nest(notes: DatabaseWrapper) -> None:
    with city_scope(1):
        assert _seen() == ["of 1"]
        with city_scope(2):
            assert _seen() == ["of 2"]
            with no_city():
                assert _seen() == []
        assert _seen() == ["of 1"]
    assert _seen() == []
    assert current_city_id() is None


def test_a_rollback_takes_back_rows_and_not_the_city(notes: DatabaseWrapper) -> None:
    with city_scope(2):
        assert _seen() == ["of 2"]
    with city_scope(1):
        with suppress(_Stop), transaction.atomic("scratch"):
            # The setting is made inside the transaction, so the server undoes it as well.
            _add(1, "undone")
            raise _Stop
        assert _seen() == ["of 1"]


def test_the_city_of_a_committed_transaction_stays(
    notes: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with city_scope(1), _sent(monkeypatch) as sent:
        with transaction.atomic("scratch"):
            _add(1, "kept")
        assert _seen() == ["kept", "of 1"]
    assert sent == ["SET lamppost.city_id = '1'"]


def test_a_savepoint_rolled_back_after_a_change_of_city(notes: DatabaseWrapper) -> None:
    with transaction.atomic("scratch"):
        with city_scope(1):
            assert _seen() == ["of 1"]
        with city_scope(2):
            with suppress(_Stop), transaction.atomic("scratch"):
                assert _seen() == ["of 2"]
                raise _Stop
            # The server is back at city 1.
            assert _seen() == ["of 2"]
        with city_scope(1):
            assert _seen() == ["of 1"]


def test_an_error_in_a_savepoint_then_another_city(notes: DatabaseWrapper) -> None:
    with city_scope(1), transaction.atomic("scratch"):
        with city_scope(2):
            with pytest.raises(DatabaseError), transaction.atomic("scratch"):
                _seen(query="SELECT 1 / 0")
            assert _seen() == ["of 2"]
        assert _seen() == ["of 1"]


def _commit_in_vain(raw: TenantConnection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        raw.execute("SELECT 1 / 0")
    raw.commit()


_BEHIND_OUR_BACK: list[tuple[str, Callable[[Any], None]]] = [
    ("rollback in SQL", lambda c: c.execute("ROLLBACK")),
    ("rollback among others", lambda c: c.execute("SELECT 1; ROLLBACK; BEGIN")),
    ("rollback to a savepoint", lambda c: c.execute("ROLLBACK TO SAVEPOINT here")),
    ("commit in vain", _commit_in_vain),
    ("rollback of the driver", lambda c: c.rollback()),
    ("reset", lambda c: c.execute("RESET lamppost.city_id")),
    ("reset of everything", lambda c: c.execute("RESET ALL")),
    ("set in SQL", lambda c: c.execute("SET lamppost.city_id = '2'")),
    ("set for the transaction", lambda c: c.execute("SET LOCAL lamppost.city_id = '2'")),
]


@pytest.mark.parametrize(
    ("name", "act"), _BEHIND_OUR_BACK, ids=[name for name, _act in _BEHIND_OUR_BACK]
)
def test_what_changes_the_setting_behind_our_back_is_noticed(
    notes: DatabaseWrapper, name: str, act: Callable[[Any], None]
) -> None:
    notes.ensure_connection()
    raw: TenantConnection = notes.connection
    with city_scope(2):
        raw.execute("BEGIN")
        raw.execute("SAVEPOINT here")
    with city_scope(1):
        # Sent inside the transaction and after its savepoint: undone with either.
        raw.execute("SELECT 1")
        act(raw)
        assert raw.execute(_ALL).fetchall() == [("of 1",)]
        raw.rollback()
        assert raw.execute(_ALL).fetchall() == [("of 1",)]


def test_discard_all_is_noticed(notes: DatabaseWrapper) -> None:
    with city_scope(1):
        _seen()
        with notes.cursor() as cursor:
            cursor.execute("DISCARD ALL")
        assert _seen() == ["of 1"]


def test_a_drivers_own_transaction_block_that_swallows_a_rollback(
    notes: DatabaseWrapper,
) -> None:
    notes.ensure_connection()
    raw: TenantConnection = notes.connection
    with city_scope(2):
        raw.execute("SELECT 1")
    with city_scope(1):
        with raw.transaction():
            with raw.transaction():
                raw.execute("SELECT 1")
                raise psycopg.Rollback
            assert raw.execute(_ALL).fetchall() == [("of 1",)]
        with raw.transaction(force_rollback=True):
            assert raw.execute(_ALL).fetchall() == [("of 1",)]
        assert raw.execute(_ALL).fetchall() == [("of 1",)]


def test_statements_of_a_commit_hook_run_in_the_scope_around_the_commit(
    notes: DatabaseWrapper,
) -> None:
    seen: list[list[Any]] = []
    with city_scope(2), transaction.atomic("scratch"):
        transaction.on_commit(lambda: seen.append(_seen()), using="scratch")
        with city_scope(1):
            assert _seen() == ["of 1"]
    assert seen == [["of 2"]]


@pytest.mark.parametrize("binding", [True, False])
@pytest.mark.parametrize("inside", [True, False])
def test_a_cursor_on_the_server_stays_with_the_city_it_was_opened_for(
    notes: DatabaseWrapper, binding: bool, inside: bool
) -> None:
    notes.settings_dict["OPTIONS"]["server_side_binding"] = binding
    with city_scope(1):
        for number in range(5):
            _add(1, f"more {number}")
    with transaction.atomic("scratch") if inside else no_city():
        with city_scope(1):
            cursor = notes.chunked_cursor()
            cursor.execute("SELECT text FROM scratch_note WHERE id > %s ORDER BY id", [0])
            assert cursor.fetchmany(1) == [("of 1",)]
        with city_scope(2):
            assert _seen() == ["of 2"]
            assert cursor.fetchmany(2) == [("more 0",), ("more 1",)]
            assert _seen() == ["of 2"]
        assert [row[0] for row in cursor] == ["more 2", "more 3", "more 4"]
        assert _seen() == []
        cursor.close()


def test_every_other_way_to_run_a_statement_carries_the_city(notes: DatabaseWrapper) -> None:
    def fresh() -> Any:
        with no_city():
            _seen()
        return notes.cursor()

    with city_scope(1):
        with fresh() as cursor:
            cursor.executemany(
                "INSERT INTO scratch_note (city_id, text) VALUES (%s, %s)", [(1, "a"), (1, "b")]
            )
        with fresh() as cursor, cursor.copy(f"COPY ({_ALL}) TO STDOUT") as copy:
            assert sorted(copy.rows()) == [("a",), ("b",), ("of 1",)]
        with fresh() as cursor:
            assert list(cursor.stream(_ALL)) == [("a",), ("b",), ("of 1",)]
        with fresh() as cursor:
            cursor.callproc("current_setting", ["lamppost.city_id"])
            assert cursor.fetchone() == ("1",)
        with fresh(), notes.connection.pipeline():
            first = notes.connection.execute(_ALL)
            with no_city():
                second = notes.connection.execute(_ALL)
            third = notes.connection.execute(_ALL)
            assert [len(answer.fetchall()) for answer in (first, second, third)] == [3, 0, 3]


def test_a_city_that_a_broken_pipeline_never_sent(notes: DatabaseWrapper) -> None:
    notes.ensure_connection()
    raw: TenantConnection = notes.connection
    with city_scope(2):
        raw.execute("SELECT 1")
    with suppress(psycopg.Error), raw.pipeline():
        with city_scope(2):
            raw.execute("SELECT 1 / 0")
        with city_scope(1):
            raw.execute("SELECT 1")
    with city_scope(1):
        assert _seen() == ["of 1"]


def test_copy_into_a_tenant_table_is_refused_by_postgresql_and_arrays_do_instead(
    scratch: DatabaseWrapper,
) -> None:
    with city_scope(1), scratch.cursor() as cursor:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="COPY FROM"):
            cursor.copy("COPY scratch_note (city_id, text) FROM STDIN").__enter__()
        cursor.execute(
            "INSERT INTO scratch_note (city_id, text) SELECT 1, unnest(%s::text[])", [["a", "b"]]
        )
        assert _seen() == ["a", "b"]


def test_set_transaction_may_still_come_first(notes: DatabaseWrapper) -> None:
    with city_scope(1), transaction.atomic("scratch"):
        _seen(query="SHOW transaction_isolation")
    with city_scope(2), transaction.atomic("scratch"), notes.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        assert _seen(query="SHOW transaction_isolation") == ["serializable"]


# --- threads and pools ------------------------------------------------------------------------


def test_a_backend_handed_from_thread_to_thread_never_carries_a_city_along(
    one_backend: DatabaseWrapper,
) -> None:
    def visit(city_id: int | None) -> tuple[int, list[Any]]:
        try:
            if city_id is None:
                return _seen(query="SELECT pg_backend_pid()")[0], _seen()
            with city_scope(city_id):
                return _seen(query="SELECT pg_backend_pid()")[0], _seen()
        finally:
            connections["scratch"].close()

    for city_id in (1, 2):
        with city_scope(city_id):
            _add(city_id, f"of {city_id}")
    one_backend.close()
    backends = set()
    for visitor in (1, 2, None, 1, None, 2):
        with ThreadPoolExecutor(1) as thread:
            backend, seen = thread.submit(visit, visitor).result()
        backends.add(backend)
        assert seen == ([] if visitor is None else [f"of {visitor}"])
    assert len(backends) == 1


def test_many_threads_of_two_cities_at_once(notes: DatabaseWrapper) -> None:
    start = threading.Barrier(8)

    def work(number: int) -> set[tuple[Any, ...]]:
        city_id = number % 2 + 1
        answers = set()
        start.wait()
        for turn in range(40):
            with city_scope(city_id):
                if turn % 3 == 0:
                    with pytest.raises(DatabaseError), transaction.atomic("scratch"):
                        _seen(query="SELECT 1 / 0")
                answers.add((city_id, *_seen()))
            with city_scope(3 - city_id), transaction.atomic("scratch"):
                answers.add((3 - city_id, *_seen()))
            connections["scratch"].close()
        return answers

    with ThreadPoolExecutor(8) as threads:
        results = set().union(*threads.map(work, range(8)))
    assert results == {(1, "of 1"), (2, "of 2")}


def test_a_thread_inherits_no_city(notes: DatabaseWrapper) -> None:
    with city_scope(1), ThreadPoolExecutor(1) as thread:
        assert thread.submit(current_city_id).result() is None


def test_a_backend_that_died_in_the_pool_is_replaced(
    cluster: embedded.Cluster, one_backend: DatabaseWrapper
) -> None:
    pid = _seen(query="SELECT pg_backend_pid()")[0]
    one_backend.close()
    with psycopg.connect(cluster.dsn(SUPERUSER)) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert _seen(query="SELECT pg_backend_pid()")[0] != pid


# --- cost -------------------------------------------------------------------------------------


def test_nothing_is_sent_while_the_city_stays(
    one_backend: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    _seen()
    with _sent(monkeypatch) as sent:
        for _ in range(3):
            with city_scope(1):
                _seen()
                with transaction.atomic("scratch"):
                    _add(1, "x")
                one_backend.close()
        assert sent == ["SET lamppost.city_id = '1'"]
        with city_scope(2):
            _seen()
    assert sent[1:] == ["SET lamppost.city_id = '2'"]
