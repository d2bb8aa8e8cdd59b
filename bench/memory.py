"""What an installation takes when nobody asks anything: supervisor, web, worker and database."""

from __future__ import annotations

import time
from functools import partial

from bench.figures import Figure
from bench.grounds import Grounds
from bench.http_load import get, load
from bench.pages import asked_for, page_paths
from lamppost.cities.models import City
from lamppost.commands.checks.machine import memory_mb

_GOAL_MB = 500
_AT_ONCE = 8
# Connections a crowd needed are closed one each half minute, and four are at work at most.
_IDLE_S = 150
_LIST = "/open311/v2/requests.json?page_size=50"


def memory_figure(city: City, grounds: Grounds, *, seconds: int) -> Figure:
    """Return the megabytes (2^20 bytes) of all processes of `lamppost serve` on ``grounds``.

    Proportional: a page that several processes share counts once. They answered the list and
    every page of the benchmark for ``seconds`` each, and then nothing for two minutes and a
    half. ``ratio`` is the share of 500. Runs where there is /proc (Linux).
    """
    grounds.start()
    try:
        asks = [partial(asked_for, path, cookie) for _name, path, cookie in page_paths(city)]
        for ask in (partial(get, _LIST), *asks):
            load(grounds.port, ask, connections=_AT_ONCE, seconds=seconds)
        time.sleep(_IDLE_S)
        parts = memory_mb()
    finally:
        grounds.stop()
    if not parts:
        raise RuntimeError("this system does not tell what a process takes")
    print("memory when idle, MB:", ", ".join(f"{k} {v:.0f}" for k, v in sorted(parts.items())))
    total = sum(parts.values())
    return Figure(
        "memory_idle", "MB, all processes idle", round(total, 1), _GOAL_MB,
        round(total / _GOAL_MB, 3), 1.0,
    )  # fmt: skip
