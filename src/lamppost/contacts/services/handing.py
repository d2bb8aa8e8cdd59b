"""Passing a caller on: to an office, to somebody outside, or to the emergency number."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import DiversionSource
from lamppost.cases.models import Diversion
from lamppost.catalog.choices import TriageOutcome
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import DispositionKind, TransferKind
from lamppost.contacts.models import Handover, Interaction
from lamppost.contacts.selectors.rules import disposition_of
from lamppost.contacts.services.calls import line_of
from lamppost.contacts.services.coding import code_if_uncoded
from lamppost.contacts.services.holding import held
from lamppost.contacts.services.line import finish
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.models import Department

_WARM_OR_COLD = frozenset({TransferKind.WARM, TransferKind.COLD})


def hand_over(
    *,
    interaction_id: int,
    kind: TransferKind,
    actor: Actor,
    to_name: str,
    to_phone: str = "",
    directory_code: str = "",
    department_id: int | None = None,
    at: datetime | None = None,
) -> Handover:
    """Pass the caller on and return the record of it.

    Announced (warm): the agent stays on the line until the other side has it. Otherwise the
    call ends here, coded as passed on unless it is coded. Raises ``Invalid`` without anybody
    to pass on to or for another kind, ``Conflict`` when the line is gone.
    """
    if kind not in _WARM_OR_COLD:
        raise Invalid(_("Choose how to pass the caller on."), field="kind")
    name = line_of(to_name, limit=200, field="to")
    if not name:
        raise Invalid(_("Say to whom."), field="to")
    if department_id is not None and not Department.objects.filter(pk=department_id).exists():
        raise Invalid(_("Choose a department of the list."), field="department")
    with held(interaction_id, actor, is_open=True) as row:
        now = at or timezone.now()
        handover = Handover.objects.create(
            interaction=row,
            kind=kind,
            to_name=name,
            to_phone=line_of(to_phone, limit=40, field="phone"),
            directory_code=directory_code,
            department_id=department_id,
            at=now,
            by_id=actor.user_id,
        )
        if kind is TransferKind.COLD:
            code_if_uncoded(row, DispositionKind.TRANSFER, at=now)
            finish(row, at=now)
        return handover


def hand_to_emergency(
    *, interaction_id: int, actor: Actor, place: str = "", at: datetime | None = None
) -> Handover:
    """Hand the caller to the emergency number, and return the record of it.

    Written down at once: the handover with the place and the number to call back, one
    diversion that the report counts, and the coding. The line stays open: the agent reads out
    the place and stays until the other side has it. Pressed again, only the place is changed.
    Nothing is queued and nothing has a service level. Raises ``Invalid`` for a place too long
    to read out, ``Conflict`` when the line is gone.
    """
    place = line_of(place, limit=300, field="place")
    with held(interaction_id, actor, is_open=True) as row:
        now = at or timezone.now()
        handover, is_new = Handover.objects.get_or_create(
            interaction=row,
            kind=TransferKind.EMERGENCY,
            defaults={
                "to_name": city_in_scope().emergency_number,
                "to_phone": city_in_scope().emergency_number,
                "place": place,
                "at": now,
                "by_id": actor.user_id,
            },
        )
        if is_new:
            _count(row, now)
        elif place and place != handover.place:
            handover.place = place
            handover.save(update_fields=["place"])
        return handover


def _count(row: Interaction, now: datetime) -> None:
    """One diversion for one caller in danger, also when a form had stopped before."""
    diverted = row.diversion
    if diverted is None or diverted.outcome != TriageOutcome.EMERGENCY:
        row.diversion = Diversion.objects.create(
            at=now,
            channel=row.channel,
            language=row.language,
            outcome=TriageOutcome.EMERGENCY,
            source=DiversionSource.AGENT,
            service_id=row.service_id,
        )
    found = disposition_of(DispositionKind.EMERGENCY)
    if found is not None:
        row.disposition = found
        row.coded_at = now
    row.save(update_fields=["diversion", "disposition", "coded_at"])
