"""From a row to what is sent: the links are made here, and are kept nowhere."""

from __future__ import annotations

from lamppost.notify.models import Message
from lamppost.notify.senders import Outgoing


def composed(message: Message) -> Outgoing:
    """Return ``message`` as it leaves."""
    return Outgoing(
        key=message.key,
        address=message.address,
        subject=message.subject,
        text=message.text,
        language=message.language,
        about=f"case-{message.case_id}" if message.case_id else "",
    )
