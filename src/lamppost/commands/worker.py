"""The background worker: takes jobs, and first of all takes back what a killed one left."""

from __future__ import annotations

import asyncio
import logging

from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django import connector_params
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from lamppost.commands.lifeline import hold_on_to_supervisor

logger = logging.getLogger(__name__)

# A worker that has not been heard of for this long is gone, and its jobs with it.
SILENT_S = 30.0
_LOOK_EVERY_S = 15
_CONCURRENCY = 2
# For taking and finishing jobs and the heartbeat; the one that listens is besides.
_CONNECTIONS = 4
_IDLE_S = 30.0


def work() -> int:
    """Take jobs until SIGINT or SIGTERM; return 0, or 1 when the database is lost."""
    hold_on_to_supervisor()
    app = django_app.with_connector(_connector())
    try:
        asyncio.run(_work(app))
    except ConnectorException as error:
        logger.error("the worker lost the database: %s", error.__cause__ or error)
        return 1
    return 0


def _connector() -> PsycopgConnector:
    """As Procrastinate's own for workers, which keeps four connections of a quiet city open."""
    return PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=_CONNECTIONS, max_idle=_IDLE_S
    )


async def _work(app: App) -> None:
    async with app.open_async():
        await requeue_stalled(app)
        keeper = asyncio.create_task(_keep_requeuing(app))
        try:
            await app.run_worker_async(concurrency=_CONCURRENCY, name="lamppost")
        finally:
            keeper.cancel()


async def requeue_stalled(app: App, *, silent_s: float = SILENT_S) -> int:
    """Put jobs of workers not heard of for ``silent_s`` seconds back; return how many.

    Nothing else does: a job whose worker was killed stays 'doing' for ever. Jobs are written
    so that running one twice changes nothing.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_s)
    count = 0
    for job in stalled:
        count += await _put_back(app, job)
    if count:
        logger.warning("%d jobs of workers that died are queued again", count)
    return count


async def _put_back(app: App, job: Job) -> bool:
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # The same work was queued again meanwhile, as every minute's is: once is enough.
        await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=False)
        return False
    return True


async def _keep_requeuing(app: App) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            await requeue_stalled(app)
        except Exception:
            logger.exception("looking for stalled jobs failed; trying again")
