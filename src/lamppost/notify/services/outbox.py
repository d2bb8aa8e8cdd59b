"""What is to be sent is written down first: in the transaction of what caused it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from lamppost.notify.addresses import normalized
from lamppost.notify.choices import Link, MessageChannel, MessageState
from lamppost.notify.models import Message, Stop
from lamppost.notify.services.stops import cause_of, stopped, stops_among

# Rows of one statement: enough that their number hardly counts, few enough for memory.
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: ids of rows of the city, None where there is none."""

    contact_id: int | None = None
    case_id: int | None = None
    event_id: int | None = None
    subscription_id: int | None = None
    template: str = ""
    link: Link = Link.NONE


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to one address before it is written down; as ``queue`` takes it."""

    channel: MessageChannel
    address: str
    text: str
    once_key: str
    subject: str
    language: str
    not_before: datetime
    about: About


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
    about: About | None = None,
    even_if_stopped: bool = False,
) -> Message:
    """Write down one message to one address and return it; the worker sends it.

    The same ``once_key`` again, in the same city, returns the message there is and changes
    nothing. A stopped address gets none: the row is held and says so, unless
    ``even_if_stopped`` (the answer to STOP and START itself). Call it inside the transaction
    of what caused it. ``about`` says what ``contact_id``, ``case_id`` and ``template`` say and
    more.
    """
    now = now or timezone.now()
    about = about or About(contact_id=contact_id, case_id=case_id, template=template)
    address = normalized(channel, address)
    known = Message.objects.filter(once_key=once_key).first()
    if known is not None:
        return known
    halt = None if even_if_stopped else stopped(channel, address)
    draft = Draft(channel, address, text, once_key, subject, language, not_before or now, about)
    message, _is_new = Message.objects.get_or_create(
        once_key=once_key, defaults=_fields(draft, address, halt, now)
    )
    return message


def queue_all(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Write down many messages as ``queue`` does each, two statements for ``MOST_AT_ONCE``."""
    for begin in range(0, len(drafts), MOST_AT_ONCE):
        batch = drafts[begin : begin + MOST_AT_ONCE]
        addresses = [(one.channel, normalized(one.channel, one.address)) for one in batch]
        halts = stops_among(addresses)
        Message.objects.bulk_create(
            [
                Message(once_key=one.once_key, **_fields(one, to[1], halts.get(to), now))
                for one, to in zip(batch, addresses, strict=True)
            ],
            ignore_conflicts=True,
        )


def _fields(draft: Draft, address: str, halt: Stop | None, now: datetime) -> dict[str, Any]:
    about = draft.about
    return {
        "channel": draft.channel,
        "address": address,
        "text": draft.text,
        "subject": draft.subject[:300],
        "language": draft.language,
        "template": about.template,
        "contact_id": about.contact_id,
        "case_id": about.case_id,
        "event_id": about.event_id,
        "subscription_id": about.subscription_id,
        "link": about.link,
        "state": MessageState.HELD if halt else MessageState.QUEUED,
        "held_cause": cause_of(halt) if halt else "",
        "created_at": now,
        "not_before": draft.not_before,
        "due_at": draft.not_before,
    }
