"""A real installation for tests: its own database, its own folder, a real web server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from lamppost.database.clone import clone_database, drop_database
from tests.support.databases import make_seeded

_START_LIMIT_S = 60
# Two cities with some cases; the first answers at 127.0.0.1 because it claims that host.
TWO_CITIES = """
from tests.support.seeding import seed_two_cities
seed_two_cities()
"""


@dataclass
class Installation:
    """A running web server. ``run`` executes code in a process of the same installation."""

    url: str
    database: str
    env: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``lamppost ARGUMENTS`` here and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "lamppost.cli", *arguments],
            env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"lamppost {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def python(self, code: str) -> str:
        """Run Python ``code`` with Django set up here; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout


def free_port() -> int:
    """Return a loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_web(installation: Installation, *, workers: int = 1) -> None:
    """Start the web server and wait until it answers."""
    port = installation.url.rpartition(":")[2]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "lamppost.commands.web",
            "--port", port, "--workers", str(workers),
        ],
        env=installation.env,
    )  # fmt: skip
    installation.processes.append(process)
    until = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < until:
        try:
            httpx.get(installation.url + "/", timeout=5)
        except httpx.TransportError:
            if process.poll() is not None:
                raise AssertionError("the web server ended at once") from None
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the web server did not answer in time")


def environment(database: str) -> dict[str, str]:
    """Return what a process of ours needs to work in ``database`` of the test server."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lamppost.settings",
        "LAMPPOST_TEST_DATABASE": database,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]),
    }


@pytest.fixture(scope="session")
def two_cities_database(cluster: Any, template_database: str, testrun_uid: str) -> str:
    """The name of a database with two small cities, to be copied; made once for all workers."""

    def seed(database: str) -> None:
        Installation("", database, environment(database)).python(TWO_CITIES)

    return make_seeded(cluster, template_database, testrun_uid, seed)


@pytest.fixture(scope="session")
def make_installation(
    request: pytest.FixtureRequest, cluster: Any, template_database: str, static_files: Path
) -> Iterator[Callable[..., Installation]]:
    """Start installations; all of them end with the session.

    ``make_installation("name", setup="python code")`` runs the code once before the server
    starts. ``two_cities``: begin with those of ``seed_two_cities`` and not with nothing.
    ``serve=False``: for Python only, without a web server.
    """
    made: list[Installation] = []

    def make(
        name: str, *, two_cities: bool = False, setup: str = "", serve: bool = True
    ) -> Installation:
        database = f"inst_{os.getpid()}_{name}"
        template = (
            request.getfixturevalue("two_cities_database") if two_cities else template_database
        )
        clone_database(cluster, template, database)
        url = f"http://127.0.0.1:{free_port()}" if serve else ""
        installation = Installation(url, database, environment(database))
        made.append(installation)
        if setup:
            installation.python(setup)
        if serve:
            start_web(installation)
        return installation

    yield make
    for installation in made:
        for process in installation.processes:
            process.terminate()
        for process in installation.processes:
            process.wait(timeout=20)
        drop_database(cluster, installation.database)


@pytest.fixture(scope="session")
def static_files(cluster: Any) -> Path:
    """Static files, collected once for the run."""
    from django.conf import settings

    from lamppost.commands.static import collect_static

    collect_static()
    return Path(settings.STATIC_ROOT)


@pytest.fixture(scope="session")
def installation(make_installation: Callable[..., Installation]) -> Installation:
    """A running installation with two small cities; 127.0.0.1 is the first one's host."""
    return make_installation("shared", two_cities=True)
