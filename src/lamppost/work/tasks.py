"""Work that recurs: found by the worker, safe to run twice and to be cut off."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.work.services.items import mark_late

_BATCH = 500


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mark_late_items")
def mark_late_items_everywhere(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Write down, in every city, the work items whose due time has passed."""
    for _city in each_city():
        while mark_late(now=timezone.now(), limit=_BATCH) == _BATCH:
            pass
