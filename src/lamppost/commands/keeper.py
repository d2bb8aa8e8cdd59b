"""The embedded server, looked after by whoever watches over an installation."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from lamppost.database import leases, postmaster

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0


class DatabaseKeeper:
    """Starts the server of a LAMPPOST_HOME again when it is gone; what it committed is there."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._failures = 0
        self._again_at = 0.0

    def keep(self) -> None:
        """Start it unless it runs, or could not be started a moment ago."""
        if time.monotonic() < self._again_at:
            return
        if postmaster.pid_of(leases.data_folder(self._home)) is not None:
            self._failures = 0
            return
        logger.error("the database server is gone; starting it again")
        problem = _start(self._home)
        if problem is not None:
            # A full disk, for example: it may have room again in a minute.
            pause = min(_LONGEST_PAUSE_S, 2.0**self._failures)
            self._failures += 1
            self._again_at = time.monotonic() + pause
            logger.error("%s Trying again in %.0f s.", problem, pause)


def _start(home: Path) -> Exception | None:
    """Start the server; return what went wrong, if anything did."""
    # Only here: the driver would triple the memory of a process that mostly sleeps.
    import subprocess

    import psycopg

    from lamppost.database.embedded import ensure_running
    from lamppost.database.errors import DatabaseUnavailable

    try:
        ensure_running(home)
    except (DatabaseUnavailable, OSError, psycopg.Error, subprocess.SubprocessError) as error:
        return error
    return None
