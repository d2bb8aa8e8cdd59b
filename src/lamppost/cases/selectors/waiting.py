"""What waits for one member of the staff: counted for the head of every page of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Value

from lamppost.cases.choices import TransferState
from lamppost.cases.models import Transfer
from lamppost.people.actors import Actor
from lamppost.people.models import StaffNotice
from lamppost.people.permissions import ALL_DEPARTMENTS

# Counting stops here: "100+" says as much to a person.
COUNT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Offers that await an answer and notices not read, each counted up to ``COUNT_LIMIT``."""

    offers: int
    notices: int


def waiting_for(actor: Actor) -> Waiting:
    """Count what waits for ``actor``; one statement."""
    offers = Transfer.objects.filter(state=TransferState.OFFERED)
    if actor.role not in ALL_DEPARTMENTS:
        offers = offers.filter(to_department_id=actor.department_id or 0)
    notices = StaffNotice.objects.filter(user_id=actor.user_id or 0, read_at__isnull=True)
    found = list(
        offers.order_by()
        .values_list(Value(0))[:COUNT_LIMIT]
        .union(notices.order_by().values_list(Value(1))[:COUNT_LIMIT], all=True)
    )
    unread = sum(kind for (kind,) in found)
    return Waiting(offers=len(found) - unread, notices=unread)
