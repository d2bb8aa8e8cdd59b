"""Steps for many cases at once: always with a reason, each case judged by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import BulkStep, EventKind
from lamppost.cases.models import BulkCase, BulkRun, Case, CaseEvent
from lamppost.cases.services.assignment import assign, assign_team
from lamppost.cases.services.lifecycle import (
    check_outcome,
    check_status,
    close,
    move,
)
from lamppost.cases.services.notes import checked_note
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.models import User
from lamppost.people.notices import tell
from lamppost.people.permissions import Permission, require

MAX_BULK = 500
_KINDS = (EventKind.MOVED, EventKind.CLOSED)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of each case of a bulk step: ids done, and refusals by id."""

    done: tuple[int, ...]
    refused: dict[int, str]


def bulk_move(
    *, case_ids: Sequence[int], status_code: str, reason: str, actor: Actor
) -> BulkResult:
    """Move many cases, each by itself; a reason is required and stands on each.

    Raises ``Invalid`` without a reason, for no or too many cases. One case's refusal does
    not stop the others.
    """
    require(actor, Permission.CASE_BULK)
    reason = _bulk_reason(case_ids, reason)
    status = check_status(status_code)
    run = _start(BulkStep.MOVE, case_ids, reason, actor, status_id=status.id)
    return _each(
        case_ids,
        lambda pk: move(case_id=pk, status_code=status_code, actor=actor, note=reason),
        run,
    )


def bulk_close(
    *, case_ids: Sequence[int], outcome_code: str, reason: str, actor: Actor
) -> BulkResult:
    """Close many cases with the same outcome and sentence; see ``bulk_move``.

    A larger share of them than of other closings gets a second look (``services.quality``).
    """
    require(actor, Permission.CASE_BULK)
    reason = _bulk_reason(case_ids, reason)
    outcome = check_outcome(outcome_code)
    run = _start(BulkStep.CLOSE, case_ids, reason, actor, outcome_id=outcome.id)
    return _each(
        case_ids,
        lambda pk: close(case_id=pk, outcome_code=outcome_code, text=reason, actor=actor),
        run,
    )


def preview(
    cases: Sequence[Case],
    *,
    reason: str,
    actor: Actor,
    status_code: str = "",
    outcome_code: str = "",
) -> dict[int, str]:
    """Return, by id, why each of ``cases`` would be refused; '' for those that would not.

    Give ``status_code`` for a move or ``outcome_code`` for closing. Every case is tried in a
    transaction that is taken back, so the answer is that of the step itself. Raises as
    ``bulk_move`` does, and ``Invalid`` for an unknown status or outcome.
    """
    require(actor, Permission.CASE_BULK)
    ids = [case.pk for case in cases]
    reason = _bulk_reason(ids, reason)
    if status_code or not outcome_code:
        check_status(status_code)
    else:
        check_outcome(outcome_code)

    def step(pk: int) -> Case:
        if status_code:
            return move(case_id=pk, status_code=status_code, actor=actor, note=reason)
        return close(case_id=pk, outcome_code=outcome_code, text=reason, actor=actor)

    return _tried(ids, step)


def bulk_assign(
    *, case_ids: Sequence[int], user_id: int | None, actor: Actor, reason: str = ""
) -> BulkResult:
    """Give many cases to one person, or back to the queue (None); they are told once.

    A reason may be left out. Raises ``Invalid`` for no or too many cases.
    """
    require(actor, Permission.CASE_BULK)
    reason = _bulk_reason(case_ids, reason, needed=False)
    result = _each(
        case_ids,
        lambda pk: assign(case_id=pk, user_id=user_id, actor=actor, reason=reason, tells=False),
    )
    if result.done and user_id is not None and user_id != actor.user_id:
        count = len(result.done)
        tell(
            User.objects.filter(pk=user_id),
            NoticeKind.ASSIGNED,
            subject=lambda: (
                ngettext(
                    "%(count)d case is assigned to you",
                    "%(count)d cases are assigned to you",
                    count,
                )
                % {"count": count}
            ),
            path="/desk/mine/",
            once_key=f"assigned:bulk:{secrets.token_hex(8)}",
            default_language=city_in_scope().default_language,
        )
    return result


