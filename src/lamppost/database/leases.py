"""Who uses the embedded server: leases on it, and the end of the last one.

Nothing here loads the database's driver: a process that only watches over others stays small.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from lamppost.database import postmaster


def data_folder(home: Path) -> Path:
    """The server's data folder, wherever LAMPPOST_HOME keeps it."""
    return Path(os.path.realpath(home / "postgres"))


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Be the only one who starts or stops the server of ``home`` until the block ends."""
    # The kernel lets go of the lock when the process dies, however it dies.
    handle = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def take(home: Path) -> int:
    """Take a lease and return its file descriptor. The lock is held, or another lease is."""
    lease = os.open(home / "postgres.lease", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lease, fcntl.LOCK_SH)
    return lease


def release(home: Path, lease: int) -> None:
    """End a lease; the last one to go stops a server that a lease started.

    Raises `DatabaseUnavailable` when the server does not stop.
    """
    with locked(home):
        os.close(lease)
        if is_free(home) and _mark(home) == "leased":
            postmaster.stop(data_folder(home))


def is_free(home: Path) -> bool:
    """Whether nobody has a lease. The lock is held."""
    handle = os.open(home / "postgres.lease", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def mark(home: Path, how: str) -> None:
    """Note whether the server goes on without leases (``kept``) or not (``leased``)."""
    (home / "postgres.mark").write_text(how)


def _mark(home: Path) -> str:
    try:
        return (home / "postgres.mark").read_text()
    except FileNotFoundError:
        return "kept"
