"""The steps of a macro as they are prepared: each checked for what its kind needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_text
from lamppost.people.models import Team
from lamppost.sla.choices import Priority
from lamppost.work.choices import StepKind
from lamppost.work.models import ReplyTemplate, WorkTemplate

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class StepWanted:
    """One step of a macro; ``target`` is what the kind needs: an id, or a priority."""

    kind: str
    target: str = ""
    reply_id: int | None = None
    text: str = ""
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class MacroWanted:
    """A macro as it is to be."""

    code: str
    title: str
    language: str
    steps: Sequence[StepWanted]
    department_id: int | None = None
    service_id: int | None = None
    is_active: bool = True


def checked_step(
    step: StepWanted, macro: MacroWanted, place: int, *, is_last: bool
) -> dict[str, Any]:
    """The columns of one step. Raises ``Invalid`` under the field of its place."""
    field = f"step_{place}"
    if step.kind not in StepKind.values:
        raise Invalid(_("Choose what the step does."), field=field)
    text = clean_text(step.text)
    if len(text) > MAX_TEXT:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}
        raise Invalid([Problem(field, message, "too_long")])
    fields: dict[str, Any] = {
        "kind": step.kind,
        "reply_id": step.reply_id,
        "text": {macro.language: text} if text else {},
        "is_public": step.is_public,
    }
    if step.reply_id is not None:
        fits = ReplyTemplate.objects.filter(pk=step.reply_id, is_active=True)
        if not fits.exists():
            raise Invalid(_("This prepared text does not exist here."), field=field)
    kind = StepKind(step.kind)
    if kind is StepKind.CLOSE and not is_last:
        raise Invalid(_("Closing is the last step."), field=field)
    if kind is StepKind.NOTE and not text and step.reply_id is None:
        raise Invalid(_("Write the note, or choose a prepared text."), field=field)
    problem = _TARGETS[kind](step.target, macro, fields) if kind in _TARGETS else ""
    if problem:
        raise Invalid(problem, field=field)
    return fields


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _status_target(target: str, _macro: MacroWanted, fields: dict[str, Any]) -> str:
    status = book().statuses.get(_id(target))
    if status is None or status.state is State.CLOSED:
        return _("Choose a status that is not closed.")
    fields["status_id"] = status.id
    return ""


def _outcome_target(target: str, _macro: MacroWanted, fields: dict[str, Any]) -> str:
    outcome = book().outcomes.get(_id(target))
    if outcome is None or outcome.kind is OutcomeKind.DUPLICATE:
        return _("Choose how the case ends.")
    says = fields["text"] or fields["reply_id"] or any(outcome.sentence.values())
    fields["outcome_id"] = outcome.id
    return "" if says else _("Say in a sentence what was done, for the resident.")


def _team_target(target: str, macro: MacroWanted, fields: dict[str, Any]) -> str:
    team = Team.objects.filter(pk=_id(target), is_active=True).first()
    if team is None or macro.department_id not in {None, team.department_id}:
        return _("Choose a team of the macro's department.")
    fields["team_id"] = team.pk
    return ""


def _item_target(target: str, macro: MacroWanted, fields: dict[str, Any]) -> str:
    template = WorkTemplate.objects.filter(pk=_id(target), is_active=True).first()
    if template is None or template.service_id != macro.service_id:
        return _("Choose a work item of the macro's own service.")
    fields["template_id"] = template.pk
    return ""


def _priority_target(target: str, _macro: MacroWanted, fields: dict[str, Any]) -> str:
    if target not in Priority.values:
        return _("Choose a priority.")
    fields["priority"] = target
    return ""


_TARGETS = {
    StepKind.MOVE: _status_target,
    StepKind.CLOSE: _outcome_target,
    StepKind.TEAM: _team_target,
    StepKind.ITEM: _item_target,
    StepKind.PRIORITY: _priority_target,
}
