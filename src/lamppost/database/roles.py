"""The database's roles and who may do what.

`postgres` administers the cluster, `lamppost_owner` owns the database and runs migrations,
`lamppost_app` reads and writes rows, and can neither change structure nor pass row security.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from lamppost.database.credentials import APP, OWNER

Connection: TypeAlias = psycopg.Connection[Any]

# Extensions every PostgreSQL ships and the wheel has; created here so that functions of theirs
# can be marked below.
_EXTENSIONS = ("pg_trgm", "btree_gist")

# Row security lets an index serve only conditions that provably leak nothing, so without this
# a full-text, similarity or map search under it reads the whole table. The proof is about
# hostile SQL; ours is written by us, and these functions show no values but in their result.
_MARKED_LEAKPROOF = (
    "ts_match_vq(tsvector, tsquery)",
    "on_pb(point, box)",
    "box_contain_pt(box, point)",
    "textlike(text, text)",
    "texticlike(text, text)",
    "similarity_op(text, text)",
    "word_similarity_op(text, text)",
    "word_similarity_commutator_op(text, text)",
    # What a place on the map's plane is computed with, see plane.py.
    "point(float8, float8)",
    "radians(float8)",
    "tan(float8)",
    "asinh(float8)",
)


def set_up(admin: Connection, inside: Callable[[str], Connection], dbname: str) -> None:
    """Make the database, ready for migrations, or mend one made by an older program.

    The roles exist already.

    Takes an autocommit connection of a superuser to the database `postgres`, and a function
    that opens one to another database.
    """
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone():
        with inside(dbname) as connection:
            _mark(connection)
        return
    # Under another name until it is ready, so that a crash never leaves it half made.
    draft, name = sql.Identifier(f"{dbname}_draft"), sql.Identifier(dbname)
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(draft))
    admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(draft, sql.Identifier(OWNER)))
    with inside(f"{dbname}_draft") as connection:
        prepare_database(connection, f"{dbname}_draft")
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, name))


def make_login_roles(admin: Connection, passwords: Mapping[str, str]) -> None:
    """Make the owner's and the app's role unless they exist, on a superuser's connection."""
    for role in (OWNER, APP):
        _make_role(admin, role, passwords[role])


def _make_role(admin: Connection, role: str, password: str) -> None:
    there = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if there:
        return
    # The driver hashes the password, so that no log or statistics view can hold it.
    hashed = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    admin.execute(
        sql.SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}"
        ).format(sql.Identifier(role), sql.Literal(hashed.decode()))
    )


def database_privileges(dbname: str) -> list[sql.Composed]:
    """Statements that close a database to all but its owner and the app role."""
    return _composed(
        dbname,
        "REVOKE ALL ON DATABASE {db} FROM PUBLIC",
        # TEMPORARY: imports stage their rows in a table of their own.
        "GRANT CONNECT, TEMPORARY ON DATABASE {db} TO {app}",
    )


def schema_privileges(dbname: str) -> list[sql.Composed]:
    """Statements, run inside a database, that give the app role rows: also of tables to come."""
    return _composed(
        dbname,
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
        "GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {app}",
    )


def _composed(dbname: str, *texts: str) -> list[sql.Composed]:
    names = {
        "db": sql.Identifier(dbname),
        "owner": sql.Identifier(OWNER),
        "app": sql.Identifier(APP),
    }
    return [sql.SQL(text).format(**names) for text in texts]


def prepare_database(inside: Connection, dbname: str) -> None:
    """Set privileges, extensions and marks, on an autocommit superuser connection inside it."""
    with inside.transaction():
        for statement in database_privileges(dbname) + schema_privileges(dbname):
            inside.execute(statement)
        for extension in _EXTENSIONS:
            inside.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
            )
        _mark(inside)


def _mark(inside: Connection) -> None:
    """Mark what is not yet marked; a program that comes after may need more marks."""
    rows = inside.execute(
        "SELECT wanted FROM unnest(%s::regprocedure[]) wanted"
        " JOIN pg_proc ON oid = wanted AND NOT proleakproof",
        [list(_MARKED_LEAKPROOF)],
    ).fetchall()
    for (function,) in rows:
        inside.execute(f"ALTER FUNCTION {function} LEAKPROOF".encode())
