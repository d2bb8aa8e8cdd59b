"""What comes back: a mail that could not be delivered, a complaint."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lamppost.notify.choices import GONE, MessageChannel, MessageState, StopSource
from lamppost.notify.models import Message
from lamppost.notify.services.stops import stop

_KEY = re.compile(r"<?([A-Za-z0-9_-]{16,40})@[^>\s]*>?")


def key_in(message_id: str) -> str:
    """Return the key of the message of ours with this ``Message-ID``, '' for none."""
    found = _KEY.fullmatch(message_id.strip())
    return found[1] if found else ""


def bounced(
    *,
    message_id: str = "",
    address: str = "",
    is_hard: bool,
    reason: str = "",
    is_complaint: bool = False,
    now: datetime | None = None,
) -> Message | None:
    """Write down that a mail of ours came back; return it, None when it is not known.

    ``message_id`` is the header of the mail that came back, ``address`` who it did not reach:
    believed only together with a mail of ours to it, since anybody can send a bounce. A hard
    bounce or a complaint stops the address. ``reason`` holds no data of a person. Again
    changes nothing.
    """
    now = now or timezone.now()
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(of=("self",))
            .filter(channel=MessageChannel.EMAIL, key=key_in(message_id), state__in=GONE)
            .first()
        )
        if message is None or not key_in(message_id):
            return None
        if address and address.strip().lower() != message.address:
            return None
        if message.state != MessageState.BOUNCED:
            message.state, message.bounced_at = MessageState.BOUNCED, now
            message.error = reason[:200]
            message.save(update_fields=["state", "bounced_at", "error"])
        if is_hard or is_complaint:
            stop(
                channel=MessageChannel.EMAIL,
                address=message.address,
                source=StopSource.COMPLAINT if is_complaint else StopSource.BOUNCE,
                now=now,
            )
        return message
