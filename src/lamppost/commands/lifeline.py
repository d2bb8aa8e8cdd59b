"""A child that notices when its parent is gone, however the parent went."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT_VARIABLE = "LAMPPOST_PARENT"
_LOOK_EVERY_S = 0.5
# What a process is given to end in order before it ends at once.
_GRACE_S = 15.0


def hold_on_to(parent: int) -> None:
    """End this process when ``parent``, the number of its parent process, is no longer it.

    A parent killed with -9 tells nobody. The kernel's own notice (PR_SET_PDEATHSIG) is
    Linux's only and follows the thread that started us, not the process, so this looks.
    """
    threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()


def hold_on_to_supervisor() -> None:
    """Do so for the process that named itself in the environment, if one did."""
    parent = os.environ.get(PARENT_VARIABLE, "")
    if parent.isdigit():
        hold_on_to(int(parent))


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)
