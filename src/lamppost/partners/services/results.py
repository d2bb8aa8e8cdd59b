"""Writing down how an attempt ended: the delivery, the hand-off, the circuit, the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.partners import pacing
from lamppost.partners.choices import WAITING, AttemptResult, DeliveryState, Purpose
from lamppost.partners.models import Attempt, Connection, Delivery, HandOff
from lamppost.partners.senders import Answer
from lamppost.partners.services.alarms import tell_broken, tell_dead
from lamppost.people.actors import SYSTEM, Actor


def finish(
    delivery: Delivery,
    attempt: Attempt,
    answer: Answer,
    *,
    took_ms: int,
    now: datetime,
    chance: Callable[[], float],
) -> None:
    """Write down ``answer``. A delivery somebody settled meanwhile keeps what they decided."""
    with transaction.atomic():
        # Connection, hand-off, delivery: always in this order. Their keys stay as they are, so
        # that the relay, which only names them, never waits for us while we wait for it.
        connection = Connection.objects.select_for_update(no_key=True).get(
            pk=delivery.connection_id
        )
        handoff = HandOff.objects.select_for_update(no_key=True).get(pk=delivery.handoff_id)
        row = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("connection")
            .get(pk=delivery.pk)
        )
        row.handoff = handoff
        Attempt.objects.filter(pk=attempt.pk).update(
            duration_ms=took_ms, result=answer.result, code=answer.code, reason=answer.reason
        )
        row.claimed_until = None
        if answer.result == AttemptResult.TAKEN:
            _taken(row, answer, now)
            _mended(connection, now)
        else:
            _failed(row, answer, now, chance)
            _broken(connection, answer, now, chance)
        row.save()


def note_on_case(delivery: Delivery, state: str, *, actor: Actor = SYSTEM) -> None:
    """Write into the case's history where its hand-off stands. For staff: ids and codes."""
    handoff = delivery.handoff
    # The case before its event, as everybody does who works on it.
    case = Case.objects.select_for_update(of=("self",)).get(pk=handoff.case_id)
    record(
        case,
        EventKind.DELIVERY,
        actor=actor,
        audience=EventAudience.STAFF,
        data={
            "connection": delivery.connection_id,
            "delivery": delivery.pk,
            "state": state,
            "external_number": handoff.external_number,
        },
    )


def acknowledge(handoff: HandOff, *, now: datetime) -> None:
    """Mark that the partner has the case; what was sent of it is acknowledged with it.

    The caller has locked the hand-off and saves it.
    """
    if handoff.acknowledged_at is None:
        handoff.acknowledged_at = now
    sent = Delivery.objects.filter(
        handoff=handoff, purpose=Purpose.NEW, state__in=[DeliveryState.SENT, DeliveryState.LOST]
    )
    for delivery in sent.select_related("handoff"):
        delivery.handoff = handoff
        delivery.state = DeliveryState.ACKNOWLEDGED
        delivery.acknowledged_at = now
        delivery.save(update_fields=["state", "acknowledged_at"])
        note_on_case(delivery, DeliveryState.ACKNOWLEDGED)


def _taken(row: Delivery, answer: Answer, now: datetime) -> None:
    handoff = row.handoff
    is_first = row.purpose == Purpose.NEW
    if is_first:
        handoff.sent_at = handoff.sent_at or now
        if answer.token:
            handoff.external_token = answer.token
            if handoff.acknowledged_at is None:
                # Of a time before: the new one is yet to come.
                handoff.external_number, handoff.external_number_at = "", None
    if answer.number:
        handoff.external_number, handoff.external_number_at = answer.number, now
    if is_first and answer.is_acknowledged:
        handoff.acknowledged_at = handoff.acknowledged_at or now
    handoff.save()
    if row.state not in WAITING:
        return
    row.sent_at = now
    row.state = DeliveryState.SENT
    # They may have told us of it before their answer to the message itself was in.
    was_told = is_first and handoff.acknowledged_at is not None
    if answer.is_acknowledged or was_told:
        row.state, row.acknowledged_at = DeliveryState.ACKNOWLEDGED, now
    if is_first:
        note_on_case(row, row.state)


def _failed(row: Delivery, answer: Answer, now: datetime, chance: Callable[[], float]) -> None:
    if row.state not in WAITING:
        return
    if answer.result == AttemptResult.REFUSED or row.tries >= pacing.MOST_TRIES:
        row.state = DeliveryState.DEAD
        note_on_case(row, DeliveryState.DEAD)
        tell_dead(row)
        return
    row.state = DeliveryState.FAILED
    wait = pacing.delay_after(row.tries, chance)
    row.due_at = now + max(wait, answer.again_in or timedelta())


def _mended(connection: Connection, now: datetime) -> None:
    if not connection.failures:
        return
    connection.failures = 0
    connection.broken_since = connection.broken_until = None
    connection.save(update_fields=["failures", "broken_since", "broken_until"])
    # It answers again: what failed meanwhile need not sit out its wait.
    Delivery.objects.filter(connection=connection, state=DeliveryState.FAILED).update(due_at=now)


def _broken(
    connection: Connection, answer: Answer, now: datetime, chance: Callable[[], float]
) -> None:
    connection.failures += 1
    pause = pacing.break_after(connection.failures, chance)
    if answer.again_in is not None:
        pause = max(pause or timedelta(), answer.again_in)
    if pause is not None:
        connection.broken_until = now + pause
        if connection.broken_since is None and connection.failures >= pacing.BREAK_AFTER:
            connection.broken_since = now
            tell_broken(connection)
    connection.save(update_fields=["failures", "broken_since", "broken_until"])
