"""What the provider says became of an SMS it took."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lamppost.notify.choices import MessageChannel, MessageState, StopSource
from lamppost.notify.models import Message
from lamppost.notify.senders.sms import DEAD_NUMBERS, STOPPED
from lamppost.notify.services.stops import stop

_KEPT = (MessageState.SENT, MessageState.SENDING, MessageState.AGAIN)
# The provider's words (Twilio, "Message resource: status values"); others are on the way there.
_ARRIVED = frozenset({"delivered", "read"})
_LOST = frozenset({"undelivered", "failed"})


def told_state(
    *, key: str, provider_id: str, state: str, error: str, now: datetime
) -> Message | None:
    """Write down that an SMS arrived or not; return it, None for one never sent from here.

    Found by our own ``key``, else by the provider's id. What arrived stays arrived, whatever
    comes later and in which order. Error 21610 (the person texted STOP to the provider) and
    numbers that do not exist stop the address.
    """
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",)).filter(channel=MessageChannel.SMS)
        found = rows.filter(key=key).first() if key else None
        if found is None and provider_id:
            found = rows.filter(provider_id=provider_id).first()
        if found is None:
            return None
        found.provider_id = found.provider_id or provider_id[:200]
        if state in _ARRIVED and found.state in {*_KEPT, MessageState.FAILED}:
            found.state, found.delivered_at, found.error = MessageState.DELIVERED, now, ""
            found.claim = ""
        elif state in _LOST and found.state in _KEPT:
            _lost(found, error, now)
        found.save()
        return found


def _lost(message: Message, error: str, now: datetime) -> None:
    message.error = f"the provider answered {error}"[:200] if error else "not delivered"
    message.claim = ""
    if error == STOPPED or error in DEAD_NUMBERS:
        message.state, message.bounced_at = MessageState.BOUNCED, now
        stop(
            channel=MessageChannel.SMS,
            address=message.address,
            source=StopSource.PROVIDER,
            now=now,
        )
        return
    message.state, message.failed_at = MessageState.FAILED, now
