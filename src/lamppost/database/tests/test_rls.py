from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import DatabaseError, connections
from django.db.migrations.state import ProjectState

from lamppost.database import embedded
from lamppost.database.backend.base import DatabaseWrapper
from lamppost.database.clone import clone_database, drop_database
from lamppost.database.credentials import APP, OWNER, SUPERUSER
from lamppost.database.rls import (
    AppendOnly,
    EnableRowSecurity,
    GrantApp,
    make_app_role_sql,
    missing_row_security,
    row_security_sql,
)
from lamppost.database.scope import city_scope
from lamppost.database.settings import database_settings


@pytest.fixture
def owner(cluster: embedded.Cluster, scratch: DatabaseWrapper) -> Iterator[DatabaseWrapper]:
    """The owner's connection, to a copy of the scratch database that a test may spoil."""
    scratch.close()
    scratch.close_pool()
    clone_database(cluster, "lamppost", "spoiled")
    settings = {**scratch.settings_dict, "NAME": "spoiled", "LAMPPOST_ROLE": OWNER, "USER": ""}
    settings["OPTIONS"] = {k: v for k, v in settings["OPTIONS"].items() if k != "pool"}
    connection = DatabaseWrapper(settings, "spoiled")
    connections["spoiled"] = connection
    yield connection
    connection.close()
    del connections["spoiled"]
    drop_database(cluster, "spoiled")


