from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError, connections, transaction

from lamppost.database import embedded
from lamppost.database.backend.base import DatabaseWrapper
from lamppost.database.backend.connection import TenantConnection
from lamppost.database.credentials import SUPERUSER
from lamppost.database.scope import city_scope
from lamppost.database.short_reads import Row, read_row

_TEXTS = "SELECT string_agg(text, ',' ORDER BY text) FROM scratch_note"


def _read(sql: str, **params: Any) -> Row | None:
    return read_row(sql, params, using="scratch")


def _add(city_id: int, text: str) -> None:
    with city_scope(city_id), connections["scratch"].cursor() as cursor:
        cursor.execute("INSERT INTO scratch_note (city_id, text) VALUES (%s, %s)", [city_id, text])


@pytest.fixture
def at_rest(scratch: DatabaseWrapper) -> DatabaseWrapper:
    """A note in each city, and no connection held by this thread: reads borrow one."""
    for city_id in (1, 2):
        _add(city_id, f"of {city_id}")
    scratch.close()
    return scratch


# --- refusals ---------------------------------------------------------------------------------


def test_without_a_city_nothing_is_seen(at_rest: DatabaseWrapper) -> None:
    assert _read(_TEXTS) == (None,)


def test_another_citys_rows_are_not_seen_on_the_very_same_connection(
    at_rest: DatabaseWrapper,
) -> None:
    for city_id in (1, 2, 1):
        with city_scope(city_id):
            assert _read(_TEXTS) == (f"of {city_id}".encode(),)


@pytest.mark.parametrize(
    ("sql", "params", "error"),
    [
        ("SELECT nothing FROM scratch_note", {}, ProgrammingError),
        ("SELECT 1 / %(zero)s::int", {"zero": 0}, DatabaseError),
        ("SELECT %(text)s::int", {"text": "four"}, DatabaseError),
    ],
)
def test_what_the_server_refuses_is_djangos_error_and_the_connection_goes_on(
    at_rest: DatabaseWrapper, sql: str, params: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _read(sql, **params)
    assert _read("SELECT 'still here'") == (b"still here",)


def test_a_server_gone_in_the_middle_is_an_operational_error_and_the_next_read_works(
    at_rest: DatabaseWrapper, cluster: embedded.Cluster
) -> None:
    with pytest.raises(OperationalError):
        _read("SELECT pg_terminate_backend(pg_backend_pid())::text")
    with psycopg.connect(cluster.dsn(SUPERUSER)) as server:
        server.execute("SELECT 1")
    assert _read("SELECT 'back'") == (b"back",)


def test_a_server_gone_before_the_statement_is_prepared_is_one_too(
    at_rest: DatabaseWrapper, cluster: embedded.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(connection: TenantConnection) -> None:
        with psycopg.connect(cluster.dsn(SUPERUSER), autocommit=True) as server:
            ended = server.execute(
                "SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid]
            ).fetchone()
        assert ended == (True,)

    with monkeypatch.context() as patch:
        patch.setattr(TenantConnection, "apply_current_city", end)
        with pytest.raises(OperationalError):
            _read("SELECT 'never prepared before'")
    assert _read("SELECT 'back'") == (b"back",)


# --- what comes back --------------------------------------------------------------------------


def test_no_row_a_null_and_bytes_as_they_were_sent(at_rest: DatabaseWrapper) -> None:
    assert _read("SELECT 1 WHERE false") is None
    assert _read("SELECT NULL, %(text)s::text", text="caf\u00e9 \u2013 %") == (
        None,
        "caf\u00e9 \u2013 %".encode(),
    )


def test_a_name_used_twice_a_null_and_a_doubled_percent_sign(at_rest: DatabaseWrapper) -> None:
    sql = "SELECT (%(n)s::int + %(n)s::int)::text || '%%', %(none)s::text"
    assert _read(sql, n=4, none=None) == (b"8%", None)


def test_who_watches_statements_gets_the_same_answer(at_rest: DatabaseWrapper) -> None:
    seen: list[str] = []

    def watch(run: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return run(sql, *rest)

    sql = "SELECT %(n)s::int, NULL, 'caf\u00e9'"
    plain = _read(sql, n=4)
    with at_rest.execute_wrapper(watch):
        assert _read(sql, n=4) == plain
    assert seen == [sql]


# --- connections ------------------------------------------------------------------------------


def test_inside_a_transaction_its_own_rows_are_seen(at_rest: DatabaseWrapper) -> None:
    with city_scope(1), transaction.atomic(using="scratch"):
        _add(1, "unfinished")
        assert _read(_TEXTS) == (b"of 1,unfinished",)
        transaction.set_rollback(True, using="scratch")
    with city_scope(1):
        assert _read(_TEXTS) == (b"of 1",)


def test_a_thread_keeps_no_connection_after_a_read(at_rest: DatabaseWrapper) -> None:
    _read("SELECT 1")
    assert at_rest.connection is None


def test_more_statements_than_are_kept(at_rest: DatabaseWrapper) -> None:
    for number in [*range(400), 0]:
        assert _read(f"SELECT 'of {number}'") == (f"of {number}".encode(),)
    kept = _read("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'short_read_%%'")
    assert kept is not None
    assert kept[0] is not None
    assert 0 < int(kept[0]) <= 100


@pytest.mark.parametrize("lost_by", ["DISCARD ALL", "DEALLOCATE ALL", "ROLLBACK"])
def test_statements_the_server_has_forgotten_are_prepared_again(
    at_rest: DatabaseWrapper, lost_by: str
) -> None:
    # The pool hands its connections round.
    for _ in range(4):
        assert _read("SELECT 'a thing'") == (b"a thing",)
    with at_rest.cursor() as cursor:
        # A statement psycopg itself has prepared: only then does it clear up after a rollback.
        for _ in range(3):
            cursor.execute("SELECT %s::int", [1])
        if lost_by == "ROLLBACK":
            cursor.execute("BEGIN", None)
        cursor.execute(lost_by, None)
        cursor.execute("SELECT count(*) FROM pg_prepared_statements", None)
        assert cursor.fetchone() == (0,)
    at_rest.close()
    for _ in range(4):
        assert _read("SELECT 'a thing'") == (b"a thing",)
