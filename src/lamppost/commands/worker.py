"""The background worker: takes jobs, and first of all takes back what a killed one left."""

from __future__ import annotations

import asyncio
import logging

from procrastinate import App
from procrastinate.contrib.django import app as django_app

logger = logging.getLogger(__name__)

# A worker that has not been heard of for this long is gone, and its jobs with it.
_SILENT_S = 30
_LOOK_EVERY_S = 15
_CONCURRENCY = 2


def work() -> int:
    """Take jobs until SIGINT or SIGTERM; return 0."""
    app = django_app.with_connector(django_app.connector.get_worker_connector())
    asyncio.run(_work(app))
    return 0


async def _work(app: App) -> None:
    async with app.open_async():
        await requeue_stalled(app)
        keeper = asyncio.create_task(_keep_requeuing(app))
        try:
            await app.run_worker_async(concurrency=_CONCURRENCY, name="lamppost")
        finally:
            keeper.cancel()


async def requeue_stalled(app: App) -> int:
    """Put jobs of workers that died back into the queue; return how many.

    Nothing else does: a job whose worker was killed stays 'doing' for ever. Jobs are written
    so that running one twice changes nothing.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_SILENT_S)
    count = 0
    for job in stalled:
        await app.job_manager.retry_job(job)
        count += 1
    if count:
        logger.warning("%d jobs of workers that died are queued again", count)
    return count


async def _keep_requeuing(app: App) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            await requeue_stalled(app)
        except Exception:
            logger.exception("looking for stalled jobs failed; trying again")
