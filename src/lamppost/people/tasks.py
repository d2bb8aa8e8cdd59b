"""Recurring work about people: forgetting what is no longer needed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.people.mailing import mail_unread_notices
from lamppost.people.rates import forget_old_counts
from lamppost.people.retention import remove_old

# Sign-in limits look back a quarter of an hour; nothing looks back further.
_LONGEST_WINDOW = timedelta(hours=1)


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="forget_old_counts")
def forget_old_call_counts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Delete counters of calls and of failed sign-ins whose window has passed."""
    for _city in each_city():
        forget_old_counts(before=timezone.now() - _LONGEST_WINDOW)


@app.periodic(cron="37 2 * * *")
@app.task(queueing_lock="remove_old_personal_data")
def remove_old_personal_data(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Remove, in every city, the personal data its rules no longer keep."""
    for _city in each_city():
        remove_old(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="mail_notices")
def mail_unread_notices_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Mail, in every city, the notices nobody has read at the desk."""
    for _city in each_city():
        mail_unread_notices(now=timezone.now())
