"""How a message ended: written only by who holds its claim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from lamppost.notify.choices import HeldCause, MessageChannel, MessageState, StopSource
from lamppost.notify.models import Message
from lamppost.notify.senders import Answer, Result
from lamppost.notify.services.stops import stop
from lamppost.partners.pacing import MOST_TRIES, delay_after

HERE = "local"
_LINE_DOWN = timedelta(seconds=30)
# Each further try of a message nobody heard an answer to may be one more copy for a person. It is
# made a few times, no sooner than RFC 5321, 4.5.4.1 says, then the message counts as sent.
_MOST_UNHEARD = 4
_UNHEARD = timedelta(minutes=30)


def finish(message: Message, answer: Answer, *, now: datetime, chance: Callable[[], float]) -> None:
    """Write down what the receiver said to a claimed message, unless the claim is lost."""
    changes = _changes(message, answer, now, chance)
    with transaction.atomic():
        mine = Message.objects.filter(
            pk=message.pk, claim=message.claim, state=MessageState.SENDING
        ).update(**changes)
        if mine and answer.result is Result.GONE:
            stop(
                channel=MessageChannel(message.channel),
                address=message.address,
                source=StopSource.BOUNCE,
                now=now,
            )


def _changes(
    message: Message, answer: Answer, now: datetime, chance: Callable[[], float]
) -> dict[str, object]:
    changes: dict[str, object] = {"claim": "", "error": answer.reason[:200]}
    if message.segments is not None:
        changes["segments"] = message.segments
    if answer.result is Result.TAKEN:
        return changes | {
            "state": MessageState.SENT,
            "sent_at": now,
            "provider_id": answer.provider_id[:200],
            "is_unconfirmed": False,
        }
    if answer.result is Result.UNHEARD:
        return changes | {"is_unconfirmed": True} | _unheard(message, now, chance)
    if answer.result is Result.GONE:
        return changes | {"state": MessageState.BOUNCED, "bounced_at": now}
    if answer.result is Result.REFUSED or message.attempts >= MOST_TRIES:
        return changes | {"state": MessageState.FAILED, "failed_at": now}
    if answer.is_line_down:
        # No fault of this message: it does not use up its tries.
        wait = answer.again_in or _LINE_DOWN * (0.5 + chance())
        changes["attempts"] = max(message.attempts - 1, 0)
    else:
        wait = answer.again_in or delay_after(message.attempts, chance)
    return changes | {"state": MessageState.AGAIN, "due_at": now + wait}


def _unheard(message: Message, now: datetime, chance: Callable[[], float]) -> dict[str, object]:
    if message.attempts >= _MOST_UNHEARD:
        return {"state": MessageState.SENT, "sent_at": now}
    # The first time it was most likely a server that was just stopped.
    wait = _UNHEARD if message.is_unconfirmed else delay_after(1, chance)
    return {"state": MessageState.AGAIN, "due_at": now + wait}


def sent_here(message: Message, *, now: datetime) -> None:
    """A demo's message counts as sent; the caller has locked it."""
    message.state = MessageState.SENT
    message.provider = HERE
    message.attempts += 1
    message.sent_at = now
    message.save(update_fields=["state", "provider", "attempts", "sent_at"])


def sent_unconfirmed(message: Message, *, now: datetime) -> None:
    """A worker died after it handed the message over: nobody heard the answer."""
    message.state = MessageState.SENT
    message.is_unconfirmed = True
    message.claim = ""
    message.sent_at = now
    message.save(update_fields=["state", "is_unconfirmed", "claim", "sent_at"])


def held(message: Message, cause: HeldCause) -> None:
    """The message is not sent; the caller has locked it."""
    message.state = MessageState.HELD
    message.held_cause = cause
    message.claim = ""
    message.save(update_fields=["state", "held_cause", "claim"])


def put_back(message: Message, *, due_at: datetime) -> None:
    """Look at the message again later; the caller has locked it."""
    message.due_at = due_at
    message.claimed_home = ""
    message.save(update_fields=["due_at", "claimed_home"])
