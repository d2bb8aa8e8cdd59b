"""What a person decides about deliveries and about what partners said."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventKind
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.partners.choices import (
    NEEDS_A_PERSON,
    WAITING,
    DeliveryState,
    FindingKind,
    InboundResult,
    Purpose,
)
from lamppost.partners.models import Connection, Delivery, Finding, HandOff, InboundUpdate
from lamppost.partners.services.inbound import Told, take
from lamppost.partners.services.outbox import begin
from lamppost.partners.services.results import acknowledge, note_on_case
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_SETTLED = frozenset({DeliveryState.ACKNOWLEDGED, DeliveryState.BY_PHONE, DeliveryState.GIVEN_UP})


def retry(*, delivery_id: int, actor: Actor) -> Delivery:
    """Send a failed or dead delivery again at once, under the same key; return it.

    One that was lost goes out as a new message: the partner would take its key for known.
    Raises ``Conflict`` for one that is neither and for a lost one whose case is closed or not
    the partner's any more, ``NotFound`` for none of this city.
    """
    delivery = _checked(delivery_id, actor)
    with transaction.atomic():
        delivery = _locked(delivery)
        if delivery.state == DeliveryState.LOST:
            _need_theirs(Case.objects.get(pk=delivery.handoff.case_id), delivery.connection)
            return _again(delivery.handoff, delivery.event, actor)
        if delivery.state not in {DeliveryState.DEAD, DeliveryState.FAILED, DeliveryState.QUEUED}:
            raise Conflict(_("This delivery does not wait to be sent."))
        _requeue(delivery)
        return delivery


def retry_dead(*, connection: Connection, actor: Actor) -> int:
    """Send every dead delivery of a connection again; return how many."""
    require(actor, Permission.PARTNER_MANAGE, detail=connection.code)
    with transaction.atomic():
        dead = Delivery.objects.select_for_update().filter(
            connection=connection, state=DeliveryState.DEAD
        )
        rows = list(dead.order_by("id"))
        for row in rows:
            _requeue(row)
        return len(rows)


def give_up(*, delivery_id: int, reason: str, actor: Actor) -> Delivery:
    """Take a delivery out of the queue for good. Of a new case, what follows it goes too.

    Raises ``Invalid`` without a reason, ``Conflict`` for one that is settled.
    """
    delivery = _checked(delivery_id, actor)
    reason = _reason(reason)
    with transaction.atomic():
        delivery = _locked(delivery)
        _settle(delivery, DeliveryState.GIVEN_UP, reason, actor)
        if delivery.purpose == Purpose.NEW:
            later = Delivery.objects.select_for_update(of=("self",)).filter(
                handoff=delivery.handoff, pk__gt=delivery.pk
            )
            for row in later.select_related("handoff"):
                if row.state not in _SETTLED:
                    _settle(row, DeliveryState.GIVEN_UP, reason, actor)
            HandOff.objects.filter(pk=delivery.handoff_id).update(ended_at=timezone.now())
        return delivery


def deliver_by_phone(
    *, delivery_id: int, reason: str, external_number: str = "", actor: Actor
) -> Delivery:
    """Mark a delivery as handed over by a person: who spoke to whom stands in ``reason``.

    Raises ``Invalid`` without it, ``Conflict`` for a delivery that is settled.
    """
    delivery = _checked(delivery_id, actor)
    reason = _reason(reason)
    number = clean_line(external_number)
    if len(number) > 100:
        raise Invalid(_("Use at most 100 characters."), field="external_number")
    with transaction.atomic():
        delivery = _locked(delivery)
        now = timezone.now()
        handoff = delivery.handoff
        if number:
            handoff.external_number, handoff.external_number_at = number, now
        if delivery.purpose == Purpose.NEW:
            handoff.acknowledged_at = handoff.acknowledged_at or now
            handoff.sent_at = handoff.sent_at or now
        handoff.save()
        _settle(delivery, DeliveryState.BY_PHONE, reason, actor)
        return delivery


def send_again(*, finding_id: int, actor: Actor) -> Delivery:
    """Hand over again a case that a reconciliation found lost or never sent; return it.

    Raises ``Conflict`` when it was sent again already, is closed, or is not the partner's any
    more, or when the finding is a difference of status.
    """
    finding = (
        Finding.objects.filter(pk=finding_id).select_related("run__connection", "case").first()
    )
    if finding is None:
        raise NotFound(_("This finding does not exist here."))
    connection = finding.run.connection
    require(actor, Permission.PARTNER_MANAGE, detail=connection.code)
    if finding.kind == FindingKind.MISMATCH:
        raise Conflict(_("The partner has this case: settle the status with them."))
    with transaction.atomic():
        finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
        # The hand-off before the case, as when the partner says something.
        handoffs = HandOff.objects.select_for_update(no_key=True)
        handoff = handoffs.filter(case=finding.case_id, connection=connection).first()
        case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=finding.case_id)
        if finding.sent_again_at is not None or _is_sent_since(handoff, finding.run.at):
            raise Conflict(_("This case was already sent again."))
        _need_theirs(case, connection)
        delivery = _handed_over_again(connection, case, handoff, actor)
        finding.sent_again_at, finding.sent_again_by_id = timezone.now(), actor.user_id
        finding.save(update_fields=["sent_again_at", "sent_again_by"])
        return delivery


def settle_inbound(*, update_id: int, actor: Actor, apply: bool) -> InboundUpdate:
    """Take an item of what partners said off the list; ``apply``: with the words as they are
    mapped now. Returns the item; raises ``Conflict`` when it was seen to already.
    """
    row = InboundUpdate.objects.filter(pk=update_id).select_related("connection").first()
    if row is None:
        raise NotFound(_("This message does not exist here."))
    require(actor, Permission.PARTNER_MANAGE, detail=row.connection.code)
    with transaction.atomic():
        row = (
            InboundUpdate.objects.select_for_update(of=("self",))
            .select_related("connection", "handoff__case")
            .get(pk=update_id)
        )
        if row.result not in {InboundResult.UNMAPPED, InboundResult.REFUSED}:
            raise Conflict(_("Somebody has seen to this already."))
        if apply:
            _apply_now(row)
        row.result = InboundResult.RESOLVED
        row.settled_at, row.settled_by_id = timezone.now(), actor.user_id
        row.save(update_fields=["result", "settled_at", "settled_by"])
        return row


def _apply_now(row: InboundUpdate) -> None:
    if row.handoff is None:
        raise Conflict(_("No case of theirs is known by this number."))
    told = Told(
        update_id=f"{row.update_id[:180]}#{row.pk}",
        at=row.at,
        number=row.handoff.case.number,
        status=row.word,
    )
    if take(row.connection, told).result != InboundResult.APPLIED:
        raise Conflict(_("This still has no meaning here: add the word to the connection first."))


def _handed_over_again(
    connection: Connection, case: Case, handoff: HandOff | None, actor: Actor
) -> Delivery:
    last = CaseEvent.objects.filter(case=case, state=case.state).order_by("-seq")
    event = last.exclude(kind__in=[EventKind.DELIVERY, EventKind.CLOCK]).first()
    if event is None:
        raise Conflict(_("This case has no history."))
    if handoff is not None:
        Delivery.objects.filter(
            handoff=handoff, purpose=Purpose.NEW, state=DeliveryState.SENT
        ).update(state=DeliveryState.LOST)
        return _again(handoff, event, actor)
    return begin(connection, case, event, None, timezone.now())


def _again(handoff: HandOff, event: CaseEvent, actor: Actor) -> Delivery:
    now = timezone.now()
    # What was to be told of the case they do not have goes too: the new message says how it
    # stands, and would wait behind it for a number that is no more.
    past = [*WAITING, *NEEDS_A_PERSON]
    Delivery.objects.filter(handoff=handoff, state__in=past).update(
        settled_at=now, settled_by=actor.user_id, state=DeliveryState.GIVEN_UP
    )
    handoff.external_number = handoff.external_token = handoff.external_status = ""
    handoff.external_number_at = handoff.external_status_at = None
    handoff.sent_at = handoff.acknowledged_at = None
    handoff.save()
    case = Case.objects.get(pk=handoff.case_id)
    return begin(handoff.connection, case, event, handoff, now)


def _is_sent_since(handoff: HandOff | None, at: datetime) -> bool:
    """Whether the case was handed over again after a comparison that found it amiss."""
    later = Delivery.objects.filter(handoff=handoff, purpose=Purpose.NEW, created_at__gt=at)
    return handoff is not None and later.exists()


def _need_theirs(case: Case, connection: Connection) -> None:
    if case.state == State.CLOSED or case.department_id != connection.department_id:
        raise Conflict(_("This case is closed, or another department's by now."))


def _requeue(delivery: Delivery) -> None:
    delivery.state = DeliveryState.QUEUED
    delivery.due_at = timezone.now()
    delivery.claimed_until = None
    delivery.tries = 0
    delivery.drop = None
    delivery.save(update_fields=["state", "due_at", "claimed_until", "tries", "drop"])


def _settle(delivery: Delivery, state: DeliveryState, reason: str, actor: Actor) -> None:
    if delivery.state in _SETTLED:
        raise Conflict(_("This delivery is settled already."))
    now = timezone.now()
    delivery.state = state
    delivery.settled_at, delivery.settled_by_id = now, actor.user_id
    delivery.settled_reason = reason
    if state == DeliveryState.BY_PHONE:
        delivery.acknowledged_at = now
    delivery.save()
    note_on_case(delivery, state, actor=actor)
    if state == DeliveryState.BY_PHONE and delivery.purpose == Purpose.NEW:
        acknowledge(delivery.handoff, now=now)


def _reason(text: str) -> str:
    reason = checked_note(text, field="reason")
    if not reason:
        raise Invalid(_("Say why, for whoever looks at this later."), field="reason")
    return reason


def _checked(delivery_id: int, actor: Actor) -> Delivery:
    delivery = Delivery.objects.filter(pk=delivery_id).select_related("connection").first()
    if delivery is None:
        raise NotFound(_("This delivery does not exist here."))
    require(actor, Permission.PARTNER_MANAGE, detail=delivery.connection.code)
    return delivery


def _locked(delivery: Delivery) -> Delivery:
    handoff = HandOff.objects.select_for_update(no_key=True).get(pk=delivery.handoff_id)
    row = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("connection", "event")
        .get(pk=delivery.pk)
    )
    row.handoff = handoff
    return row
