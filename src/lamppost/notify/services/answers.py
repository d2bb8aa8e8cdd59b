"""Answers that go back in the provider's own call: written down as sent, so the log is whole."""

from __future__ import annotations

from datetime import datetime

from lamppost.kernel.segments import size_of
from lamppost.notify.choices import Link, MessageChannel, MessageState
from lamppost.notify.models import Message
from lamppost.notify.services.outbox import About, queue

TEMPLATE, RECEIPT = "answer", "case_received"


def write_down_answer(
    *,
    address: str,
    text: str,
    once_key: str,
    language: str,
    provider: str,
    now: datetime,
    contact_id: int | None = None,
    case_id: int | None = None,
) -> Message | None:
    """Keep an SMS that answers one just received; None for an empty text, which is none.

    It is sent with the answer to the provider's call, in the transaction that decides it; the
    same ``once_key`` again changes nothing. Where the answer names a case just filed, it is the
    receipt: the one that waits becomes this answer, and nobody is told the same twice.
    """
    if not text:
        return None
    message = _receipt(address, case_id) or queue(
        channel=MessageChannel.SMS,
        address=address,
        text=text,
        once_key=once_key,
        language=language,
        about=About(contact_id=contact_id, case_id=case_id, template=TEMPLATE),
        even_if_stopped=True,
        now=now,
    )
    Message.objects.filter(pk=message.pk, state=MessageState.QUEUED).update(
        text=text,
        link=Link.NONE,
        state=MessageState.SENT,
        sent_at=now,
        attempts=1,
        provider=provider,
        segments=size_of(text).segments,
    )
    return message


def _receipt(address: str, case_id: int | None) -> Message | None:
    if case_id is None:
        return None
    return Message.objects.filter(
        channel=MessageChannel.SMS,
        address=address,
        case_id=case_id,
        template=RECEIPT,
        state=MessageState.QUEUED,
    ).first()