def _run(connection: DatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("name", ["a b", "a;b", 'a"', "A", "", "x" * 64, "public.a"])
def test_names_that_would_need_quoting_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a plain table name"):
        EnableRowSecurity([name])


@pytest.mark.parametrize(
    "opened",
    [
        "ALTER TABLE scratch_note NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE scratch_note DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON scratch_note",
        "CREATE POLICY also ON scratch_note USING (true)",
        "ALTER POLICY tenant ON scratch_note USING (true)",
        "ALTER POLICY tenant ON scratch_note WITH CHECK (true)",
    ],
)
def test_a_table_that_was_opened_is_named(owner: DatabaseWrapper, opened: str) -> None:
    assert missing_row_security(owner) == []
    _run(owner, opened)
    assert missing_row_security(owner) == ["scratch_note"]
    _run(owner, "DROP POLICY IF EXISTS also ON scratch_note", *row_security_sql("scratch_note"))
    assert missing_row_security(owner) == []


def test_a_new_table_with_a_city_and_no_lock_is_named(owner: DatabaseWrapper) -> None:
    _run(owner, "CREATE TABLE fresh (id int, city_id int)", "CREATE TABLE other (id int)")
    assert missing_row_security(owner) == ["fresh"]


def test_the_operations_lock_and_unlock(owner: DatabaseWrapper) -> None:
    _run(owner, "CREATE TABLE fresh (id int, city_id int)")
    state = ProjectState()
    lock, append, grant = EnableRowSecurity(["fresh"]), AppendOnly(["fresh"]), GrantApp()
    with owner.schema_editor() as editor:
        for operation in (grant, lock, lock, append, append):
            operation.database_forwards("scratch", editor, state, state)
    assert missing_row_security(owner) == []
    for statement in ("UPDATE fresh SET id = 1", "DELETE FROM fresh", "TRUNCATE fresh"):
        with pytest.raises(DatabaseError, match="append-only"):
            _run(owner, statement)
    with owner.schema_editor() as editor:
        for undone in (append, lock):
            undone.database_backwards("scratch", editor, state, state)
    assert missing_row_security(owner) == ["fresh"]
    _run(owner, "DELETE FROM fresh")
    assert lock.deconstruct() == ("EnableRowSecurity", [], {"tables": ["fresh"]})
    assert "fresh" in lock.describe()


@pytest.mark.parametrize(
    "statement", ["UPDATE scratch_log SET text = 'x'", "DELETE FROM scratch_log"]
)
def test_an_append_only_table_takes_rows_and_gives_none_back(
    scratch: DatabaseWrapper, statement: str
) -> None:
    _run(scratch, "INSERT INTO scratch_log VALUES (1, 'a')")
    with pytest.raises(DatabaseError, match="scratch_log is append-only"):
        _run(scratch, statement)
    with scratch.cursor() as cursor:
        cursor.execute("SELECT text FROM scratch_log")
        assert cursor.fetchall() == [("a",)]


def test_a_copy_has_rows_and_rights_of_its_template(
    cluster: embedded.Cluster, owner: DatabaseWrapper
) -> None:
    with psycopg.connect(cluster.dsn(APP, "spoiled")) as app:
        assert app.execute("SELECT count(*) FROM cities_city").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE SCHEMA mine")
    clone_database(cluster, "lamppost", "spoiled")
    drop_database(cluster, "spoiled")
    drop_database(cluster, "spoiled")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(cluster.dsn(APP, "spoiled"))


# What the function ``mercator`` stands for.
_PLANE = "point(radians(at[0]), asinh(tan(radians(at[1]))))"


def test_searches_under_row_security_use_their_index(
    cluster: embedded.Cluster, owner: DatabaseWrapper
) -> None:
    _run(
        owner,
        "CREATE TABLE found (city_id bigint, at point, words tsvector, name text)",
        "INSERT INTO found SELECT 1, point(i % 100, i / 100), to_tsvector('simple', 'w' || i), "
        "'name of ' || md5(i::text) FROM generate_series(1, 20000) i",
        "CREATE INDEX found_at ON found USING gist (at)",
        f"CREATE INDEX found_ground ON found USING gist ({_PLANE}) WHERE at IS NOT NULL",
        "CREATE INDEX found_words ON found USING gin (words)",
        "CREATE INDEX found_name ON found USING gin (name gin_trgm_ops)",
        *row_security_sql("found"),
    )
    _run(owner, "ANALYZE found")
    plans = {
        "found_at": "at <@ box(point(1, 1), point(2, 2))",
        "found_ground": f"{_PLANE} <@ box(point(0, 0), point(0.1, 0.1)) AND at IS NOT NULL",
        "found_words": "words @@ to_tsquery('simple', 'w77')",
        "found_name": "name ILIKE '%c4ca4238a0%'",
    }
    with psycopg.connect(cluster.dsn(APP, "spoiled")) as app:
        app.execute("SET lamppost.city_id = '1'")
        for index, condition in plans.items():
            plan = app.execute(
                f"EXPLAIN (COSTS OFF) SELECT * FROM found WHERE {condition}".encode()
            ).fetchall()
            assert any(index in line[0] for line in plan), plan


def test_a_server_of_somebody_elses_gets_the_app_role_by_migration_and_is_used_through_it(
    cluster: embedded.Cluster, scratch: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The embedded server plays it: a login that may make roles, and no role of ours yet.
    monkeypatch.setattr("lamppost.database.rls.APP_ROLE", "city_app")
    monkeypatch.setattr("lamppost.database.credentials.APP", "city_app")
    with psycopg.connect(cluster.dsn(SUPERUSER), autocommit=True) as admin:
        admin.execute("CREATE ROLE city_dba LOGIN PASSWORD 'x' NOCREATEROLE")
        admin.execute("CREATE DATABASE theirs OWNER city_dba")
        url = f"postgresql://city_dba:x@/theirs?host={cluster.socket}"
        settings = database_settings(cluster.home, {"DATABASE_URL": url})
        connections.settings.update(
            {
                f"their_{name}": connections.configure_settings({"default": {}, name: alias})[name]
                for name, alias in settings.items()
            }
        )
        owner, app = connections["their_owner"], connections["their_default"]
        assert isinstance(app, DatabaseWrapper)
        assert isinstance(owner, DatabaseWrapper)
        try:
            _run(owner, "CREATE TABLE thing (id int, city_id int)", *row_security_sql("thing"))
            with pytest.raises(DatabaseError, match="may not make the role city_app") as refusal:
                _run(owner, make_app_role_sql())
            assert "GRANT city_app TO city_dba" in str(refusal.value)
            admin.execute("ALTER ROLE city_dba CREATEROLE")
            state = ProjectState()
            with owner.schema_editor() as editor:
                GrantApp().database_forwards("scratch", editor, state, state)
            with city_scope(1):
                _run(app, "INSERT INTO thing VALUES (1, 1)")
            with app.cursor() as cursor:
                cursor.execute("SELECT session_user, current_user, count(*) FROM thing")
                assert cursor.fetchone() == ("city_dba", "city_app", 0)
            with pytest.raises(DatabaseError, match="must be owner"):
                _run(app, "ALTER TABLE thing DISABLE ROW LEVEL SECURITY")
        finally:
            owner.close()
            app.close()
            app.close_pool()
            for name in settings:
                del connections[f"their_{name}"], connections.settings[f"their_{name}"]
            admin.execute("DROP DATABASE theirs WITH (FORCE)")
            admin.execute("DROP ROLE IF EXISTS city_app")
            admin.execute("DROP ROLE city_dba")
