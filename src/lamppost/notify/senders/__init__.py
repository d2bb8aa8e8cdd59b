"""One module per way to reach a person. Each hands over one message and says what happened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lamppost.notify.choices import MessageChannel


class Result(StrEnum):
    """How an attempt ended.

    ``LATER``: the receiver cannot now, and surely has not taken it. ``UNHEARD``: all of it was
    handed over and no answer came, so nobody knows whether it was taken.
    """

    TAKEN = "taken"
    LATER = "later"
    UNHEARD = "unheard"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said.

    ``GONE``: the address itself is dead, no message will ever reach it. ``reason`` is shown to
    staff: no data of a person, no secret. ``again_in`` is the wait the receiver asked for.
    ``is_line_down``: it concerns every message, not this one.
    """

    result: Result
    provider_id: str = ""
    reason: str = ""
    again_in: timedelta | None = None
    is_line_down: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it is sent: everything is in it, links too.

    ``key`` is the same in every attempt. ``about`` names what it belongs to (a case), so that
    mail programs show its messages together; ``headers`` are those of a mail. ``return_path`` is
    where news goes that a mail could not be delivered.
    """

    key: str
    address: str
    subject: str
    text: str
    language: str
    html: str = ""
    url: str = ""
    reply_to: str = ""
    return_path: str = ""
    about: str = ""
    headers: dict[str, str] = field(default_factory=dict)


# Called by a sender immediately before the last byte leaves; raises when it must not leave.
HandingOver = Callable[[], None]
Send = Callable[[Outgoing, HandingOver], Answer]
# A line to the receiver, open for as many messages as there are.
Line = Callable[[], AbstractContextManager[Send]]


@dataclass(frozen=True, slots=True)
class Sender:
    """How a channel is served. ``is_on``: the city in scope has what it takes."""

    line: Line
    is_on: Callable[[], bool]
    # How long one attempt can take at most.
    patience: timedelta = timedelta(seconds=30)


_SENDERS: dict[MessageChannel, Sender] = {}


def register(channel: MessageChannel, sender: Sender) -> None:
    """Serve ``channel`` by ``sender`` from now on."""
    _SENDERS[channel] = sender


def sender_of(channel: MessageChannel | str) -> Sender | None:
    """Return who serves ``channel``, or None."""
    return _SENDERS.get(MessageChannel(channel))
