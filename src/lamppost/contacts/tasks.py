"""Work of the contact center that recurs: found by the worker, safe to run twice."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.contacts.services.call_backs import mark_late


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mark_late_call_backs")
def mark_late_call_backs(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Write down, in every city, which promised call backs are past their time."""
    for _city in each_city():
        mark_late(now=timezone.now())
