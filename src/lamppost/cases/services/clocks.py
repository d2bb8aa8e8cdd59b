"""The clocks of a case: the only code that writes them. The arithmetic is ``sla.engine``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
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
from lamppost.sla.clocks import pauses_in, replay
from lamppost.sla.engine import Due, compute
from lamppost.sla.escalation import Step, moments_of
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
        _note(clock, ClockEventKind.REOPEN, at, actor=actor)
        clock.state = ClockState.RUNNING
        clock.stopped_at = None
        _retime(clock, case)


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
            _note(clock, ClockEventKind.PAUSE, since, actor=actor)


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
        _note(clock, ClockEventKind.CANCEL, at, actor=actor, note="superseded")
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
            _note(clock, ClockEventKind.PAUSE, pause.start, reason_id=reason_id, actor=actor)
            if pause.end is not None:
                _note(clock, ClockEventKind.RESUME, pause.end, actor=actor)
        if case.is_paused:
            clock.state = ClockState.PAUSED
        _retime(clock, case)
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
    events = list(_events(clock))
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
            # With their cases, of which an event is written: see ``escalation.escalate``.
            Clock.objects.select_for_update(skip_locked=True, of=("self", "case"))
            .filter(next_check_at__lt=now, due_at__lt=now, state=ClockState.RUNNING)
            .filter(breached_at__isnull=True)
            .select_related("case")
            .order_by("next_check_at")[:limit]
        )
        for clock in late:
            _breach_if_late(clock, now)
            clock.next_check_at = next_check(clock, told_steps(clock))
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


def steps_to_tell(clock: Clock, told: Collection[str]) -> list[tuple[datetime, Step]]:
    """Return the steps of escalation of ``clock`` not told yet, each with its instant.

    Empty for an imported promise whose agreement we never knew.
    """
    book = promises()
    promise = book.by_target.get(clock.target_id) if clock.target_id else None
    steps = book.steps_for(promise) if promise else ()
    if promise is None or clock.due_at is None or not steps:
        return []
    return moments_of(book.calendars[promise.calendar_id], clock.due_at, steps, told)


def next_check(clock: Clock, told: Collection[str] = ()) -> datetime | None:
    """Return when ``clock`` has to be looked at next: to be told of, or because it is due."""
    if clock.state != ClockState.RUNNING:
        return None
    moments = [at for at, _step in steps_to_tell(clock, told)[:1]]
    if clock.breached_at is None and clock.due_at is not None:
        moments.append(clock.due_at)
    return min(moments, default=None)


def told_steps(clock: Clock) -> set[str]:
    """Return the codes of the steps of escalation told about ``clock``."""
    told = ClockEvent.objects.filter(clock=clock, kind=ClockEventKind.ESCALATE)
    return set(told.values_list("note", flat=True))


def note_escalation(clock: Clock, code: str, *, at: datetime) -> None:
    """Write down that a step of escalation was told; the caller holds the clock's lock."""
    _note(clock, ClockEventKind.ESCALATE, at, note=code)


def _watch(clock: Clock) -> None:
    clock.next_check_at = next_check(clock, told_steps(clock))
    clock.save(update_fields=["next_check_at"])


def _live(case: Case, *states: ClockState) -> Iterable[Clock]:
    return list(Clock.objects.select_for_update().filter(case=case, state__in=states))


def _retime(clock: Clock, case: Case, note: str = "") -> bool:
    due = due_of(clock)
    if due is None:
        clock.next_check_at = next_check(clock)
        clock.save(update_fields=["state", "stopped_at", "next_check_at"])
        return False
    if due.at != clock.due_at:
        _note(clock, ClockEventKind.RETARGET, timezone.now(), due_at=due.at, note=note)
        if due.at is not None:
            clock.due_at = due.at
    clock.next_check_at = next_check(clock, told_steps(clock))
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
    if clock.due_at is not None and at <= clock.due_at:
        # Done in time and told late (from a phone without a network): the breach was none.
        clock.breached_at = None
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
