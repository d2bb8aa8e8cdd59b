"""Sending what waits: claim, send, write down. Safe to kill anywhere, safe to run twice.

The claim is committed before anything leaves, the mark of ``handing`` is set before the last
byte does. Who finds a claim that ran out looks for the mark: with it the message has gone,
without it it is sent again, under the same key.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.segments import size_of
from lamppost.notify.choices import UNSENT, HeldCause, MessageChannel, MessageState
from lamppost.notify.composing import composed
from lamppost.notify.models import Message
from lamppost.notify.senders import Answer, Result, Send, Sender, sender_of
from lamppost.notify.services import handing
from lamppost.notify.services.last_look import OLDEST, reason_to_hold
from lamppost.notify.services.outages import line_failed, line_works
from lamppost.notify.services.results import finish, held, put_back, sent_here, sent_unconfirmed

logger = logging.getLogger(__name__)

# A pass ends after this, so that no receiver keeps a worker from the others' work.
BUDGET_S = 25.0
# A claim lasts as long as its sender's patience and this.
_SLACK = timedelta(seconds=20)
# A claim whose marks cannot be read here, because the worker had another data folder, is
# given up after this: that machine is gone, and its last message may go twice, not never.
_FOREIGN = timedelta(hours=1)


class ClaimLost(Exception):
    """The claim ran out before the message was handed over: it is another worker's now."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one pass over a channel works with. ``chance`` spreads what is tried again."""

    channel: MessageChannel
    sender: Sender
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    lease: timedelta


def deliver(
    channel: MessageChannel,
    *,
    clock: Callable[[], datetime] = timezone.now,
    chance: Callable[[], float] = random.random,
    budget_s: float = BUDGET_S,
    lease: timedelta | None = None,
) -> int:
    """Send what is due by one channel in the city in scope; return how many went out.

    Without what the channel takes (a mail server, a gateway) a demo city's messages count as
    sent here, and those of any other city wait until they are no news any more. Ends when the
    line itself fails.
    """
    sender = sender_of(channel)
    is_on = sender is not None and sender.is_on()
    if not is_on and city_in_scope().is_demo:
        return _deliver_here(channel, clock)
    if sender is None or not is_on:
        _give_up_old(channel, clock())
        return 0
    work = _Pass(channel, sender, clock, chance, lease or sender.patience + _SLACK)
    until = time.monotonic() + budget_s
    gone = 0
    with sender.line() as send:
        while time.monotonic() < until:
            message = _claim(work)
            if message is None:
                break
            answer = _send(work, send, message)
            if answer is None:
                continue
            gone += answer.result is Result.TAKEN
            if answer.is_line_down:
                line_failed(channel, answer.reason, now=clock())
                return gone
    if gone:
        line_works(channel, now=clock())
    return gone


def _deliver_here(channel: MessageChannel, clock: Callable[[], datetime]) -> int:
    """The stand-in of a demo: what would have gone out is shown on a page of the demo."""
    gone = 0
    while True:
        with transaction.atomic():
            message = _next(channel, clock())
            if message is None:
                return gone
            gone += _settle_here(message, clock())


def _give_up_old(channel: MessageChannel, now: datetime) -> None:
    """Hold what nobody could send in time: without a way it would wait for ever."""
    Message.objects.filter(
        channel=channel,
        state__in=[MessageState.QUEUED, MessageState.AGAIN],
        due_at__lte=now,
        not_before__lt=now - OLDEST,
    ).update(state=MessageState.HELD, held_cause=HeldCause.NO_WAY)


def _settle_here(message: Message, now: datetime) -> bool:
    cause = reason_to_hold(message, now)
    if cause is not None:
        held(message, cause)
        return False
    sent_here(message, now=now)
    return True


def _next(channel: MessageChannel, now: datetime) -> Message | None:
    return (
        Message.objects.filter(channel=channel, state__in=UNSENT, due_at__lte=now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("subscription__recipient", "case")
        .order_by("due_at", "id")
        .first()
    )


def _claim(work: _Pass) -> Message | None:
    """Take the next message that is to be sent; settle on the way what is not."""
    while True:
        with transaction.atomic():
            now = work.clock()
            message = _next(work.channel, now)
            if message is None:
                return None
            if not _is_settled(message, now):
                message.state = MessageState.SENDING
                message.claim = secrets.token_hex(8)
                message.claimed_home = handing.home_name()
                message.due_at = now + work.lease
                message.attempts += 1
                message.save(update_fields=["state", "claim", "claimed_home", "due_at", "attempts"])
                return message


def _is_settled(message: Message, now: datetime) -> bool:
    """Settle what a dead worker left, and what is not to go out after all."""
    if message.state == MessageState.SENDING:
        if message.claimed_home not in {"", handing.home_name()}:
            put_back(message, due_at=now + _FOREIGN)
            return True
        if message.claimed_home and handing.is_marked(message.key):
            if handing.is_in_hand(message.key):
                # Its worker lives and waits for the answer: a claim is shorter than that may take.
                message.due_at = now + _SLACK
                message.save(update_fields=["due_at"])
                return True
            sent_unconfirmed(message, now=now)
            transaction.on_commit(lambda: handing.forget(message.key))
            return True
    cause = reason_to_hold(message, now)
    if cause is not None:
        held(message, cause)
    return cause is not None


def _send(work: _Pass, send: Send, message: Message) -> Answer | None:
    """Send a claimed message; None when the claim was lost on the way."""
    with handing.mark_of(message.key) as mark:

        def handing_over() -> None:
            if work.clock() >= message.due_at:
                raise ClaimLost
            mark.set()

        try:
            out = composed(message)
            if message.channel == MessageChannel.SMS:
                message.segments = size_of(out.text).segments
            answer = send(out, handing_over)
        except ClaimLost:
            return None
        except Exception as error:
            logger.exception("message %d failed", message.pk)
            answer = Answer(Result.LATER, reason=type(error).__name__)
        if answer.result is not Result.TAKEN and mark.is_set:
            mark.take_back()
    finish(message, answer, now=work.clock(), chance=work.chance)
    handing.forget(message.key)
    return answer
