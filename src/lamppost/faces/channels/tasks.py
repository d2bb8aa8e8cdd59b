"""What recurs for the channels: who stopped in the middle of a report, who is not there."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.contacts.services.conversation import end_finished
from lamppost.contacts.services.untold import end_untold
from lamppost.faces.channels.sms.reminding import remind_silent


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tend_talks")
def tend_talks(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Send links to talks that fell silent and end those that are over, in every city.

    Calls, too, whose end the provider never told.
    """
    for city in each_city():
        now = timezone.now()
        end_finished(now=now)
        end_untold(now=now)
        remind_silent(city, now=now)
