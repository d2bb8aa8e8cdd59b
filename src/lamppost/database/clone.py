"""Copies of a database within the embedded server: of one migrated template, for tests."""

from __future__ import annotations

import psycopg
from psycopg import sql

from lamppost.database import credentials, roles
from lamppost.database.embedded import Cluster


def clone_database(cluster: Cluster, template: str, name: str) -> None:
    """Make database `name` as a copy of `template`, rights included; one of that name goes.

    Raises psycopg.errors.ObjectInUse while somebody is connected to the template.
    """
    with _admin(cluster) as admin:
        _drop(admin, name)
        admin.execute(
            # The log-based way would write every page twice.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(credentials.OWNER)
            )
        )
        # Rights on a database, unlike those in it, are not copied.
        for statement in roles.database_privileges(name):
            admin.execute(statement)


def drop_database(cluster: Cluster, name: str) -> None:
    """Remove a database if it exists, ending its connections."""
    with _admin(cluster) as admin:
        _drop(admin, name)


def _drop(admin: roles.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(cluster: Cluster) -> roles.Connection:
    return psycopg.connect(cluster.dsn(credentials.SUPERUSER, "postgres"), autocommit=True)
