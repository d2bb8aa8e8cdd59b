"""What an agreement promises now, for whoever asks what another promise would have done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lamppost.sla.calendar import Calendar
from lamppost.sla.choices import TargetKind
from lamppost.sla.models import SlaTarget
from lamppost.sla.promises import promises
from lamppost.sla.selectors import versions_in_force
from lamppost.sla.target import DayEnd, Target, Unit


@dataclass(frozen=True, slots=True)
class Promised:
    """The target for the solution that holds everywhere, and the calendar it counts by."""

    calendar: Calendar
    target: Target | None


def promised_now(agreement_id: int, *, on: date) -> Promised | None:
    """Return what an agreement promises on the local day ``on``, None when it is not in force.

    Narrower targets of one area or priority are left aside.
    """
    version = versions_in_force(on).filter(agreement_id=agreement_id).first()
    calendar = promises().calendars.get(version.calendar_id) if version else None
    if version is None or calendar is None:
        return None
    row = SlaTarget.objects.filter(
        version=version, kind=TargetKind.RESOLVE, area__isnull=True, priority=""
    ).first()
    target = (
        Target.optional(row.amount, Unit(row.unit), day_end=DayEnd(row.day_end)) if row else None
    )
    return Promised(calendar, target)
