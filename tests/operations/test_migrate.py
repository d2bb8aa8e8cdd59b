"""Two starts at once: one changes the structure, the other waits for it."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from django.db import connections

from lamppost.commands.migrate import migrate
from lamppost.database.credentials import OWNER


def test_a_second_migrate_waits_until_the_first_is_done(
    django_db_setup: None, django_db_blocker: Any, cluster: Any
) -> None:
    name = connections["owner"].settings_dict["NAME"]
    done = threading.Event()

    def second() -> None:
        with django_db_blocker.unblock():
            migrate()
        done.set()

    thread = threading.Thread(target=second)
    with psycopg.connect(cluster.dsn(OWNER, name), autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(311)")
        thread.start()
        assert not done.wait(2), "it did not wait"
    thread.join(timeout=60)
    assert done.is_set()


def test_the_lock_is_free_after_a_migrate_that_failed(
    django_db_setup: None, django_db_blocker: Any, cluster: Any, monkeypatch: Any
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a migration failed")

    monkeypatch.setattr("lamppost.commands.migrate.call_command", fail)
    name = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock():
        try:
            migrate()
        except RuntimeError:
            pass
        else:
            raise AssertionError("the failure was swallowed")
    with psycopg.connect(cluster.dsn(OWNER, name), autocommit=True) as other:
        row = other.execute("SELECT pg_try_advisory_lock(311)").fetchone()
    assert row == (True,)
