"""The web server's process: granian around the application, told to end with its parent."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from lamppost.commands.bodies import MOST_CONNECTIONS, Gate
from lamppost.commands.lifeline import hold_on_to, hold_on_to_supervisor

# Threads mostly wait for slow senders, and are started when they are needed; how many work at a
# time is the gate's to say. Two hundred uploads at once find a place in either of two processes.
THREADS = 192
AT_WORK = 4
DESCRIPTORS = 4096
_BACKLOG = 1024
# Seconds a worker process may finish what it answers when it is told to end.
_STOP_LIMIT_S = 12
_HEADER_LIMIT_MS = 10_000


def main() -> None:
    """Serve until SIGTERM. Each worker ends when this process is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    load_before_fork()
    allow_descriptors()
    hold_on_to_supervisor()
    server = Granian(
        "lamppost.wsgi:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=THREADS,
        backlog=_BACKLOG,
        backpressure=MOST_CONNECTIONS,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_LIMIT_MS),
        # No access log: addresses carry what residents look for.
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_LIMIT_S,
    )
    server.serve(target_loader=partial(load, os.getpid()), wrap_loader=False)


def allow_descriptors() -> None:
    """Raise what a shell allows, often 1,024, to what connections and bodies in files may take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def load_before_fork() -> None:
    """Load the application here, once, so that the worker processes share its memory.

    Only where workers are forked, which is Linux: elsewhere each loads its own. Nothing that
    is loaded opens a connection or starts a thread, since neither survives a fork.
    """
    if sys.platform != "linux":
        return
    multiprocessing.set_start_method("fork")
    # Collecting would leave holes, which the workers would fill, each its own copy of the page.
    gc.disable()
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils.translation import gettext, override

    from lamppost.catalog.danger import look, shipped_languages
    from lamppost.places import area_index  # noqa: F401
    from lamppost.wsgi import application  # noqa: F401

    # Words of danger are made ready for looking when something is looked at.
    look("all is well", shipped_languages())
    for language, _name in settings.LANGUAGES:
        with override(language):
            # Messages and addresses are kept by language, from the first use on.
            gettext("Report a problem")
            _addresses = get_resolver().reverse_dict
    # Nor may a worker's collector write to what they share.
    gc.freeze()
    gc.enable()


def load(parent: int) -> Callable[..., Any]:
    """Return the application; called in each worker process, whose parent is ``parent``."""
    hold_on_to(parent)
    from lamppost.wsgi import application

    return Gate(application, threads=THREADS, at_work=AT_WORK)


if __name__ == "__main__":
    main()
