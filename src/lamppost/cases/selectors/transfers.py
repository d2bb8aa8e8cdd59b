"""Cases on their way between departments: offers, how often they wandered, who waits long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from lamppost.cases.choices import TransferState
from lamppost.cases.models import Transfer
from lamppost.sla.engine import elapsed
from lamppost.sla.promises import promises
from lamppost.sla.target import Unit

# An offer nobody has answered within this many business hours is listed for the 311 center.
SLOW_HOURS = 8


@dataclass(frozen=True, slots=True)
class Wandering:
    """How often a case was handed on, and which departments have had it and given it away."""

    times: int = 0
    givers: frozenset[int] = frozenset()


def wanderings(case_ids: Collection[int]) -> dict[int, Wandering]:
    """Return how the cases wandered, by id, those never handed on left out; one query."""
    rows = Transfer.objects.filter(case_id__in=case_ids, state=TransferState.ACCEPTED)
    found: dict[int, Wandering] = {}
    for case_id, giver in rows.values_list("case_id", "from_department_id"):
        known = found.get(case_id, Wandering())
        found[case_id] = Wandering(known.times + 1, known.givers | {giver})
    return found


def is_slow(transfer: Transfer, *, now: datetime | None = None) -> bool:
    """Return whether an open offer has waited ``SLOW_HOURS`` business hours of the city.

    By the city's usual calendar; without one, by hours of any kind.
    """
    now = now or timezone.now()
    calendar = promises().default_calendar
    if calendar is None:
        waited = now - transfer.offered_at
    else:
        waited = elapsed(calendar, transfer.offered_at, now, Unit.BUSINESS_HOURS)
    return waited >= timedelta(hours=SLOW_HOURS)
