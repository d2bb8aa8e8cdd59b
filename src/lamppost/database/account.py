"""The operating system account PostgreSQL runs under, since it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lamppost.database.errors import DatabaseUnavailable

# Tried in this order when we are root: the account packages make for PostgreSQL, or nobody.
_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account other than root; `switch` is true when we must change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(
        self, command: Sequence[str | Path], *, cwd: Path | None = None, timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a program under this account, without our environment's PG* variables."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment |= {"LC_ALL": "C", "HOME": "/"}
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd or "/",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )

    def give(self, path: Path, mode: int) -> None:
        """Set a path's mode and, when we are root, make this account its owner."""
        path.chmod(mode)
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this account can enter a folder (root's own folders are often closed)."""
        if not self.switch:
            return os.access(path, os.X_OK)
        return self.run(["test", "-x", path], timeout_s=10).returncode == 0


def server_account(data: Path) -> Account:
    """The account for a data folder: its owner when it exists, else ourselves or a plain one.

    Raises `DatabaseUnavailable` when the data belongs to somebody we cannot become, or we are
    root and the machine has no plain account.
    """
    me = os.geteuid()
    owner = data.stat().st_uid if data.exists() else me
    if me != 0:
        if owner != me:
            raise DatabaseUnavailable(
                f"The database in {data} belongs to the account with number {owner}.",
                "Run Lamppost as that account, or give the folder to yours with chown.",
            )
        return Account(_name_of(me), me, os.getegid(), switch=False)
    if owner != 0:
        return Account(_name_of(owner), owner, data.stat().st_gid, switch=True)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    raise DatabaseUnavailable(
        "PostgreSQL refuses to run as root and this machine has no account postgres or nobody.",
        "Make one (useradd --system postgres) or run Lamppost as a plain user.",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
