"""Recurring work with partners: one round over the cities, then a job for each connection.

A connection's job has the connection as its lock, so two never work for one partner at once,
and a partner that does not answer costs nobody else's time but its own job's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection as database
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lamppost.cities.rounds import each_city
from lamppost.database.scope import city_scope
from lamppost.partners.choices import WAITING, ConnectionKind, ConnectionState
from lamppost.partners.models import Connection, Delivery, HandOff, OutboxEntry
from lamppost.partners.services.alarms import sound_age_alarms
from lamppost.partners.services.delivering import deliver
from lamppost.partners.services.drops import read_returns, write_drop
from lamppost.partners.services.outbox import relay
from lamppost.partners.services.polling import poll
from lamppost.partners.services.reconciling import reconcile

_BATCH = 500


# The sixth field are seconds: what a partner closes is seen here within a minute.
@app.periodic(cron="* * * * * */20")
@app.task(queueing_lock="partners_round")
def partners_round(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """In every city turn events into deliveries and start a job per connection."""
    failed: list[Exception] = []
    for city in each_city():
        with _apart(failed):
            while OutboxEntry.objects.exists() and relay(limit=_BATCH) == _BATCH:
                pass
        for connection_id in with_work().values_list("pk", flat=True):
            _defer(city.pk, connection_id)
    _raise(failed)


@app.task
def serve_partner(city_id: int, connection_id: int) -> None:
    """Send what waits for one partner, and take what it has for us."""
    try:
        with city_scope(city_id):
            connection = Connection.objects.filter(pk=connection_id).first()
            if connection is None:
                return
            if connection.kind == ConnectionKind.CSV:
                write_drop(connection)
                read_returns(connection)
                return
            deliver(connection.pk)
            if connection.kind == ConnectionKind.OPEN311:
                poll(Connection.objects.get(pk=connection.pk))
    finally:
        database.close()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="partners_alarms")
def sound_partner_alarms(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Tell of cases partners have not acknowledged in time."""
    for _city in each_city():
        sound_age_alarms(now=timezone.now())


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="partners_reconcile")
def reconcile_partners(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Compare every connection with the partner's own list."""
    failed: list[Exception] = []
    for _city in each_city():
        for connection in Connection.objects.order_by("pk"):
            with _apart(failed):
                reconcile(connection)
    _raise(failed)


def with_work() -> QuerySet[Connection]:
    """Return the active connections of the city in scope that have something to do now."""
    waiting = Delivery.objects.filter(
        connection=OuterRef("pk"), state__in=WAITING, due_at__lte=timezone.now()
    )
    there = HandOff.objects.filter(connection=OuterRef("pk"), ended_at=None)
    return Connection.objects.filter(
        Q(Exists(waiting))
        | Q(kind=ConnectionKind.CSV)
        | Q(Exists(there), kind=ConnectionKind.OPEN311),
        state=ConnectionState.ACTIVE,
    ).order_by("pk")


@contextmanager
def _apart(failed: list[Exception]) -> Iterator[None]:
    """What fails here is kept for the end: it is nobody else's trouble."""
    try:
        yield
    except Exception as error:
        failed.append(error)


def _raise(failed: list[Exception]) -> None:
    if failed:
        raise ExceptionGroup("some of the partners' work failed", failed)


def _defer(city_id: int, connection_id: int) -> None:
    name = f"partner:{city_id}:{connection_id}"
    # Still queued from the last round: once is enough.
    with suppress(AlreadyEnqueued):
        serve_partner.configure(lock=name, queueing_lock=name).defer(
            city_id=city_id, connection_id=connection_id
        )
