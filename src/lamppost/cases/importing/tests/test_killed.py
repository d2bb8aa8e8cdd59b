"""The real command in a process of its own: killed without warning, and watched for memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lamppost.cases.importing.tests.support import MAPPING, row, write
from lamppost.database import credentials
from lamppost.database.clone import clone_database, drop_database

START_LIMIT_S = 60
SETUP = """
from tests.support.cities import make_city
make_city("springfield")
"""


class Place:
    """An installation without a web server: its database and the ``lamppost`` command."""

    def __init__(self, cluster: Any, database: str) -> None:
        self._cluster = cluster
        self._database = database
        top = str(Path(__file__).parents[5])
        self._env = {
            **os.environ,
            "LAMPPOST_TEST_DATABASE": database,
            "PYTHONPATH": os.pathsep.join([top, *sys.path]),
        }
        subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{SETUP}"],
            env=self._env, check=True,
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lamppost.cli", *arguments],
            env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, statement: str) -> Any:
        with psycopg.connect(self._cluster.dsn(credentials.SUPERUSER, self._database)) as admin:
            found = admin.execute(statement.encode()).fetchone()
        return found[0] if found else None


@pytest.fixture(scope="module")
def place(cluster: Any, template_database: str) -> Iterator[Place]:
    database = f"import_{os.getpid()}"
    clone_database(cluster, template_database, database)
    yield Place(cluster, database)
    drop_database(cluster, database)


@pytest.fixture(scope="module")
def mapping_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mappings") / "test.yaml"
    path.write_text(MAPPING)
    return path


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if happened():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("it took too long")


def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(
    place: Place, mapping_file: Path, tmp_path: Path
) -> None:
    # Numbers apart from those of the other test.
    rows = (
        row(number, kind="Unicorn" if number % 11 == 0 else "Pothole")
        for number in range(1_000_000, 1_016_000)
    )
    path = write(tmp_path / "requests.csv", rows)
    command = ("import", "requests", str(path), "--format", str(mapping_file), "--json")
    done = "SELECT coalesce(max(rows_done), 0) FROM cases_importrun"
    for at_least in (1, 10_000):
        process = place.start(*command)
        wait_until(lambda wanted=at_least: place.ask(done) >= wanted, process)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert 10_000 <= place.ask(done) < 16_000
    printed, errors = place.start(*command).communicate()
    figures = json.loads(printed)
    assert errors == ""
    assert figures["skipped"] >= 10_000
    assert figures["skipped"] + figures["read"] == 16_000
    bad = len([number for number in range(1_000_000, 1_016_000) if number % 11 == 0])
    mine = "FROM cases_case WHERE number::bigint >= 1000000"
    assert place.ask(f"SELECT count(*) {mine}") == 16_000 - bad
    assert place.ask(f"SELECT count(DISTINCT number) {mine}") == 16_000 - bad
    # No case without its event, no event twice, every clock with its case.
    assert place.ask(
        "SELECT count(*) FROM (SELECT c.id FROM cases_case c JOIN cases_caseevent e"
        " ON e.case_id = c.id WHERE c.number::bigint >= 1000000"
        " GROUP BY c.id HAVING count(*) <> CASE WHEN max(c.state) = 'received' THEN 1 ELSE 2 END) x"
    ) == 0  # fmt: skip
    assert place.ask(
        f"SELECT count(*) FROM cases_clock WHERE case_id IN (SELECT id {mine})"
    ) == 16_000 - bad  # fmt: skip
    with Path(figures["rejects_file"]).open(encoding="utf-8") as file:
        assert sum(1 for _line in file) == bad + 1


def test_memory_does_not_grow_with_the_file(
    place: Place, mapping_file: Path, tmp_path: Path
) -> None:
    used = {}
    for count in (6_000, 24_000):
        first = count * 100
        path = write(tmp_path / f"{count}.csv", (row(first + number) for number in range(count)))
        process = place.start("import", "requests", str(path), "--format", str(mapping_file))
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        used[count] = usage.ru_maxrss / 1024
    # Four times the rows take no more than a few megabytes more.
    assert used[24_000] - used[6_000] < 25
