"""Keeping the queue itself small."""

from __future__ import annotations

from typing import cast

from procrastinate import App, JobContext
from procrastinate.contrib.django import app as django_app

app = cast(App, django_app)

_KEEP_DONE_HOURS = 72
_KEEP_FAILED_HOURS = 24 * 30


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Delete jobs done three days ago, and failed ones that nobody looked at for a month."""
    jobs = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=_KEEP_DONE_HOURS, include_aborted=True)
    await jobs.delete_old_jobs(
        nb_hours=_KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True
    )
