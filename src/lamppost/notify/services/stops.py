"""STOP and START: an address that says so is left alone, by every service of the city."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lamppost.notify.addresses import address_digest, normalized
from lamppost.notify.choices import HeldCause, MessageChannel, MessageState, StopSource
from lamppost.notify.models import Message, Stop

_SOURCES_OF_BOUNCES = frozenset({StopSource.BOUNCE, StopSource.PROVIDER})


def stop(
    *,
    channel: MessageChannel,
    address: str,
    source: StopSource,
    now: datetime | None = None,
) -> Stop:
    """Send nothing more to ``address``, which may be unknown; return the row.

    What waits is held. Again: the first stop stands, and one by the person themselves
    replaces one by a bounce.
    """
    now = now or timezone.now()
    digest = address_digest(channel, address)
    with transaction.atomic():
        row, is_new = Stop.objects.get_or_create(
            channel=channel,
            address_digest=digest,
            defaults={"source": source, "since": now},
        )
        if not is_new and row.source in _SOURCES_OF_BOUNCES and source not in _SOURCES_OF_BOUNCES:
            row.source, row.since = source, now
            row.save(update_fields=["source", "since"])
        waiting = Message.objects.filter(
            channel=channel,
            state__in=[MessageState.QUEUED, MessageState.AGAIN],
            address=normalized(channel, address),
        )
        waiting.update(state=MessageState.HELD, held_cause=cause_of(row))
    return row


def start(*, channel: MessageChannel, address: str) -> bool:
    """Let messages go to ``address`` again; return whether it was stopped.

    What was held meanwhile stays unsent: it is no news any more.
    """
    gone, _rows = Stop.objects.filter(
        channel=channel, address_digest=address_digest(channel, address)
    ).delete()
    return bool(gone)


def stopped(channel: MessageChannel | str, address: str) -> Stop | None:
    """Return the stop that holds for ``address``, or None."""
    digest = address_digest(channel, address)
    return Stop.objects.filter(channel=channel, address_digest=digest).first()


def stops_among(
    addresses: Iterable[tuple[MessageChannel, str]],
) -> dict[tuple[MessageChannel, str], Stop]:
    """Return, by channel and address, the stops that hold for any of these; one query."""
    by_digest = {address_digest(channel, to): (channel, to) for channel, to in addresses}
    rows = Stop.objects.filter(address_digest__in=list(by_digest))
    # The channel is in the digest.
    return {by_digest[row.address_digest]: row for row in rows}


def cause_of(row: Stop) -> HeldCause:
    """Return why a message to a stopped address is held."""
    return HeldCause.BOUNCES if row.source in _SOURCES_OF_BOUNCES else HeldCause.STOPPED
