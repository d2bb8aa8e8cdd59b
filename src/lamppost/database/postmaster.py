"""The running server process: find it, wait for it, stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from lamppost.database.errors import DatabaseUnavailable

STOP_LIMIT_S = 60.0
_STEP_S = 0.02


def pid_of(data: Path) -> int | None:
    """The process that serves a data folder, or None.

    The number in `postmaster.pid` alone proves nothing: after `kill -9` or a restart of the
    machine it may be a zombie's or belong to another program.
    """
    pid = _recorded(data)
    return pid if pid is not None and _serves(pid, data) else None


def _recorded(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _serves(pid: int, data: Path) -> bool:
    proc = Path("/proc")
    if not (proc / "self").exists():
        answer = subprocess.run(
            ["ps", "-o", "stat=,command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        return str(data) in answer and not answer.startswith("Z")
    try:
        # A zombie has no working folder; PostgreSQL's is its data folder.
        return (proc / str(pid) / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _survivors(data: Path) -> bool:
    # Server processes outlive a killed postmaster by a moment. They still write.
    return any(
        _serves(int(entry.name), data) for entry in Path("/proc").glob("[0-9]*") if entry.is_dir()
    )


def clear_stale(data: Path, socket: Path) -> None:
    """Remove what a killed server left in its data and socket folders and would block a start.

    PostgreSQL takes any living process with a number it finds there, zombies too, for a server.
    To be called with the start lock held and no server running. Raises `DatabaseUnavailable`
    when processes of the old server stay.
    """
    left = [data / "postmaster.pid", *socket.glob(".s.PGSQL.*")]
    if not any(path.exists() for path in left):
        return
    deadline = time.monotonic() + STOP_LIMIT_S
    while _survivors(data):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"Processes of a killed database server still use {data}.",
                "End them (ps -ef | grep postgres) and start again.",
            )
        time.sleep(_STEP_S)
    for path in left:
        path.unlink(missing_ok=True)


def stop(data: Path) -> bool:
    """Shut the server down, ending its connections; False when none ran.

    Raises `DatabaseUnavailable` when it has not ended after a minute.
    """
    pid = pid_of(data)
    if pid is None:
        return False
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_LIMIT_S
    while _serves(pid, data):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The database server (process {pid}) did not stop in {STOP_LIMIT_S:.0f} s.",
                f"See the newest file in {data}/log.",
            )
        time.sleep(_STEP_S)
    return True
