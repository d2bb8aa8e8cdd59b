"""One module per way to reach a partner; each hands over one message and says what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lamppost.partners.choices import AttemptResult
from lamppost.partners.messages import Message
from lamppost.partners.models import Connection

_MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended.

    ``is_acknowledged``: nothing more is expected for this message. ``again_in`` is the wait
    the partner asked for. ``reason`` is shown to staff: no data of a person, no secret.
    """

    result: AttemptResult
    code: int | None = None
    reason: str = ""
    number: str = ""
    token: str = ""
    is_acknowledged: bool = False
    again_in: timedelta | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason[:_MAX_REASON])


# Takes the connection, its secret in clear, the message, and whether an earlier attempt may
# have arrived without our knowing.
Sender = Callable[[Connection, str, Message, bool], Answer]
