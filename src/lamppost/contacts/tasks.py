"""Work of the contact center that recurs: found by the worker, safe to run twice."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.contacts.services.call_backs import mark_late
from lamppost.contacts.services.monitoring import draw_last_week
from lamppost.contacts.services.surge import end_due_surges


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mark_late_call_backs")
def mark_late_call_backs(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Write down, in every city, which promised call backs are past their time."""
    for _city in each_city():
        mark_late(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end_due_surges")
def end_due_surges_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Write down, in every city, the end of a surge whose time has passed."""
    for _city in each_city():
        end_due_surges(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="draw_contacts")
def draw_contacts_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Draw, in every city, the contacts of last week that are looked at again."""
    for _city in each_city():
        draw_last_week(now=timezone.now())
