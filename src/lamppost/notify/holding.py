"""What messages keep of a person: given out and erased with them (``people.holders``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from lamppost.kernel.removal import Words
from lamppost.notify.addresses import normalized
from lamppost.notify.choices import UNSENT, HeldCause, Link, MessageChannel, MessageState
from lamppost.notify.models import DigestItem, Message, PushDevice, Recipient, Subscription
from lamppost.notify.naming import title_of
from lamppost.people.choices import PointKind, Retained
from lamppost.people.holders import Holder
from lamppost.people.models import ContactPoint
from lamppost.people.retention import Keeper

_CHANNELS = {
    PointKind.EMAIL: MessageChannel.EMAIL,
    PointKind.SMS: MessageChannel.SMS,
    PointKind.PHONE: MessageChannel.SMS,
}


def export(contact_ids: frozenset[int]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return what was sent to these contacts and what they hear about."""
    recipients = list(_recipients(contact_ids))
    messages = Message.objects.filter(_about(contact_ids, recipients)).order_by("created_at", "id")
    rows = (
        Subscription.objects.filter(recipient__in=recipients)
        .select_related("case", "area", "service", "recipient")
        .defer("area__boundary")
    )
    return {
        "messages": [
            {
                "channel": row.channel,
                "address": row.address,
                "subject": row.subject,
                "text": row.text,
                "language": row.language,
                "state": row.state,
                "written_at": row.created_at.isoformat(),
                "sent_at": row.sent_at.isoformat() if row.sent_at else None,
            }
            for row in messages
        ],
        "subscriptions": [
            {
                "channel": row.recipient.channel,
                "address": row.recipient.address,
                "about": title_of(row, row.language),
                "since": row.created_at.isoformat(),
                "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            }
            for row in rows.order_by("created_at", "id")
        ],
    }


def erase(contact_ids: frozenset[int], words: Words) -> int:
    """Empty what was sent to these contacts and forget where they hear; return how many rows.

    What waits is not sent. That an address was stopped stays known, as a digest: the person
    asked for that, too.
    """
    recipients = list(_recipients(contact_ids, sure=words.addresses))
    theirs = Message.objects.filter(_about(contact_ids, recipients))
    ids = list(theirs.values_list("pk", flat=True))
    Message.objects.filter(pk__in=ids, state__in=UNSENT).update(
        state=MessageState.HELD, held_cause=HeldCause.ERASED, claim=""
    )
    changed = Message.objects.filter(pk__in=ids).update(
        address="", subject="", text="", link=Link.NONE, contact=None, error=""
    )
    keys = [recipient.pk for recipient in recipients]
    changed += DigestItem.objects.filter(recipient__in=keys).delete()[0]
    changed += PushDevice.objects.filter(recipient__in=keys).delete()[0]
    changed += Recipient.objects.filter(pk__in=keys).delete()[0]
    return changed


def _recipients(
    contact_ids: frozenset[int], *, sure: frozenset[str] | None = None
) -> list[Recipient]:
    """Their recipients, and those at an address that is theirs whoever wrote it down.

    ``sure`` narrows the addresses: a claim must not end what somebody else hears.
    """
    found = Q(contact__in=contact_ids)
    points = ContactPoint.objects.filter(contact__in=contact_ids)
    for kind, value in points.values_list("kind", "value"):
        channel = _CHANNELS.get(PointKind(kind))
        if channel is not None and value and (sure is None or value in sure):
            found |= Q(channel=channel, address=normalized(channel, value))
    return list(Recipient.objects.filter(found))


def _about(contact_ids: frozenset[int], recipients: Sequence[Recipient]) -> Q:
    found = Q(contact__in=contact_ids)
    for recipient in recipients:
        found |= Q(subscription__recipient=recipient)
        if recipient.address:
            found |= Q(channel=recipient.channel, address=recipient.address)
    return found


HOLDER = Holder(
    name="messages",
    export=export,
    erase=erase,
    texts={
        "notify.Message": ("subject", "text"),
        "notify.DigestItem": ("subject", "text"),
    },
)


def _old(before: datetime) -> QuerySet[Message]:
    rows = Message.objects.filter(created_at__lt=before).exclude(state__in=UNSENT)
    return rows.exclude(address="", subject="", text="")


def _empty(before: datetime, limit: int) -> int:
    keys = list(_old(before).order_by("pk").values_list("pk", flat=True)[:limit])
    DigestItem.objects.filter(message__in=keys).update(subject="", text="")
    return Message.objects.filter(pk__in=keys).update(
        address="", subject="", text="", link=Link.NONE
    )


# What a rule of the city removes once it is old enough.
KEEPER = Keeper(Retained.MESSAGES, lambda before: _old(before).count(), _empty)
