"""What an installation's condition is, in figures, read without touching anything."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from lamppost.cases.models import Case, Clock
from lamppost.catalog.choices import State
from lamppost.cities.models import City
from lamppost.database.scope import city_scope
from lamppost.partners.selectors import depth

# A worker tells that it lives every ten seconds.
SILENT_WORKER = timedelta(seconds=45)
# The check runs every minute and takes seconds.
CLOCK_CHECK_LATE = timedelta(minutes=5)
LONG_JOB = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs by status, and what stands still.

    ``waiting_s`` is how long the job that is due has waited the longest, in seconds;
    ``stuck`` are jobs in hand of nobody, or for more than an hour.
    """

    jobs: Mapping[str, int]
    workers: int
    waiting_s: float
    stuck: int


@dataclass(frozen=True, slots=True)
class PartnerLoad:
    """Deliveries to partner systems: waiting, the oldest's age in seconds, those for a person."""

    waiting: int
    oldest_s: float
    dead: int


@dataclass(frozen=True, slots=True)
class CityLoad:
    """Cases of one city that are not closed, by state, clocks nobody checked in time, and
    what waits for partner systems."""

    city: str
    cases: Mapping[str, int]
    received_last_hour: int
    clocks_unchecked: int
    partners: PartnerLoad


def pending_migrations() -> list[str]:
    """Names of migrations this program needs and the database lacks."""
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def unknown_migrations() -> list[str]:
    """Names of migrations the database has and this program does not know: it is older."""
    loader = MigrationExecutor(connections["default"]).loader
    ours = {app for app, _name in loader.disk_migrations}
    applied = loader.applied_migrations or {}
    known = set(loader.disk_migrations) | set(loader.replacements)
    return sorted(f"{app}.{name}" for app, name in set(applied) - known if app in ours)


_JOBS = """
SELECT (SELECT coalesce(json_object_agg(status, n), '{}') FROM (
          SELECT status, count(*) AS n FROM procrastinate_jobs GROUP BY status) s),
       (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %(alive)s),
       (SELECT extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at)))
        FROM procrastinate_jobs j
        JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND coalesce(j.scheduled_at, e.at) <= now()),
       (SELECT count(*) FROM procrastinate_jobs j
        LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < %(alive)s
          OR (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id) < %(long)s))
"""


def queue() -> Queue:
    """Read the state of background work."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"alive": now - SILENT_WORKER, "long": now - LONG_JOB})
        jobs, workers, waiting_s, stuck = cursor.fetchone()
    return Queue(jobs, workers, max(0.0, float(waiting_s or 0)), stuck)


def city_loads() -> list[CityLoad]:
    """Read every city's load; the cost grows with open cases, not with history."""
    now = timezone.now()
    return [_load(city, now) for city in City.objects.filter(is_sandbox=False).order_by("slug")]


def _load(city: City, now: datetime) -> CityLoad:
    with city_scope(city.pk):
        states = [state for state in State if state != State.CLOSED]
        return CityLoad(
            city=city.slug,
            cases={str(state): Case.objects.filter(state=state).count() for state in states},
            received_last_hour=Case.objects.filter(
                requested_at__gte=now - timedelta(hours=1)
            ).count(),
            clocks_unchecked=Clock.objects.filter(next_check_at__lt=now - CLOCK_CHECK_LATE).count(),
            partners=PartnerLoad(*depth(now)),
        )


def free_disk(path: Path | None = None) -> tuple[int, int]:
    """Bytes free for us and bytes in all where ``path`` is (default: the data folder)."""
    usage = shutil.disk_usage(path or settings.HOME)
    return usage.free, usage.total


def database_bytes() -> int:
    """The size of the database on its disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
