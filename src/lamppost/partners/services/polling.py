"""Asking Open311 servers what became of the cases we filed there."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from lamppost.catalog.choices import State
from lamppost.partners.addresses import BadAddress
from lamppost.partners.models import Connection, HandOff
from lamppost.partners.senders.open311 import (
    ListUnreadable,
    Remote,
    number_for_token,
    requests_by_id,
)
from lamppost.partners.services.delivering import is_open
from lamppost.partners.services.inbound import Told, take

# "Seen closed within a minute" leaves this long between two looks.
EVERY = timedelta(seconds=25)
_MOST = 500
_MOST_TOKENS = 20
# A closed case may be opened again there, for so long it is looked at.
_AFTERWARDS = timedelta(days=7)


def poll(connection: Connection, *, now: datetime | None = None) -> int:
    """Ask for the cases that are there, those not seen longest first; return changes taken.

    Does nothing before its time, while paused, or while the partner is left alone.
    """
    now = now or timezone.now()
    if not is_open(connection, now) or (connection.asked_at and connection.asked_at + EVERY > now):
        return 0
    Connection.objects.filter(pk=connection.pk).update(asked_at=now)
    # Deliveries count as failures; a look that fails is made again in a moment.
    with suppress(ListUnreadable, BadAddress):
        _resolve_tokens(connection, now)
    try:
        return _take_changes(connection, now)
    except (ListUnreadable, BadAddress):
        return 0


def _resolve_tokens(connection: Connection, now: datetime) -> None:
    waiting = HandOff.objects.filter(
        ~Q(external_token=""), connection=connection, ended_at=None, external_number=""
    )
    # Any of them: tokens nothing comes of must not keep the others from being asked about.
    for handoff in waiting.select_related("case").order_by("?")[:_MOST_TOKENS]:
        number = number_for_token(connection, handoff.external_token)
        if number:
            update_id = f"token:{handoff.external_token}"
            take(
                connection,
                Told(
                    update_id=update_id,
                    at=now,
                    number=handoff.case.number,
                    external_number=number,
                ),
            )


def _take_changes(connection: Connection, now: datetime) -> int:
    recent = ~Q(case__state=State.CLOSED) | Q(case__closed_at__gte=now - _AFTERWARDS)
    rows = (
        # Handed over anew and not sent yet: their number is that of the time before.
        HandOff.objects.filter(recent, connection=connection, ended_at=None, sent_at__isnull=False)
        .exclude(external_number="")
        .select_related("case")
        .order_by(F("confirmed_at").asc(nulls_first=True), "id")[:_MOST]
    )
    ours = {row.external_number: row for row in rows}
    remotes = requests_by_id(connection, list(ours))
    seen = [ours[remote.number] for remote in remotes if remote.number in ours]
    HandOff.objects.filter(pk__in=[row.pk for row in seen]).update(confirmed_at=now)
    taken = 0
    for remote in remotes:
        handoff = ours.get(remote.number)
        if handoff is not None and _is_news(handoff, remote):
            take(connection, _told(handoff, remote, now))
            taken += 1
    return taken


def _is_news(handoff: HandOff, remote: Remote) -> bool:
    if not handoff.external_status and remote.status.lower() == "open" and not remote.text:
        return False
    if remote.status != handoff.external_status:
        return True
    known = handoff.external_status_at
    return bool(remote.at and known and remote.at > known)


def _told(handoff: HandOff, remote: Remote, now: datetime) -> Told:
    # What we told them ourselves is no news of theirs.
    text = "" if remote.text == handoff.case.status_note else remote.text
    # A server that gives no times may say the same again, after something else.
    known = handoff.external_status_at
    before = f"after {known.isoformat()}" if known else ""
    moment = remote.at.isoformat() if remote.at else before
    said = hashlib.sha256(f"{remote.status}\n{remote.text}".encode()).hexdigest()[:16]
    return Told(
        update_id=f"{remote.number}@{moment}:{said}"[:200],
        at=min(remote.at or now, now),
        number=handoff.case.number,
        external_number=remote.number,
        status=remote.status,
        text=text,
        media_url=remote.media_url,
    )
