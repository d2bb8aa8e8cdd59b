"""Sending what waits: claim, send, write down. Safe to kill anywhere, safe to run twice.

The claim and the attempt are committed before anything leaves, so that a worker that dies in
between leaves a trace: the next one knows that the message may have arrived, and sends it
with the same key.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lamppost.kernel.vault import SecretLost, opened
from lamppost.partners.addresses import BadAddress
from lamppost.partners.choices import (
    WAITING,
    AttemptResult,
    ConnectionKind,
    ConnectionState,
    DeliveryState,
    Purpose,
)
from lamppost.partners.messages import message_of
from lamppost.partners.models import Attempt, Connection, Delivery
from lamppost.partners.senders import Answer, Sender, email, open311, webhook
from lamppost.partners.services.results import finish

logger = logging.getLogger(__name__)

# Longer than any sender takes: until then a claimed delivery is nobody else's.
LEASE = timedelta(seconds=90)
# A pass ends after this, so that no partner keeps a worker from the others' work.
BUDGET_S = 25.0

_SENDERS: dict[str, Sender] = {
    ConnectionKind.EMAIL: email.send,
    ConnectionKind.WEBHOOK: webhook.send,
    ConnectionKind.OPEN311: open311.send,
}


@dataclass(frozen=True, slots=True)
class _Claim:
    delivery: Delivery
    attempt: Attempt
    is_unsure: bool


def deliver(
    connection_id: int,
    *,
    clock: Callable[[], datetime] = timezone.now,
    chance: Callable[[], float] = random.random,
    budget_s: float = BUDGET_S,
) -> int:
    """Send what is due at one connection, oldest first; return how many were taken.

    Ends at the first failure that may pass: the partner is asked again later, not hammered.
    Files are written by ``drops``.
    """
    until = time.monotonic() + budget_s
    taken = 0
    while time.monotonic() < until:
        connection = Connection.objects.filter(pk=connection_id).first()
        if connection is None or not is_open(connection, clock()):
            break
        claim = _claim(connection, clock())
        if claim is None:
            break
        started = time.monotonic()
        answer = _send(connection, claim)
        took_ms = round((time.monotonic() - started) * 1000)
        finish(claim.delivery, claim.attempt, answer, took_ms=took_ms, now=clock(), chance=chance)
        if answer.result in {AttemptResult.AGAIN, AttemptResult.UNKNOWN}:
            break
        taken += answer.result == AttemptResult.TAKEN
    return taken


def is_open(connection: Connection, now: datetime) -> bool:
    """Return whether anything may be sent now: active, and not left alone for a while."""
    if connection.state != ConnectionState.ACTIVE:
        return False
    return connection.broken_until is None or connection.broken_until <= now


def due(connection: Connection, now: datetime) -> QuerySet[Delivery]:
    """Return what may be sent now, oldest first.

    A delivery waits for those before it of the same case, and one to an Open311 server for
    the number it has to name.
    """
    earlier = Delivery.objects.filter(
        handoff=OuterRef("handoff"),
        pk__lt=OuterRef("pk"),
        state__in=[*WAITING, DeliveryState.DEAD],
    )
    found = Delivery.objects.filter(
        ~Exists(earlier),
        Q(claimed_until=None) | Q(claimed_until__lte=now),
        connection=connection,
        state__in=WAITING,
        due_at__lte=now,
    )
    if connection.kind == ConnectionKind.OPEN311:
        found = found.filter(Q(purpose=Purpose.NEW) | ~Q(handoff__external_number=""))
    return found.order_by("id")


def start_attempt(delivery: Delivery, now: datetime) -> Attempt:
    """Write down that ``delivery``, which the caller has locked, is about to be sent."""
    delivery.tries += 1
    delivery.claimed_until = now + LEASE
    delivery.save(update_fields=["tries", "claimed_until"])
    return Attempt.objects.create(delivery=delivery, started_at=now, result=AttemptResult.STARTED)


def _claim(connection: Connection, now: datetime) -> _Claim | None:
    with transaction.atomic():
        delivery = (
            due(connection, now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("handoff", "handoff__case", "event")
            .first()
        )
        if delivery is None:
            return None
        unsure = Attempt.objects.filter(
            delivery=delivery, result__in=[AttemptResult.STARTED, AttemptResult.UNKNOWN]
        ).exists()
        return _Claim(delivery, start_attempt(delivery, now), unsure)


def _send(connection: Connection, claim: _Claim) -> Answer:
    try:
        secret = opened(connection.secret)
        return _SENDERS[connection.kind](
            connection, secret, message_of(claim.delivery), claim.is_unsure
        )
    except (BadAddress, SecretLost) as error:
        # Ours to mend, not the message's fault: it waits, and the alarm says why.
        return Answer(AttemptResult.AGAIN, reason=str(error))
    except Exception as error:
        logger.exception("delivery %d failed", claim.delivery.pk)
        return Answer(AttemptResult.UNKNOWN, reason=type(error).__name__)
