"""Telling who has to know that a promise is about to be missed, or is: once per step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import ClockState, EventAudience, EventKind
from lamppost.cases.models import Clock
from lamppost.cases.selectors.clock_history import next_check, steps_to_tell, told_steps
from lamppost.cases.services.assignment import works_for
from lamppost.cases.services.clock_writing import note_escalation
from lamppost.cases.services.events import record
from lamppost.cases.services.telling import tell_about
from lamppost.kernel.text import in_language
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of
from lamppost.sla.calendar import Calendar, NeverOpen
from lamppost.sla.choices import Audience, StepMoment, TargetKind
from lamppost.sla.escalation import Step, is_working_time
from lamppost.sla.promises import promises

# A pass a little after closing time still tells what fell due at closing time.
_GRACE = timedelta(minutes=15)
_ROLES = {
    Audience.MANAGERS: Role.MANAGER,
    Audience.SUPERVISORS: Role.SUPERVISOR,
    Audience.DIRECTOR: Role.DIRECTOR,
}


@dataclass(slots=True)
class _Staff:
    """Whom each audience means, looked up once per pass."""

    found: dict[tuple[Role, int | None], list[User]] = field(default_factory=dict)

    def of(self, role: Role, department_id: int | None) -> list[User]:
        key = (role, department_id if role is Role.MANAGER else None)
        if key not in self.found:
            self.found[key] = staff_of(roles={role}, department_id=key[1])
        return self.found[key]


def escalate(*, now: datetime, limit: int = 500) -> int:
    """Tell, for the city in scope, the steps of escalation that are due; return clocks looked at.

    Runs after ``mark_breaches``. Event, notices and the mark that the step was told are one
    transaction under the locks of clock and case, so two workers or one that was killed tell
    once. Found outside working time, a step waits for the next opening.
    """
    with transaction.atomic():
        clocks = list(
            # With their cases, of which an event is written: one somebody works on just now is
            # looked at in the next pass, so that neither waits for the other for ever.
            Clock.objects.select_for_update(skip_locked=True, of=("self", "case"))
            .filter(next_check_at__lt=now, state=ClockState.RUNNING)
            # One that is late and not yet marked so is the other pass's.
            .filter(Q(breached_at__isnull=False) | Q(due_at__gte=now))
            .select_related("case__assignee")
            .order_by("next_check_at")[:limit]
        )
        staff = _Staff()
        for clock in clocks:
            _look_at(clock, staff, now)
    return len(clocks)


def _look_at(clock: Clock, staff: _Staff, now: datetime) -> None:
    told = told_steps(clock)
    waits_until = None
    for at, step in steps_to_tell(clock, told):
        if at >= now:
            break
        waits_until = _opening_to_wait_for(clock, at, now)
        if waits_until is not None:
            break
        _tell(clock, step, at, staff, now)
        told.add(step.code)
    clock.next_check_at = next_check(clock, told)
    if waits_until is not None:
        due = clock.due_at if clock.breached_at is None else None
        clock.next_check_at = min(waits_until, due or waits_until)
    clock.save(update_fields=["next_check_at"])


def _opening_to_wait_for(clock: Clock, at: datetime, now: datetime) -> datetime | None:
    calendar = _calendar_of(clock)
    if calendar is None or now - at <= _GRACE or is_working_time(calendar, now):
        return None
    try:
        return calendar.next_opening(now)
    except NeverOpen:
        return None


def _calendar_of(clock: Clock) -> Calendar | None:
    book = promises()
    promise = book.by_target.get(clock.target_id or 0)
    return book.calendars[promise.calendar_id] if promise else None


def _tell(clock: Clock, step: Step, at: datetime, staff: _Staff, now: datetime) -> None:
    people = _people(clock, step.audiences, staff)
    note_escalation(clock, step.code, at=now)
    tell_about(
        clock.case,
        people,
        NoticeKind.ESCALATION,
        subject=lambda: _subject(clock, step),
        once_key=f"escalation:{clock.pk}:{step.code}",
    )
    record(
        clock.case,
        EventKind.ESCALATED,
        actor=SYSTEM,
        audience=EventAudience.STAFF,
        at=now,
        data={
            "clock": clock.pk,
            "kind": clock.kind,
            "step": step.code,
            "moment": step.moment.value,
            "planned": at.isoformat(),
            "due": clock.due_at.isoformat() if clock.due_at else None,
            "told": [user.pk for user in people],
        },
    )


def _subject(clock: Clock, step: Step) -> str:
    words = {"number": clock.case.number, "kind": TargetKind(clock.kind).label}
    own = in_language(step.wording, get_language() or "en")
    if own:
        return f"{clock.case.number}: {own}"
    if step.moment is StepMoment.BEFORE:
        return _("%(number)s is due soon (%(kind)s)") % words
    return _("%(number)s is late (%(kind)s)") % words


def _people(clock: Clock, audiences: Iterable[Audience], staff: _Staff) -> list[User]:
    found: dict[int, User] = {}
    for audience in audiences:
        assignee = clock.case.assignee if audience is Audience.ASSIGNEE else None
        if assignee is not None and works_for(assignee.pk, clock.case.department_id):
            people = [assignee]
        else:
            # A case nobody has, or somebody who left, is its managers' to give to somebody.
            role = _ROLES.get(audience, Role.MANAGER)
            people = staff.of(role, clock.case.department_id)
        found.update({user.pk: user for user in people})
    return list(found.values())
