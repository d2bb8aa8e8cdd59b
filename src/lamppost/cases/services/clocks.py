"""The clocks of a case, through all that happens to it. The arithmetic is ``sla.engine``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from lamppost.cases.choices import ClockEventKind, ClockState, EventAudience, EventKind
from lamppost.cases.models import Case, CaseArea, Clock, ClockEvent
from lamppost.cases.selectors.clock_history import due_of, events_of, next_check, told_steps
from lamppost.cases.services.clock_writing import (
    breach_if_late,
    note_escalation,
    note_event,
    retime,
)
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.catalog.choices import CaseKind
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.kernel.text import clean_text
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require
from lamppost.sla.choices import TargetKind
from lamppost.sla.clocks import ClockEvent as Happening
from lamppost.sla.clocks import ClockEventKind as HappeningKind
from lamppost.sla.clocks import pauses_in
from lamppost.sla.engine import compute
from lamppost.sla.pauses import Pause
from lamppost.sla.promises import promises

LIVE = (ClockState.RUNNING, ClockState.PAUSED)
_ENDED_WITH_VERDICT = (ClockState.MET, ClockState.MISSED, ClockState.WAIVED)


def promised_clocks(
    case: Case, *, areas: Collection[int], without: Collection[str] = ()
) -> list[Clock]:
    """Return a clock for each promise that holds for ``case``, none of them written yet.

    Counted from the case's own time of request. An inquiry never has a clock. ``without`` are
    kinds of target that have their verdict already (answered in time, waived): they are not
    promised a second time.
    """
    if case.kind == CaseKind.INQUIRY:
        return []
    book = promises()
    local = case.requested_at.astimezone(city_in_scope().zone).date()
    found = book.for_case(
        service_id=case.service_id,
        department_id=case.department_id,
        on=local,
        areas=areas,
        priority=case.priority,
    )
    made = []
    for promise in found:
        if promise.kind in without:
            continue
        due = compute(book.calendars[promise.calendar_id], case.requested_at, promise.target)
        clock = Clock(
            case=case,
            kind=promise.kind,
            target_id=promise.target_id,
            department_id=case.department_id,
            state=ClockState.RUNNING,
            started_at=case.requested_at,
            due_at=due.at,
        )
        clock.next_check_at = next_check(clock)
        made.append(clock)
    return made


def resolve_due(clocks: Iterable[Clock]) -> datetime | None:
    """Return when the case of these clocks is to be resolved, None when that is not promised."""
    return next((clock.due_at for clock in clocks if clock.kind == TargetKind.RESOLVE), None)


def start_clocks(clocks: Collection[Clock]) -> None:
    """Write new clocks, from ``promised_clocks``, and that they run. Two statements.

    The caller saves what ``resolve_due`` says as the case's ``due_at``.
    """
    if not clocks:
        return
    Clock.objects.bulk_create(clocks)
    ClockEvent.objects.bulk_create(
        ClockEvent(clock=clock, kind=ClockEventKind.START, at=clock.started_at, due_at=clock.due_at)
        for clock in clocks
    )


def pause_clocks(case: Case, *, at: datetime, reason_id: int | None, actor: Actor) -> None:
    """Stop the running clocks of ``case`` from ``at`` on.

    ``reason_id`` is the listed reason; only closing, which is its own reason, gives none.
    """
    for clock in _live(case, ClockState.RUNNING):
        clock.state = ClockState.PAUSED
        breach_if_late(clock, at)
        clock.next_check_at = None
        clock.save(update_fields=["state", "next_check_at", "breached_at"])
        note_event(clock, ClockEventKind.PAUSE, at, reason_id=reason_id, actor=actor)
    case.is_paused = True


def resume_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """Let the paused clocks of ``case`` run on from ``at``; their due dates move accordingly."""
    for clock in _live(case, ClockState.PAUSED):
        note_event(clock, ClockEventKind.RESUME, at, actor=actor)
        clock.state = ClockState.RUNNING
        retime(clock, case)
    case.is_paused = False


def stop_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """End the live clocks of ``case`` at ``at``: met in time, or missed.

    Due exactly at ``at`` is in time; late means strictly after.
    """
    for clock in _live(case, *LIVE):
        _stop(clock, at, actor)
        if clock.kind == TargetKind.RESOLVE:
            case.due_at = clock.due_at
    case.is_paused = False


def meet(case: Case, kind: TargetKind, *, at: datetime, actor: Actor) -> None:
    """End the live clock of one kind (the first answer, the inspection), if there is one."""
    for clock in _live(case, *LIVE):
        if clock.kind == kind:
            _stop(clock, at, actor)


def reopen_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """Run the same clocks on from ``at``; the time the case was closed counts as a pause."""
    ended = Clock.objects.select_for_update().filter(
        case=case, kind=TargetKind.RESOLVE, state__in=[ClockState.MET, ClockState.MISSED]
    )
    for clock in ended:
        note_event(clock, ClockEventKind.REOPEN, at, actor=actor)
        clock.state = ClockState.RUNNING
        clock.stopped_at = None
        retime(clock, case)


def put_off_breach(case: Case) -> None:
    """Do not look for breaches of ``case`` until ``expect_breach``: they may not count."""
    Clock.objects.filter(case=case, state=ClockState.RUNNING).update(next_check_at=None)


def expect_breach(case: Case) -> None:
    """Look for breaches of ``case`` again; one that has happened gets its true time."""
    running = Clock.objects.filter(case=case, state=ClockState.RUNNING, breached_at=None)
    running.update(next_check_at=F("due_at"))


def set_aside(case: Case, *, since: datetime, actor: Actor) -> None:
    """Let the live promise of solving ``case`` stand still from ``since``, in the past, on.

    For a case that was opened without need: what it ran since does not count.
    """
    for clock in _live(case, ClockState.RUNNING):
        if clock.kind == TargetKind.RESOLVE:
            clock.state = ClockState.PAUSED
            clock.next_check_at = None
            clock.save(update_fields=["state", "next_check_at"])
            note_event(clock, ClockEventKind.PAUSE, since, actor=actor)


def cancel_clocks(case: Case, *, at: datetime, actor: Actor, note: str) -> None:
    """End the live clocks without a verdict: the case is a duplicate, the promise is gone."""
    for clock in _live(case, *LIVE):
        clock.state = ClockState.CANCELLED
        clock.stopped_at = at
        clock.next_check_at = None
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        note_event(clock, ClockEventKind.CANCEL, at, actor=actor, note=note)
    case.due_at = None
    case.is_paused = False


def restart_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """Replace the live clocks after a change of service, owner or priority.

    New clocks run from the original start with the pauses there were; the old ones stay as
    superseded. A clock that has its verdict keeps it.
    """
    live = list(_live(case, *LIVE))
    pauses = _pauses_to_carry(case, live)
    told = {(clock.kind, clock.due_at): told_steps(clock) for clock in live}
    for clock in live:
        clock.state = ClockState.SUPERSEDED
        clock.stopped_at = at
        clock.next_check_at = None
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        note_event(clock, ClockEventKind.CANCEL, at, actor=actor, note="superseded")
    ended = Clock.objects.filter(case=case, state__in=_ENDED_WITH_VERDICT)
    clocks = promised_clocks(
        case,
        areas=set(CaseArea.objects.filter(case=case).values_list("area_id", flat=True)),
        without=set(ended.values_list("kind", flat=True)),
    )
    start_clocks(clocks)
    case.due_at = resolve_due(clocks)
    for clock in _live(case, ClockState.RUNNING):
        for pause, reason_id in pauses:
            note_event(clock, ClockEventKind.PAUSE, pause.start, reason_id=reason_id, actor=actor)
            if pause.end is not None:
                note_event(clock, ClockEventKind.RESUME, pause.end, actor=actor)
        if case.is_paused:
            clock.state = ClockState.PAUSED
        retime(clock, case)
        # The same date once more is no news to those who were told.
        for code in told.get((clock.kind, clock.due_at), ()):
            note_escalation(clock, code, at=at)
        _watch(clock)


def _pauses_to_carry(case: Case, live: list[Clock]) -> list[tuple[Pause, int | None]]:
    """The spans in which the case's clocks stood still, with the listed reason of each.

    Of the live clocks; where none is, of the last that ran, whose open pause ended with it.
    """
    clock = next((one for one in live if one.kind == TargetKind.RESOLVE), None)
    clock = clock or next(iter(live), None)
    ended_last = F("stopped_at").desc(nulls_last=True)
    clock = clock or Clock.objects.filter(case=case).order_by(ended_last, "-id").first()
    if clock is None:
        return []
    events = list(events_of(clock))
    reasons = {event.at: event.reason_id for event in events if event.kind == ClockEventKind.PAUSE}
    pauses = pauses_in(Happening(HappeningKind(event.kind), event.at) for event in events)
    if clock.state not in LIVE and clock.stopped_at is not None:
        ended = clock.stopped_at
        pauses = tuple(Pause(one.start, one.end or max(one.start, ended)) for one in pauses)
    return [(pause, reasons.get(pause.start)) for pause in pauses]


def waive(clock: Clock, *, at: datetime, actor: Actor, reason: str) -> None:
    """Excuse a clock: who and why are kept and shown.

    Raises ``Forbidden`` without the permission, ``Invalid`` without a reason and ``Conflict``
    when the clock has ended otherwise.
    """
    require(actor, Permission.SLA_WAIVE)
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Say why the service level is waived."), field="reason")
    with locked(clock.case_id, None, actor) as case:
        clock = Clock.objects.select_for_update().get(pk=clock.pk)
        if clock.state in {ClockState.WAIVED, ClockState.SUPERSEDED, ClockState.CANCELLED}:
            raise Conflict(_("This clock is no longer running."))
        clock.state = ClockState.WAIVED
        clock.stopped_at = at
        clock.next_check_at = None
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        note_event(clock, ClockEventKind.WAIVE, at, actor=actor, note=reason[:300])
        if clock.kind == TargetKind.RESOLVE:
            # Excused: nothing is due any more, and no queue shows it as late.
            case.due_at = None
            case.save(update_fields=["due_at"])
        record(
            case,
            EventKind.CLOCK,
            actor=actor,
            audience=EventAudience.PUBLIC,
            at=at,
            text=reason,
            data={"clock": clock.pk, "kind": clock.kind, "change": "waive"},
        )


def _watch(clock: Clock) -> None:
    clock.next_check_at = next_check(clock, told_steps(clock))
    clock.save(update_fields=["next_check_at"])


def _live(case: Case, *states: ClockState) -> Iterable[Clock]:
    return list(Clock.objects.select_for_update().filter(case=case, state__in=states))


def _stop(clock: Clock, at: datetime, actor: Actor) -> None:
    if clock.state == ClockState.PAUSED:
        note_event(clock, ClockEventKind.RESUME, at, actor=actor)
        due = due_of(clock)
        if due is not None and due.at is not None:
            clock.due_at = due.at
    if clock.due_at is not None and at <= clock.due_at:
        # Done in time and told late (from a phone without a network): the breach was none.
        clock.breached_at = None
    breach_if_late(clock, at)
    clock.state = ClockState.MISSED if clock.breached_at else ClockState.MET
    clock.stopped_at = at
    clock.next_check_at = None
    clock.save(update_fields=["state", "stopped_at", "next_check_at", "breached_at", "due_at"])
    note_event(clock, ClockEventKind.MEET, at, actor=actor)
