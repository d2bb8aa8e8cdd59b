"""From events to deliveries: what the outbox holds becomes what partners are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, CaseEvent
from lamppost.catalog.choices import CaseKind, State
from lamppost.database.scope import require_city_id
from lamppost.kernel.ids import new_token
from lamppost.partners.choices import DeliveryState, Purpose
from lamppost.partners.models import Connection, Delivery, HandOff, OutboxEntry

# Events that can make a case a partner's business for the first time.
_BEGINNINGS = frozenset(
    {
        EventKind.RECEIVED,
        EventKind.ROUTED,
        EventKind.REOPENED,
        EventKind.RECATEGORIZED,
        EventKind.TRANSFER_ACCEPTED,
        EventKind.UNLINKED,
        EventKind.REDRESS,
    }
)
_STEPS = frozenset(
    {
        EventKind.MOVED,
        EventKind.REOPENED,
        EventKind.PRIORITY,
        EventKind.REDRESS,
        EventKind.RECATEGORIZED,
        EventKind.UNLINKED,
        EventKind.EDITED,
        EventKind.RESIDENT_COMMENT,
    }
)
_IF_PUBLIC = frozenset({EventKind.NOTE, EventKind.PHOTO, EventKind.PARTNER_UPDATE})
# Any number that is ours alone: relays of one city wait for each other.
_LOCK = 3_110_015


def relay(*, limit: int = 500) -> int:
    """Turn the oldest entries of the city's outbox into deliveries; return how many entries.

    Entry and deliveries change in one transaction, so an entry is used exactly once whatever
    dies. One relay runs at a time in a city: the deliveries of a case keep the order of its
    events. Returns 0 at once when another one is at it.
    """
    with transaction.atomic():
        if not _alone():
            return 0
        entries = list(
            OutboxEntry.objects.select_for_update(of=("self",))
            .select_related("event", "event__case")
            .order_by("id")[:limit]
        )
        if not entries:
            return 0
        connections = connections_with_services()
        for entry in entries:
            spread(entry.event, entry.event.case, connections)
        OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
        return len(entries)


def connections_with_services() -> list[tuple[Connection, frozenset[int]]]:
    """Return the city's connections, each with the services it is for; empty means all."""
    rows = Connection.objects.prefetch_related("services").order_by("id")
    return [(row, frozenset(service.service_id for service in row.services.all())) for row in rows]


def spread(
    event: CaseEvent, case: Case, connections: Iterable[tuple[Connection, frozenset[int]]]
) -> None:
    """Make the deliveries one event asks for. Runs in the caller's transaction."""
    known = {row.connection_id: row for row in HandOff.objects.filter(case=case)}
    now = timezone.now()
    for connection, services in connections:
        wants = (
            case.kind == CaseKind.SERVICE_REQUEST
            and connection.department_id == event.department_id
            and (not services or event.service_id in services)
        )
        handoff = known.get(connection.pk)
        if handoff is None or handoff.ended_at is not None:
            if wants and event.kind in _BEGINNINGS and event.state != State.CLOSED:
                begin(connection, case, event, handoff, now)
        elif event.api_key_id == connection.api_key_id:
            continue  # they told us
        elif not wants:
            handoff.ended_at = now
            handoff.save(update_fields=["ended_at"])
            _tell(connection, handoff, event, Purpose.WITHDRAWN, now)
        else:
            purpose = _purpose(event)
            if purpose is not None:
                _tell(connection, handoff, event, purpose, now)


def begin(
    connection: Connection,
    case: Case,
    event: CaseEvent,
    handoff: HandOff | None,
    now: datetime,
) -> Delivery:
    """Hand a case over; ``handoff`` is that of an earlier time when it was theirs already."""
    if handoff is None:
        handoff = HandOff.objects.create(connection=connection, case=case, created_at=now)
    elif handoff.ended_at is not None:
        # What they said of it the time before says nothing of this time. Their number stays
        # until another comes: what was queued then may still have to name it.
        handoff.ended_at = handoff.sent_at = handoff.acknowledged_at = None
        handoff.external_status, handoff.external_status_at = "", None
        handoff.save(
            update_fields=[
                "ended_at", "sent_at", "acknowledged_at", "external_status", "external_status_at",
            ]
        )  # fmt: skip
    return _queue(connection, handoff, event, Purpose.NEW, now)


def _purpose(event: CaseEvent) -> Purpose | None:
    if event.kind == EventKind.CLOSED:
        return Purpose.CLOSING
    if event.kind in _STEPS:
        return Purpose.CHANGE
    if event.kind in _IF_PUBLIC and event.audience == EventAudience.PUBLIC:
        return Purpose.CHANGE
    return None


def _tell(
    connection: Connection, handoff: HandOff, event: CaseEvent, purpose: Purpose, now: datetime
) -> None:
    if connection.takes_updates:
        _queue(connection, handoff, event, purpose, now)


def _queue(
    connection: Connection, handoff: HandOff, event: CaseEvent, purpose: Purpose, now: datetime
) -> Delivery:
    earlier = Delivery.objects.filter(handoff=handoff, event=event, purpose=purpose)
    last = earlier.order_by("-round").values_list("round", flat=True).first()
    return Delivery.objects.create(
        connection=connection,
        handoff=handoff,
        purpose=purpose,
        event=event,
        round=(last or 0) + 1,
        key=f"lp_{new_token()}",
        state=DeliveryState.QUEUED,
        created_at=now,
        due_at=now,
    )


def _alone() -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, require_city_id()])
        return bool(cursor.fetchone()[0])
