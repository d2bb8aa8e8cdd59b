"""The life of a case: received -> open -> waiting -> open -> closed, and back by reopening.

Kinds of state are fixed here; which statuses a city has and which steps between them it
allows are rows of its pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, TransferState
from lamppost.cases.models import Attachment, Case, Transfer
from lamppost.cases.services import clocks
from lamppost.cases.services.closing import refuse_open_work
from lamppost.cases.services.disputed import refuse_while_disputed
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note, note_event
from lamppost.cases.services.public_words import word_status
from lamppost.catalog.book import OutcomeEntry, StatusEntry, book
from lamppost.catalog.choices import OutcomeKind, PhotoRule, State
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission
from lamppost.sla.choices import TargetKind
from lamppost.sla.promises import promises


def move(
    *,
    case_id: int,
    status_code: str,
    actor: Actor,
    note: str = "",
    public: bool = True,
    at: datetime | None = None,
) -> Case:
    """Take the case to another status that is not a closed one; return it.

    ``note`` is the sentence that goes with it: shown to the resident unless ``public`` is
    false. Raises ``Invalid`` for an unknown status or a missing reason, ``Conflict`` for a
    step the city does not allow, ``Forbidden`` for somebody else's case.
    """
    status = check_status(status_code)
    if status.state is State.CLOSED:
        raise Invalid(_("Closing needs an outcome: use Close."), field="status")
    note = checked_note(note, field="note")
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        move_locked(case, status, note, actor=actor, at=at or timezone.now(), public=public)
        return case


def move_locked(
    case: Case,
    status: StatusEntry,
    note: str,
    *,
    actor: Actor,
    at: datetime,
    public: bool = True,
) -> None:
    """Take a case the caller has locked, and may move, to another status that is not closed.

    ``note`` is checked already. Raises ``Invalid`` for a missing reason, ``Conflict`` for a
    closed case, for a step the city does not allow, and for waiting while the last closing
    is in doubt.
    """
    if case.state == State.CLOSED:
        raise Conflict(_("This case is closed: reopen it first."), field="status")
    _take_step(case, status, note)
    was_waiting, previous = case.is_paused, case.status_id
    pausing = promises().pause_reasons.get(status.id)
    if pausing is not None:
        refuse_while_disputed(case)
    _enter(case, status, at)
    if pausing is not None and not was_waiting:
        clocks.pause_clocks(case, at=at, reason_id=pausing, actor=actor)
    elif pausing is None and was_waiting:
        clocks.resume_clocks(case, at=at, actor=actor)
    if note and public:
        word_status(case, note)
    case.save()
    if status.state is not State.RECEIVED:
        clocks.meet(case, TargetKind.ACKNOWLEDGE, at=at, actor=actor)
    record(
        case,
        EventKind.MOVED,
        actor=actor,
        audience=EventAudience.PUBLIC,
        at=at,
        text=note if public else "",
        language=get_language() or "",
        data={"from": previous, "to": status.id, "pause": pausing},
    )
    if note and not public:
        note_event(case, note, actor, EventAudience.STAFF, at)


def close(
    *, case_id: int, outcome_code: str, text: str, actor: Actor, at: datetime | None = None
) -> Case:
    """Close the case with an outcome and a sentence for the resident; return it.

    Raises ``Invalid`` when the outcome or the sentence is missing, or the photo a service
    asks for; ``Conflict`` when it is closed already; ``Forbidden`` for somebody else's case
    and for the actor's own report.
    """
    outcome = check_outcome(outcome_code)
    text = checked_note(text, field="text")
    if not text:
        raise Invalid(_("Say in a sentence what was done, for the resident."), field="text")
    with locked(case_id, Permission.CASE_CLOSE, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("This case is already closed."))
        need_photo(case, outcome)
        close_locked(case, outcome, text, actor=actor, at=at or timezone.now())
        return case


def close_locked(
    case: Case,
    outcome: OutcomeEntry,
    text: str,
    *,
    actor: Actor,
    at: datetime,
    keep_clocks: bool = True,
) -> None:
    """Close a case the caller has locked and checked. ``keep_clocks`` false: no verdict.

    Raises ``Conflict`` when required work is open, which a repeat or a withdrawn case sets
    aside, and while the last closing is in doubt.
    """
    refuse_while_disputed(case)
    refuse_open_work(case, outcome, actor)
    _enter(case, book().default_status(State.CLOSED), at)
    case.open_required = 0
    case.outcome_id = outcome.id
    case.closed_at = at
    word_status(case, text)
    if keep_clocks:
        clocks.stop_clocks(case, at=at, actor=actor)
    else:
        clocks.cancel_clocks(case, at=at, actor=actor, note=outcome.code)
    withdraw_transfers(case, actor, at)
    case.save()
    record(
        case,
        EventKind.CLOSED,
        actor=actor,
        audience=EventAudience.PUBLIC,
        at=at,
        text=text,
        language=get_language() or "",
        data={"outcome": outcome.id, "late": bool(case.due_at and at > case.due_at)},
    )


def reopen(*, case_id: int, reason: str, actor: Actor, at: datetime | None = None) -> Case:
    """Open a closed case again; the same clock runs on, the closed time counts as a pause.

    Raises ``Conflict`` for a case that is open, ``Invalid`` without a reason.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the case is opened again."), field="reason")
    with locked(case_id, Permission.CASE_REOPEN, actor) as case:
        reopen_locked(case, reason, actor=actor, at=at or timezone.now())
        return case


