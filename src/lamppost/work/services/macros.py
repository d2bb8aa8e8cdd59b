"""Macros: several steps done to a case at one stroke, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience
from lamppost.cases.models import Case
from lamppost.cases.services.assignment import assign, assign_team
from lamppost.cases.services.bulk import BulkResult, bulk_steps, preview_steps
from lamppost.cases.services.lifecycle import close, move
from lamppost.cases.services.notes import add_note
from lamppost.cases.services.priority import set_priority
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem, Refusal
from lamppost.kernel.text import in_language
from lamppost.people import audit, denials
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.work.choices import StepKind
from lamppost.work.playbook import MacroEntry, StepEntry, playbook
from lamppost.work.selectors.replies import text_in, words_for
from lamppost.work.services.adding import add_from_template


def run_macro(*, case_id: int, macro_id: int, actor: Actor) -> None:
    """Do every step of a macro to a case, each by its own service with its own permission.

    Raises what a step is refused with, saying which step it was; nothing is done then.
    ``NotFound`` for a macro that is not for this case.
    """
    with denials.kept_to_the_end(), transaction.atomic():
        entry = _macro_for(case_id, macro_id)
        for place, step in enumerate(entry.steps, start=1):
            try:
                _DO[step.kind](_case(case_id), step, entry, actor)
            except Refusal as refusal:
                raise _in_step(refusal, place, step) from refusal


def run_macro_on(
    *, case_ids: Sequence[int], macro_id: int, reason: str, actor: Actor
) -> BulkResult:
    """Do a macro to many cases, each by itself, with a reason that stands on each for staff.

    Raises ``Invalid`` without a reason and for no or too many cases. One case's refusal does
    not stop the others.
    """
    entry = playbook().macros.get(macro_id)
    steps = entry.steps if entry else ()
    result = bulk_steps(
        case_ids=case_ids,
        reason=reason,
        actor=actor,
        step=lambda pk: _with_reason(pk, macro_id, reason, actor),
        status_id=next((one.status_id for one in steps if one.kind is StepKind.MOVE), None),
        outcome_id=next((one.outcome_id for one in steps if one.kind is StepKind.CLOSE), None),
    )
    audit.note(
        what=AuditWhat.BULK,
        label=entry.code if entry else str(macro_id),
        actor=actor,
        detail=f"macro: {len(result.done)} done, {len(result.refused)} refused",
    )
    return result


def preview_macro(
    *, case_ids: Sequence[int], macro_id: int, reason: str, actor: Actor
) -> dict[int, str]:
    """Return, by id, why each case would be refused; '' for those that would not.

    Every case is tried in a transaction that is taken back. Raises as ``run_macro_on`` does.
    """
    return preview_steps(
        case_ids=case_ids,
        reason=reason,
        actor=actor,
        step=lambda pk: _with_reason(pk, macro_id, reason, actor),
    )


def _with_reason(case_id: int, macro_id: int, reason: str, actor: Actor) -> None:
    add_note(case_id=case_id, text=reason, actor=actor, audience=EventAudience.STAFF)
    run_macro(case_id=case_id, macro_id=macro_id, actor=actor)


def _macro_for(case_id: int, macro_id: int) -> MacroEntry:
    entry = playbook().macros.get(macro_id)
    case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if entry is None or case is None:
        raise NotFound(_("This macro does not exist here."), field="macro")
    if not entry.fits(service_id=case.service_id, department_id=case.department_id):
        raise NotFound(_("This macro is not for this case."), field="macro")
    if not entry.steps:
        raise Conflict(_("This macro has no steps."), field="macro")
    return entry


def _case(case_id: int) -> Case:
    # Read anew for every step: the one before it changed the row.
    return Case.objects.get(pk=case_id)


def _in_step(refusal: Refusal, place: int, step: StepEntry) -> Refusal:
    message = _("Step %(place)d, %(step)s: %(refusal)s") % {
        "place": place,
        "step": StepKind(step.kind).label,
        "refusal": str(refusal),
    }
    kind = type(refusal) if isinstance(refusal, Invalid | Forbidden | NotFound) else Conflict
    return kind([Problem("macro", message)])


def _words(case: Case, step: StepEntry) -> str:
    """What the step says: its reply for this case, else its own text, else nothing."""
    if step.reply_id is not None:
        entry = playbook().replies.get(step.reply_id)
        if entry is None:
            raise Conflict(_("The reply template of this step was retired."))
        if case.due_at is None and "{due}" in text_in(entry, case):
            raise Conflict(_("The text names the due date, and this case has none."))
        return words_for(entry, case)
    language = case.language if step.is_public else get_language() or ""
    return in_language(step.text, language, city_in_scope().default_language)


def _move(case: Case, step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    status = book().statuses.get(step.status_id or 0)
    move(
        case_id=case.pk,
        status_code=status.code if status else "",
        actor=actor,
        note=_words(case, step),
        public=step.is_public or step.reply_id is not None,
    )


def _take(case: Case, _step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    assign(case_id=case.pk, user_id=actor.user_id, actor=actor)


def _team(case: Case, step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    assign_team(case_id=case.pk, team_id=step.team_id, actor=actor)


def _priority(case: Case, step: StepEntry, macro: MacroEntry, actor: Actor) -> None:
    if case.priority == step.priority:
        return
    reason = _words(case, step) or in_language(macro.title, case.language)
    set_priority(case_id=case.pk, priority=step.priority, reason=reason, actor=actor)


def _note(case: Case, step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    audience = EventAudience.PUBLIC if step.is_public else EventAudience.STAFF
    add_note(case_id=case.pk, text=_words(case, step), actor=actor, audience=audience)


def _item(case: Case, step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    add_from_template(case_id=case.pk, template_id=step.template_id or 0, actor=actor)


def _close(case: Case, step: StepEntry, _macro: MacroEntry, actor: Actor) -> None:
    outcome = book().outcomes.get(step.outcome_id or 0)
    text = _words(case, step)
    if not text and outcome is not None:
        text = in_language(outcome.sentence, case.language, city_in_scope().default_language)
    close(case_id=case.pk, outcome_code=outcome.code if outcome else "", text=text, actor=actor)


_DO: dict[StepKind, Callable[[Case, StepEntry, MacroEntry, Actor], None]] = {
    StepKind.MOVE: _move,
    StepKind.TAKE: _take,
    StepKind.TEAM: _team,
    StepKind.PRIORITY: _priority,
    StepKind.NOTE: _note,
    StepKind.ITEM: _item,
    StepKind.CLOSE: _close,
}
