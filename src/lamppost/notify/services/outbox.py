"""What is to be sent is written down first: in the transaction of what caused it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from lamppost.notify.choices import MessageChannel
from lamppost.notify.models import Message


def queue(
    *,
    channel: MessageChannel,
    address: str,
    text: str,
    once_key: str,
    subject: str = "",
    language: str = "",
    template: str = "",
    contact_id: int | None = None,
    case_id: int | None = None,
    not_before: datetime | None = None,
    now: datetime | None = None,
) -> Message:
    """Write down one message to one address and return it; the worker sends it.

    The same ``once_key`` again, in the same city, returns the message there is and changes
    nothing. Call it inside the transaction of what caused it.
    """
    now = now or timezone.now()
    message, _is_new = Message.objects.get_or_create(
        once_key=once_key,
        defaults={
            "channel": channel,
            "address": address,
            "text": text,
            "subject": subject,
            "language": language,
            "template": template,
            "contact_id": contact_id,
            "case_id": case_id,
            "created_at": now,
            "not_before": not_before or now,
        },
    )
    return message
