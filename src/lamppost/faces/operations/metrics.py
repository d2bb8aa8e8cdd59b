"""Figures for a monitor, in Prometheus' text form (version 0.0.4)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from lamppost.faces.operations import state

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Asked by several monitors, it is still computed only so often.
_KEEP_S = 10.0


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure, with a value for each set of labels."""

    name: str
    help: str
    values: tuple[tuple[Mapping[str, str], float], ...]


_lock = threading.Lock()
_kept: tuple[float, str] | None = None


def text() -> str:
    """The figures, some seconds old at most."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > _KEEP_S:
            _kept = (time.monotonic(), "".join(map(_lines, collect())))
        return _kept[1]


def collect() -> Iterator[Metric]:
    """Read every figure now."""
    yield Metric("lamppost_info", "The version.", (({"version": version("lamppost")}, 1),))
    pending = len(state.pending_migrations())
    yield _one("lamppost_migrations_pending", "Changes of structure not yet made.", pending)
    queue = state.queue()
    yield Metric(
        "lamppost_jobs",
        "Background jobs by status.",
        tuple(({"status": name}, count) for name, count in sorted(queue.jobs.items())),
    )
    yield _one("lamppost_workers", "Workers heard of lately.", queue.workers)
    yield _one("lamppost_jobs_stuck", "Jobs nobody works on any more.", queue.stuck)
    yield _one("lamppost_jobs_waiting_seconds", "Longest wait of a due job.", queue.waiting_s)
    yield from _cities()
    yield _one("lamppost_database_bytes", "Size of the database.", state.database_bytes())
    free, total = state.free_disk()
    yield _one("lamppost_disk_free_bytes", "Free where the data are.", free)
    yield _one("lamppost_disk_bytes", "Size of the disk with the data.", total)


def _cities() -> Iterator[Metric]:
    loads = state.city_loads()
    yield Metric(
        "lamppost_cases_open",
        "Cases not closed, by city and state.",
        tuple(
            ({"city": load.city, "state": name}, count)
            for load in loads
            for name, count in load.cases.items()
        ),
    )
    yield Metric(
        "lamppost_cases_received_last_hour",
        "Cases requested in the last hour.",
        tuple(({"city": load.city}, load.received_last_hour) for load in loads),
    )
    yield Metric(
        "lamppost_clocks_unchecked",
        "Clocks whose time passed five minutes ago and that nobody looked at.",
        tuple(({"city": load.city}, load.clocks_unchecked) for load in loads),
    )
    yield from _partners(loads)


def _partners(loads: Sequence[state.CityLoad]) -> Iterator[Metric]:
    name = "lamppost_partner_deliveries"
    yield Metric(
        f"{name}_waiting",
        "Deliveries to partner systems not yet taken.",
        tuple(({"city": load.city}, load.partners.waiting) for load in loads),
    )
    yield Metric(
        f"{name}_oldest_seconds",
        "Age of the oldest of them.",
        tuple(({"city": load.city}, load.partners.oldest_s) for load in loads),
    )
    yield Metric(
        f"{name}_dead",
        "Deliveries that failed for good or got lost.",
        tuple(({"city": load.city}, load.partners.dead) for load in loads),
    )


def _one(name: str, text: str, value: float) -> Metric:
    return Metric(name, text, (({}, value),))


def _lines(metric: Metric) -> str:
    head = f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n"
    return head + "".join(
        f"{metric.name}{_labels(labels)} {value:g}\n"
        if value < 1e6
        else f"{metric.name}{_labels(labels)} {value:.0f}\n"
        for labels, value in metric.values
    )


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{key}="{_ESCAPED.sub(_escape, value)}"' for key, value in labels.items())
    return "{" + ",".join(pairs) + "}"


_ESCAPED = re.compile(r'[\\"\n]')


def _escape(found: re.Match[str]) -> str:
    return "\\n" if found[0] == "\n" else "\\" + found[0]
