"""Fixtures every test may use: a real PostgreSQL, two cities, five people."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

# One embedded server for the whole run, away from the installation's own data; workers
# share it, each with its own copy of one migrated database.
os.environ["LAMPPOST_HOME"] = os.environ.get("LAMPPOST_TEST_HOME") or str(
    Path(tempfile.gettempdir()) / f"lamppost-tests-{os.getuid()}"
)
os.environ.pop("DATABASE_URL", None)
os.environ.pop("DATABASE_REPLICA_URL", None)
# Here and not in pyproject: settings read LAMPPOST_HOME, and the plugins below import models.
os.environ["DJANGO_SETTINGS_MODULE"] = "lamppost.settings"
django.setup()
# A good password hash takes half a second; a hundred accounts would take a minute.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Every test client is an application of its own, which would list all static files at its start.
# Real servers, which some tests start, are processes without this setting.
settings.WHITENOISE_AUTOREFRESH = True

SOURCE = Path(__file__).parent / "src" / "lamppost"


def _schema_digest() -> str:
    found = hashlib.sha256()
    for path in sorted([*SOURCE.glob("*/migrations/*.py"), SOURCE / "database" / "rls.py"]):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """The PostgreSQL server of this run."""
    from tests.support.databases import spare_the_disk

    from lamppost.commands.static import collect_static
    from lamppost.database.embedded import running

    with running(Path(os.environ["LAMPPOST_HOME"])) as server:
        spare_the_disk(server)
        # Pages name their styles by the collected files' digests.
        collect_static()
        yield server


@pytest.fixture(scope="session")
def template_database(cluster: Any) -> str:
    """The name of a database that is migrated and empty; made once per schema."""
    from tests.support.databases import make_template

    return make_template(cluster, f"template_{_schema_digest()}")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, cluster: Any, template_database: str, django_db_blocker: Any
) -> Iterator[None]:
    """Point Django at this worker's own copy of the template."""
    from django.db import connections

    from lamppost.database.clone import clone_database, drop_database

    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"test_{os.getpid()}_{worker}"
    clone_database(cluster, template_database, name)
    with django_db_blocker.unblock():
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        yield
        for connection in connections.all():
            connection.close()
            close_pool = getattr(connection, "close_pool", None)
            if close_pool:
                close_pool()
    drop_database(cluster, name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    from tests.support.order import long_files_first

    items[:] = long_files_first(items)


def pytest_collection_finish() -> None:
    """Let the collector look at what tests leave only: half a million objects stay anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _fresh_memory() -> None:
    """No test sees what another one left in this process."""
    from lamppost.cities.selectors import forget_cities

    forget_cities()


pytest_plugins = ["tests.support.fixtures", "tests.support.installation"]
