"""Recurring work with mail that came in: one round over the cities, then a job for each."""

from __future__ import annotations

from contextlib import suppress

from django.db import connection as database
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lamppost.cities.rounds import each_city
from lamppost.database.scope import city_scope
from lamppost.mailbox.choices import MailState
from lamppost.mailbox.models import Mail
from lamppost.mailbox.services.fetching import fetch_all
from lamppost.mailbox.services.processing import process
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway


# The sixth field are seconds.
@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="mail_round")
def mail_round(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """In every city with mail to see to start a job."""
    for city in each_city():
        if Mail.objects.filter(state=MailState.NEW, due_at__lte=timezone.now()).exists():
            name = f"mail:{city.pk}"
            # Still queued from the last round: once is enough.
            with suppress(AlreadyEnqueued):
                see_to_mail.configure(lock=name, queueing_lock=name).defer(city_id=city.pk)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="fetch_round")
def fetch_round(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """In every city with a mailbox that is fetched to start a job."""
    for city in each_city():
        mailboxes = Gateway.objects.filter(
            kind=GatewayKind.EMAIL, provider=GatewayProvider.IMAP, is_active=True
        )
        if mailboxes.exists():
            name = f"fetch:{city.pk}"
            # A slow server costs nobody else's time: a job of its own, one at a time.
            with suppress(AlreadyEnqueued):
                fetch_mail.configure(lock=name, queueing_lock=name).defer(city_id=city.pk)


@app.task
def fetch_mail(city_id: int) -> None:
    """Fetch the mail of one city's mailboxes."""
    try:
        with city_scope(city_id):
            fetch_all()
    finally:
        database.close()


@app.task
def see_to_mail(city_id: int) -> None:
    """See to the mail that waits in one city."""
    try:
        with city_scope(city_id):
            process()
    finally:
        database.close()
