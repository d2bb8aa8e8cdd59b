"""Recurring work with messages: one round over the cities, then a job for each channel.

A channel's job has as its lock what it sends by, the city's gateway or the mail server of all
cities, so a slow one costs nobody else's time.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import connection as database
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lamppost.cities.rounds import each_city
from lamppost.database.scope import city_scope
from lamppost.notify.choices import UNSENT, MessageChannel
from lamppost.notify.models import Message
from lamppost.notify.services.delivering import deliver
from lamppost.notify.services.digests import write_digests


# The sixth field are seconds.
@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="messages_round")
def messages_round(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """In every city start a job for each channel with something to send."""
    for city in each_city():
        waiting = Message.objects.filter(state__in=UNSENT, due_at__lte=timezone.now())
        for channel in MessageChannel:
            if waiting.filter(channel=channel).exists():
                _defer(city.pk, channel)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="write_digests")
def write_digests_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Write, in every city, the digests whose hour has come."""
    for _city in each_city():
        write_digests(now=timezone.now())


@app.task
def send_messages(city_id: int, channel: str) -> None:
    """Send what waits in one city by one channel."""
    try:
        with city_scope(city_id):
            deliver(MessageChannel(channel))
    finally:
        database.close()


def _defer(city_id: int, channel: str) -> None:
    name = f"messages:{city_id}:{channel}"
    # Still queued from the last round: once is enough.
    lock = f"messages:{channel}" if channel == MessageChannel.EMAIL else name
    with suppress(AlreadyEnqueued):
        send_messages.configure(lock=lock, queueing_lock=name).defer(
            city_id=city_id, channel=channel
        )