def reopen_locked(
    case: Case,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    because: Mapping[str, int | bool] | None = None,
) -> None:
    """Reopen a case the caller has locked and may reopen. Raises ``Conflict`` if it is open.

    ``because`` says in the event's data what opened it, when it was no plain reopening.
    """
    if case.state != State.CLOSED:
        raise Conflict(_("This case is not closed."))
    was = case.outcome_id
    case.outcome_id = None
    case.closed_at = None
    case.reopen_count += 1
    word_status(case, "")
    _enter(case, book().default_status(State.OPEN), at)
    clocks.reopen_clocks(case, at=at, actor=actor)
    case.save()
    record(
        case,
        EventKind.REOPENED,
        actor=actor,
        audience=EventAudience.PUBLIC,
        at=at,
        text=reason,
        language=get_language() or "",
        data={"outcome": was, "times": case.reopen_count} | dict(because or {}),
    )


def next_statuses(case: Case) -> list[StatusEntry]:
    """Return the statuses the city allows the case to take next, closed ones left out."""
    pages = book()
    return [
        status
        for status in pages.statuses.values()
        if (case.status_id, status.id) in pages.moves and status.state is not State.CLOSED
    ]


def _take_step(case: Case, status: StatusEntry, note: str) -> None:
    needs_reason = book().moves.get((case.status_id, status.id))
    if needs_reason is None:
        raise Conflict(_("A case cannot go from its present status to this one."), field="status")
    if needs_reason and not note:
        raise Invalid(_("This step needs a reason."), field="note")


def _enter(case: Case, status: StatusEntry, at: datetime) -> None:
    case.status_id = status.id
    case.state = status.state
    case.updated_at = at


def check_status(code: str) -> StatusEntry:
    """Return the status with this code. Raises ``Invalid`` for an unknown one."""
    status = book().status(code)
    if status is None:
        raise Invalid(_("This status does not exist here."), field="status")
    return status


def check_outcome(code: str) -> OutcomeEntry:
    """Return the outcome a case may be closed with. Raises ``Invalid`` for any other."""
    outcome = book().outcome(code)
    if outcome is None:
        raise Invalid(_("Choose how the case ended."), field="outcome")
    if outcome.kind is OutcomeKind.DUPLICATE:
        raise Invalid(_("Link the case to the one it repeats instead."), field="outcome")
    return outcome


def need_photo(case: Case, outcome: OutcomeEntry) -> None:
    """Raise ``Invalid`` when the service asks for a photo of the work and there is none."""
    service = book().services_by_id[case.service_id]
    if service.photos is not PhotoRule.TO_CLOSE or outcome.kind is not OutcomeKind.DONE:
        return
    if not Attachment.objects.filter(case=case, by_staff=True, is_hidden=False).exists():
        raise Invalid(_("This service needs a photo of the finished work."), field="photos")


def withdraw_transfers(case: Case, actor: Actor, at: datetime) -> None:
    """End the open offer of a locked case that closes or has got another owner."""
    Transfer.objects.filter(case=case, state=TransferState.OFFERED).update(
        state=TransferState.WITHDRAWN, decided_at=at, decided_by_id=actor.user_id
    )
