"""The texts between one number and the city, as a chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lamppost.contacts.models import IncomingText
from lamppost.kernel.segments import size_of
from lamppost.notify.choices import MessageChannel, MessageState
from lamppost.notify.models import Message

_MOST = 40


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text. ``is_ours``: the city's; ``segments``: what it costs."""

    at: datetime
    text: str
    is_ours: bool
    language: str
    segments: int
    order: int


def chat_with(number: str) -> list[Bubble]:
    """Return the last texts from and to ``number`` (E.164), oldest first; two queries."""
    incoming = IncomingText.objects.filter(conversation__phone=number).order_by("-id")[:_MOST]
    outgoing = Message.objects.filter(
        channel=MessageChannel.SMS,
        address=number,
        state__in=[MessageState.SENT, MessageState.DELIVERED],
        sent_at__isnull=False,
    ).order_by("-sent_at")[:_MOST]
    bubbles = [Bubble(one.at, one.text, False, "", size_of(one.text).segments, 0)
               for one in incoming]  # fmt: skip
    bubbles += [
        Bubble(one.sent_at or one.created_at, one.text, True, one.language,
               size_of(one.text).segments, 1)
        for one in outgoing
    ]  # fmt: skip
    return sorted(bubbles, key=lambda one: (one.at, one.order))[-_MOST:]