def bulk_team(
    *, case_ids: Sequence[int], team_id: int | None, actor: Actor, reason: str = ""
) -> BulkResult:
    """Put many cases into the queue of one team, or of none; see ``bulk_assign``."""
    require(actor, Permission.CASE_BULK)
    reason = _bulk_reason(case_ids, reason, needed=False)
    return _each(
        case_ids,
        lambda pk: assign_team(case_id=pk, team_id=team_id, actor=actor, reason=reason),
    )


def preview_assignment(
    cases: Sequence[Case],
    *,
    actor: Actor,
    user_id: int | None = None,
    team_id: int | None = None,
    to_team: bool = False,
) -> dict[int, str]:
    """Return, by id, why a case would not be given away; see ``preview``."""
    require(actor, Permission.CASE_BULK)
    ids = [case.pk for case in cases]
    _bulk_reason(ids, "", needed=False)

    def step(pk: int) -> Case:
        if to_team:
            return assign_team(case_id=pk, team_id=team_id, actor=actor)
        return assign(case_id=pk, user_id=user_id, actor=actor, tells=False)

    return _tried(ids, step)


def bulk_steps(
    *,
    case_ids: Sequence[int],
    reason: str,
    actor: Actor,
    step: Callable[[int], object],
    status_id: int | None = None,
    outcome_id: int | None = None,
) -> BulkResult:
    """Do what a floor above has put together (a macro) to many cases; see ``bulk_move``.

    ``step`` does it to one case and gives it the reason. ``outcome_id`` says that it closes,
    ``status_id`` that it moves: then the run is on record as every other one of its kind.
    """
    require(actor, Permission.CASE_BULK)
    reason = _bulk_reason(case_ids, reason)
    run = None
    if outcome_id is not None:
        run = _start(BulkStep.CLOSE, case_ids, reason, actor, outcome_id=outcome_id)
    elif status_id is not None:
        run = _start(BulkStep.MOVE, case_ids, reason, actor, status_id=status_id)
    return _each(case_ids, step, run)


def preview_steps(
    *, case_ids: Sequence[int], reason: str, actor: Actor, step: Callable[[int], object]
) -> dict[int, str]:
    """Return, by id, why ``bulk_steps`` would refuse a case; see ``preview``."""
    require(actor, Permission.CASE_BULK)
    _bulk_reason(case_ids, reason)
    return _tried(case_ids, step)


def _tried(ids: Sequence[int], step: Callable[[int], object]) -> dict[int, str]:
    """Take ``step`` for each and take it back; why it was refused by id, '' where it was not."""
    with denials.not_kept(), transaction.atomic():
        tried = _each(ids, step)
        transaction.set_rollback(True)
    return {pk: tried.refused.get(pk, "") for pk in ids}


def _start(
    step: BulkStep,
    case_ids: Sequence[int],
    reason: str,
    actor: Actor,
    *,
    status_id: int | None = None,
    outcome_id: int | None = None,
) -> BulkRun:
    return BulkRun.objects.create(
        user_id=actor.user_id,
        step=step,
        status_id=status_id,
        outcome_id=outcome_id,
        reason=reason,
        chosen_count=len(set(case_ids)),
        started_at=timezone.now(),
    )


def _each(
    case_ids: Sequence[int], step: Callable[[int], object], run: BulkRun | None = None
) -> BulkResult:
    done: list[int] = []
    refused: dict[int, str] = {}
    for pk in dict.fromkeys(case_ids):
        try:
            with denials.kept_to_the_end(), transaction.atomic():
                step(pk)
                if run is not None:
                    event = CaseEvent.objects.filter(case_id=pk, kind__in=_KINDS).latest("seq")
                    BulkCase.objects.create(run=run, event=event)
        except Refusal as refusal:
            refused[pk] = str(refusal)
        else:
            done.append(pk)
    if run is not None:
        run.ended_at = timezone.now()
        run.save(update_fields=["ended_at"])
    return BulkResult(tuple(done), refused)


def _bulk_reason(case_ids: Sequence[int], reason: str, *, needed: bool = True) -> str:
    reason = checked_note(reason, field="reason")
    if needed and not reason:
        raise Invalid(_("Moving several cases at once needs a reason."), field="reason")
    if not case_ids:
        raise Invalid(_("Choose at least one case."), field="cases")
    if len(case_ids) > MAX_BULK:
        message = _("Choose at most %(limit)d cases at a time.") % {"limit": MAX_BULK}
        raise Invalid(message, field="cases")
    return reason
