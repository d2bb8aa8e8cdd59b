"""The last look before a message leaves: what was true when it was written may not be now."""

from __future__ import annotations

from datetime import datetime, timedelta

from lamppost.catalog.choices import State, Visibility
from lamppost.notify.choices import HeldCause, Link
from lamppost.notify.models import Message
from lamppost.notify.services.stops import cause_of, stopped

# Older than this is no news: a city whose mail was off for long does not flood people.
OLDEST = timedelta(days=3)
# Sent although the address is stopped: the answer to STOP itself, and what a person writes back
# to who wrote to them.
GOES_ANYWAY = frozenset({"stop_done", "start_done", "mail_answer"})


def reason_to_hold(message: Message, now: datetime) -> HeldCause | None:
    """Return why ``message`` is not to be sent now or ever, or None."""
    if not message.text and not message.subject:
        return HeldCause.ERASED
    if now - message.not_before > OLDEST:
        return HeldCause.TOO_LATE
    if message.template not in GOES_ANYWAY:
        halt = stopped(message.channel, message.address)
        if halt is not None:
            return cause_of(halt)
    return _by_subscription(message)


def _by_subscription(message: Message) -> HeldCause | None:
    subscription, case = message.subscription, message.case
    if subscription is None:
        return None
    if subscription.ended_at is not None:
        return HeldCause.ENDED
    if case is None:
        return None
    if case.visibility != Visibility.PUBLIC and not subscription.is_reporter:
        return HeldCause.HIDDEN
    if message.link == Link.SURVEY and case.state != State.CLOSED:
        return HeldCause.SUPERSEDED
    return None
