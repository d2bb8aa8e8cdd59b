"""The clocks of a case: the only code that writes them. The arithmetic is ``sla.engine``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import ClockEventKind, ClockState, EventAudience, EventKind
from lamppost.cases.models import Case, CaseArea, Clock, ClockEvent
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.catalog.choices import CaseKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.kernel.text import clean_text
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.permissions import Permission, require
from lamppost.sla.choices import TargetKind
from lamppost.sla.clocks import ClockEvent as Happening
from lamppost.sla.clocks import ClockEventKind as HappeningKind
from lamppost.sla.clocks import ClockState as Replayed
from lamppost.sla.clocks import replay
from lamppost.sla.engine import Due, compute
from lamppost.sla.pauses import Pause
from lamppost.sla.promises import promises

LIVE = (ClockState.RUNNING, ClockState.PAUSED)
_CARRIED_OVER = (ClockEventKind.PAUSE, ClockEventKind.RESUME)
_ENDED_WITH_VERDICT = (ClockState.MET, ClockState.MISSED, ClockState.WAIVED)


def start_clocks(
    case: Case, *, areas: Collection[int], without: Collection[str] = ()
) -> datetime | None:
    """Start a clock for each promise that holds for ``case``; return when it is to be resolved.

    Counted from the case's own time of request. An inquiry never has a clock. The caller
    saves ``case.due_at``. ``without`` are kinds of target that have their verdict already
    (answered in time, waived): they are not promised a second time.
    """
    if case.kind == CaseKind.INQUIRY:
        return None
    book = promises()
    local = case.requested_at.astimezone(city_in_scope().zone).date()
    found = book.for_case(
        service_id=case.service_id,
        department_id=case.department_id,
        on=local,
        areas=areas,
        priority=case.priority,
    )
    resolve_due = None
    for promise in found:
        if promise.kind in without:
            continue
        due = compute(book.calendars[promise.calendar_id], case.requested_at, promise.target)
        clock = Clock.objects.create(
            case=case,
            kind=promise.kind,
            target_id=promise.target_id,
            department_id=case.department_id,
            state=ClockState.RUNNING,
            started_at=case.requested_at,
            due_at=due.at,
            next_check_at=due.at,
        )
        _note(clock, ClockEventKind.START, case.requested_at, due_at=due.at)
        if promise.kind is TargetKind.RESOLVE:
            resolve_due = due.at
    return resolve_due


def pause_clocks(case: Case, *, at: datetime, reason_id: int | None, actor: Actor) -> None:
    """Stop the running clocks of ``case`` from ``at`` on.

    ``reason_id`` is the listed reason; only closing, which is its own reason, gives none.
    """
    for clock in _live(case, ClockState.RUNNING):
        clock.state = ClockState.PAUSED
        _breach_if_late(clock, at)
        clock.next_check_at = None
        clock.save(update_fields=["state", "next_check_at", "breached_at"])
        _note(clock, ClockEventKind.PAUSE, at, reason_id=reason_id, actor=actor)
    case.is_paused = True


def resume_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """Let the paused clocks of ``case`` run on from ``at``; their due dates move accordingly."""
    for clock in _live(case, ClockState.PAUSED):
        _note(clock, ClockEventKind.RESUME, at, actor=actor)
        clock.state = ClockState.RUNNING
        _retime(clock, case)
    case.is_paused = False


def stop_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """End the live clocks of ``case`` at ``at``: met in time, or missed.

    Due exactly at ``at`` is in time; late means strictly after.
    """
    for clock in _live(case, *LIVE):
        _stop(clock, at, actor)
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
        _note(clock, ClockEventKind.REOPEN, at, actor=actor)
        clock.state = ClockState.RUNNING
        clock.stopped_at = None
        _retime(clock, case)


def cancel_clocks(case: Case, *, at: datetime, actor: Actor, note: str) -> None:
    """End the live clocks without a verdict: the case is a duplicate, the promise is gone."""
    for clock in _live(case, *LIVE):
        clock.state = ClockState.CANCELLED
        clock.stopped_at = at
        clock.next_check_at = None
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        _note(clock, ClockEventKind.CANCEL, at, actor=actor, note=note)
    case.due_at = None
    case.is_paused = False


def restart_clocks(case: Case, *, at: datetime, actor: Actor) -> None:
    """Replace the live clocks after a change of service or owner.

    New clocks run from the original start with the pauses there were; the old ones stay as
    superseded. A clock that has its verdict keeps it.
    """
    history: list[ClockEvent] = []
    for clock in _live(case, *LIVE):
        history = history or list(_events(clock))
        clock.state = ClockState.SUPERSEDED
        clock.stopped_at = at
        clock.next_check_at = None
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        _note(clock, ClockEventKind.CANCEL, at, actor=actor, note="superseded")
    ended = Clock.objects.filter(case=case, state__in=_ENDED_WITH_VERDICT)
    case.due_at = start_clocks(
        case,
        areas=set(CaseArea.objects.filter(case=case).values_list("area_id", flat=True)),
        without=set(ended.values_list("kind", flat=True)),
    )
    for clock in _live(case, ClockState.RUNNING):
        for event in history:
            if event.kind in _CARRIED_OVER:
                _note(clock, event.kind, event.at, reason_id=event.reason_id, actor=actor)
        if case.is_paused:
            clock.state = ClockState.PAUSED
        _retime(clock, case)


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
        _note(clock, ClockEventKind.WAIVE, at, actor=actor, note=reason[:300])
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


def mark_breaches(*, now: datetime, limit: int = 500) -> int:
    """Write down, for the city in scope, clocks whose due time has passed; return how many.

    The time of the breach is the due time itself, however late this pass runs. Safe to run
    in several processes at once and again after a crash.
    """
    marked = 0
    with transaction.atomic():
        late = (
            Clock.objects.select_for_update(skip_locked=True)
            .filter(next_check_at__lt=now, state=ClockState.RUNNING)
            .select_related("case")
            .order_by("next_check_at")[:limit]
        )
        for clock in late:
            _breach_if_late(clock, now)
            clock.next_check_at = None
            clock.save(update_fields=["breached_at", "next_check_at"])
            record(
                clock.case,
                EventKind.CLOCK,
                actor=SYSTEM,
                audience=EventAudience.PUBLIC,
                at=clock.due_at,
                data={"clock": clock.pk, "kind": clock.kind, "change": "breach"},
            )
            marked += 1
    return marked


def recompute_open_clocks(calendar_ids: Collection[int]) -> int:
    """Work out open due dates again after these calendars were edited; return how many moved.

    Ended clocks keep the verdict they were given.
    """
    affected = [
        target_id
        for target_id, promise in promises().by_target.items()
        if promise.calendar_id in calendar_ids
    ]
    moved = 0
    running = Clock.objects.filter(target_id__in=affected, state__in=LIVE).values_list(
        "pk", flat=True
    )
    for pk in running.iterator(chunk_size=2000):
        with transaction.atomic():
            clock = Clock.objects.select_for_update().select_related("case").get(pk=pk)
            before = clock.due_at
            if clock.state in LIVE and _retime(clock, clock.case, note="calendar changed"):
                moved += before != clock.due_at
                Case.objects.filter(pk=clock.case_id).update(due_at=clock.case.due_at)
    return moved


def due_of(clock: Clock) -> Due | None:
    """Return the due time of ``clock`` with its explanation, or None for an imported promise."""
    replayed = _replayed(clock)
    return replayed.due if replayed else None


def pauses_of(clock: Clock) -> tuple[Pause, ...]:
    """Return the spans in which ``clock`` stood still, the time it was closed included."""
    replayed = _replayed(clock)
    return replayed.pauses if replayed else ()


def _live(case: Case, *states: ClockState) -> Iterable[Clock]:
    return list(Clock.objects.select_for_update().filter(case=case, state__in=states))


def _retime(clock: Clock, case: Case, note: str = "") -> bool:
    due = due_of(clock)
    if due is None:
        clock.save(update_fields=["state", "stopped_at"])
        return False
    if due.at != clock.due_at:
        _note(clock, ClockEventKind.RETARGET, timezone.now(), due_at=due.at, note=note)
        if due.at is not None:
            clock.due_at = due.at
    runs = clock.state == ClockState.RUNNING
    clock.next_check_at = clock.due_at if runs and clock.breached_at is None else None
    clock.save(update_fields=["state", "stopped_at", "due_at", "next_check_at"])
    if clock.kind == TargetKind.RESOLVE and case.state != State.CLOSED:
        case.due_at = clock.due_at
    return True


def _stop(clock: Clock, at: datetime, actor: Actor) -> None:
    if clock.state == ClockState.PAUSED:
        _note(clock, ClockEventKind.RESUME, at, actor=actor)
        due = due_of(clock)
        if due is not None and due.at is not None:
            clock.due_at = due.at
    _breach_if_late(clock, at)
    clock.state = ClockState.MISSED if clock.breached_at else ClockState.MET
    clock.stopped_at = at
    clock.next_check_at = None
    clock.save(update_fields=["state", "stopped_at", "next_check_at", "breached_at", "due_at"])
    _note(clock, ClockEventKind.MEET, at, actor=actor)


def _breach_if_late(clock: Clock, at: datetime) -> None:
    if clock.breached_at is None and clock.due_at is not None and at > clock.due_at:
        clock.breached_at = clock.due_at
        _note(clock, ClockEventKind.BREACH, clock.due_at)


def _replayed(clock: Clock) -> Replayed | None:
    promise = promises().by_target.get(clock.target_id) if clock.target_id else None
    if promise is None:
        return None
    happened = [Happening(HappeningKind(event.kind), event.at) for event in _events(clock)]
    return replay(promises().calendars[promise.calendar_id], promise.target, happened)


def _events(clock: Clock) -> Iterable[ClockEvent]:
    return ClockEvent.objects.filter(clock=clock).order_by("at", "id")


def _note(
    clock: Clock,
    kind: ClockEventKind | str,
    at: datetime,
    *,
    due_at: datetime | None = None,
    reason_id: int | None = None,
    actor: Actor = SYSTEM,
    note: str = "",
) -> None:
    ClockEvent.objects.create(
        clock=clock,
        kind=kind,
        at=at,
        due_at=due_at,
        reason_id=reason_id,
        user_id=actor.user_id,
        note=note,
    )
