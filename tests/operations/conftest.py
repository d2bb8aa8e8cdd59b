"""An installation of one's own, migrated and seeded once; each module harms its own copy."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.grounds import Grounds

from lamppost.database.credentials import SUPERUSER
from lamppost.database.embedded import Cluster
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def grounds(
    tmp_path_factory: pytest.TempPathFactory,
    cluster: Any,
    make_installation: Callable[..., Installation],
    static_files: Path,
) -> Iterator[Grounds]:
    """Springfield and Shelbyville in a folder, with a database server, of their own."""
    home = tmp_path_factory.mktemp("grounds") / "home"
    made = Grounds(home)
    # Copied once more: nobody else can copy what is being read.
    seeded = make_installation(f"grounds_{home.parent.name}", two_cities=True, serve=False)
    _copy_database(cluster, seeded.database, made.hold_database())
    # Copied, since their times are compared: to gather them again takes seconds.
    shutil.copytree(static_files, home / "static")
    yield made
    made.destroy()


def _copy_database(source: Cluster, template: str, target: Cluster) -> None:
    """Make in `target` what `migrate` and seeding would: their minute is for other tests."""
    dump = subprocess.run(
        [source.bindir / "pg_dump", "--format=custom", "--dbname", source.dsn(SUPERUSER, template)],
        check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        [target.bindir / "pg_restore", "--exit-on-error", "--dbname", target.dsn(SUPERUSER)],
        input=dump.stdout, check=True, capture_output=True,
    )  # fmt: skip
