"""Who falls silent in the middle of a report gets a link to finish it on the web, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lamppost.cities.models import City
from lamppost.cities.selectors import site_of
from lamppost.contacts.services.conversation import remind, silent_talks
from lamppost.notify.choices import MessageChannel
from lamppost.notify.services.outbox import About, queue


def remind_silent(city: City, *, now: datetime, limit: int = 100) -> int:
    """Write a message with the link for each talk silent for ten minutes; return how many.

    Once per silence, in the transaction that marks it, so a killed worker neither repeats nor
    loses one.
    """
    sent = 0
    base_url = site_of(city)
    for talk_id in silent_talks(now=now, limit=limit):
        with transaction.atomic():
            reminder = remind(talk_id, base_url=base_url, now=now)
            if reminder is None:
                continue
            queue(
                channel=MessageChannel.SMS,
                address=reminder.phone,
                text=reminder.text,
                once_key=f"sms-continue:{talk_id}:{int(reminder.silent_since.timestamp())}",
                language=reminder.language,
                about=About(template="continue"),
                now=now,
            )
            sent += 1
    return sent
