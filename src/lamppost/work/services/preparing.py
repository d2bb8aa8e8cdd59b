"""Replies, macros and work items of services as they are prepared at the desk.

Who manages a department prepares for it; what everybody uses is for roles of all departments.
A work item comes to the new cases of its service, keeps them open and lets its department read
them: to prepare one takes the right in the department of the service, too. A pack applied later
makes all of it what the pack says again: export first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line, clean_text, in_language
from lamppost.people import audit, denials
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, require
from lamppost.sla.choices import UnitChoice
from lamppost.sla.services.publishing import stamp_catalogue
from lamppost.work.choices import Begins
from lamppost.work.models import (
    Macro,
    MacroStep,
    ReplyTemplate,
    TemplateCheck,
    WorkTemplate,
)
from lamppost.work.services.adding import MAX_AMOUNT, MAX_CHECKS, MAX_TITLE
from lamppost.work.services.macro_steps import MAX_TEXT, MacroWanted, checked_step
from lamppost.work.wording import PLACEHOLDERS, unknown_placeholders

MAX_STEPS = 10
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
RowT = TypeVar("RowT", ReplyTemplate, Macro, WorkTemplate)


@dataclass(frozen=True, slots=True)
class ReplyWanted:
    """A reply as it is to be. ``texts`` by language; what is None does not restrict it."""

    code: str
    title: str
    language: str
    texts: Mapping[str, str]
    department_id: int | None = None
    service_id: int | None = None
    outcome_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class TemplateWanted:
    """A work item of a service as it is to be. ``checklist``: a line beginning with ``?`` may
    stay unchecked. Texts are in ``language``; other languages of unchanged texts stay."""

    code: str
    title: str
    language: str
    service_id: int
    department_id: int
    note: str = ""
    public_label: str = ""
    is_required: bool = True
    begins: str = Begins.INTAKE.value
    amount: int | None = None
    unit: str = ""
    checklist: Sequence[str] = ()
    is_active: bool = True


def save_reply(*, wanted: ReplyWanted, actor: Actor, reply_id: int | None = None) -> ReplyTemplate:
    """Make a reply, or change the one with ``reply_id``; return it.

    Raises ``Invalid`` naming every wrong field (a placeholder that means nothing is one),
    ``Conflict`` for a code that is taken and when it is taken out of use while a macro in
    use says it, ``Forbidden`` for another department's.
    """
    texts = {tag: clean_text(text) for tag, text in wanted.texts.items()}
    problems = _named_problems(wanted.code, wanted.title)
    problems += _scope_problems(wanted.service_id, wanted.outcome_id)
    if not any(texts.values()):
        problems.append(Problem("text", _("Write the text first."), "required"))
    for tag, text in texts.items():
        problems += _text_problems(f"text_{tag}", text)
    with denials.kept_to_the_end(), transaction.atomic():
        row = _row(ReplyTemplate, reply_id, wanted.code, actor, wanted.department_id)
        _refuse(problems)
        if row.pk is not None and row.is_active and not wanted.is_active:
            _refuse_used(MacroStep.objects.filter(reply=row))
        row.title = _merged(row.title, wanted.language, wanted.title)
        row.text = {tag: text for tag, text in texts.items() if text}
        row.department_id = wanted.department_id
        row.service_id, row.outcome_id = wanted.service_id, wanted.outcome_id
        row.is_active = wanted.is_active
        return _saved(row, actor)


def save_macro(*, wanted: MacroWanted, actor: Actor, macro_id: int | None = None) -> Macro:
    """Make a macro, or change the one with ``macro_id``, its steps included; return it.

    Raises as ``save_reply`` does, and ``Invalid`` for a step that cannot be done.
    """
    problems = _named_problems(wanted.code, wanted.title)
    problems += _scope_problems(wanted.service_id, None)
    if not wanted.steps or len(wanted.steps) > MAX_STEPS:
        message = _("A macro has from 1 to %(limit)d steps.") % {"limit": MAX_STEPS}
        problems.append(Problem("step_1", message))
    steps = []
    for place, step in enumerate(wanted.steps, start=1):
        try:
            steps.append(checked_step(step, wanted, place, is_last=place == len(wanted.steps)))
        except Invalid as refusal:
            problems += refusal.problems
    with denials.kept_to_the_end(), transaction.atomic():
        row = _row(Macro, macro_id, wanted.code, actor, wanted.department_id)
        _refuse(problems)
        row.title = _merged(row.title, wanted.language, wanted.title)
        row.department_id, row.service_id = wanted.department_id, wanted.service_id
        row.is_active = wanted.is_active
        saved = _saved(row, actor)
        _keep_translations(saved, steps, wanted.language)
        MacroStep.objects.filter(macro=saved).delete()
        for place, fields in enumerate(steps, start=1):
            MacroStep.objects.create(macro=saved, order=place, **fields)
        return saved


def save_template(
    *, wanted: TemplateWanted, actor: Actor, template_id: int | None = None
) -> WorkTemplate:
    """Make a work item of a service, or change the one with ``template_id``; return it.

    Items that cases have already stay as they are. Raises as ``save_reply`` does, and
    ``Forbidden`` when it would ask more of another department's service than before.
    """
    lines = [line for line in map(clean_line, wanted.checklist) if line.strip("? ")]
    problems = _named_problems(wanted.code, wanted.title) + _template_problems(wanted, lines)
    with denials.kept_to_the_end(), transaction.atomic():
        row = _row(WorkTemplate, template_id, wanted.code, actor, wanted.department_id)
        _refuse(problems)
        if _reaches_further(row, wanted):
            owner = book().services_by_id[wanted.service_id].department_id
            _require(actor, owner, wanted.code)
        if row.pk is not None and row.is_active and not wanted.is_active:
            _refuse_used(MacroStep.objects.filter(template=row))
        if row.pk is not None and row.service_id != wanted.service_id:
            raise Invalid(_("What is prepared for one service stays with it."), field="service")
        row.department_id, row.service_id = wanted.department_id, wanted.service_id
        row.title = _merged(row.title, wanted.language, wanted.title)
        row.note = _merged(row.note, wanted.language, clean_text(wanted.note))
        label = clean_line(wanted.public_label)
        row.public_label = _merged(row.public_label, wanted.language, label)
        row.is_required, row.begins = wanted.is_required, wanted.begins
        row.amount, row.unit = wanted.amount, wanted.unit if wanted.amount else ""
        if row.team is not None and row.team.department_id != wanted.department_id:
            row.team = None
        row.is_active = wanted.is_active
        saved = _saved(row, actor)
        _write_checks(saved, lines, wanted.language)
        return saved


def editable(rows: models.QuerySet[RowT], actor: Actor) -> models.QuerySet[RowT]:
    """Restrict replies, macros or work items to those ``actor`` may change."""
    if actor.role in ALL_DEPARTMENTS:
        return rows
    return rows.filter(department_id=actor.department_id or 0)


def _row(
    model: type[RowT], row_id: int | None, code: str, actor: Actor, department_id: int | None
) -> RowT:
    """The row to change, locked, or a new one; permission for where it is and where it goes."""
    row = None
    if row_id is not None:
        row = model._default_manager.select_for_update(of=("self",)).filter(pk=row_id).first()
        if row is None:
            raise NotFound(_("This does not exist here."))
        _require(actor, row.department_id, row.code)
    _require(actor, department_id, code)
    if department_id is not None and department_id not in book().departments:
        raise Invalid(_("This department does not exist here."), field="department")
    taken = model._default_manager.filter(code=code).exclude(pk=row_id or 0)
    if taken.exists():
        raise Conflict(_("This code is taken."), field="code")
    if row is None:
        last = model._default_manager.aggregate(last=models.Max("order"))["last"] or 0
        row = model(order=last + 1)
    row.code = code
    return row


def _require(actor: Actor, department_id: int | None, code: str) -> None:
    about = f"wording {code}"[:80]
    require(actor, Permission.WORDING_MANAGE, department_id=department_id, detail=about)
    if department_id is None and actor.role not in ALL_DEPARTMENTS:
        denials.keep(actor, Permission.WORDING_MANAGE.value, detail=about)
        raise Forbidden(_("What every department uses is for the 311 center to change."))


def _saved(row: RowT, actor: Actor) -> RowT:
    is_new = row.pk is None
    row.save()
    audit.note(
        what=AuditWhat.WORDING,
        label=row.code,
        actor=actor,
        detail=f"{row._meta.model_name}: {'made' if is_new else 'changed'}",
    )
    stamp_catalogue()
    return row


def _reaches_further(row: WorkTemplate, wanted: TemplateWanted) -> bool:
    """Whether more of the service's cases are touched than before, or by another department."""
    if row.pk is None or row.department_id != wanted.department_id:
        return True
    steps = (
        (row.is_active, wanted.is_active),
        (row.is_required, wanted.is_required),
        (row.begins == Begins.INTAKE, wanted.begins == Begins.INTAKE),
    )
    return any(after and not before for before, after in steps)


def _refuse_used(steps: models.QuerySet[MacroStep]) -> None:
    """Refuse to take out of use what a macro in use needs: it would stop at that step."""
    codes = sorted(set(steps.filter(macro__is_active=True).values_list("macro__code", flat=True)))
    if codes:
        raise Conflict(
            _("A macro still uses it: %(codes)s. Change that first.") % {"codes": ", ".join(codes)},
            field="is_active",
        )


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _merged(texts: Mapping[str, str], language: str, text: str) -> dict[str, str]:
    """``texts`` with ``text`` in ``language``; a changed text loses its translations."""
    text = text.strip()
    if in_language(texts, language) == text:
        return dict(texts)
    kept = {} if texts.get(language, "") or not text else dict(texts)
    return {**kept, language: text} if text else {}


def _named_problems(code: str, title: str) -> list[Problem]:
    problems = []
    if not _CODE.match(code) or len(code) > 63:
        message = _("Use small letters, digits and hyphens: hole-filled.")
        problems.append(Problem("code", message))
    title = clean_line(title)
    if not title:
        problems.append(Problem("title", _("Give it a name."), "required"))
    if len(title) > MAX_TITLE:
        problems.append(_too_long("title", MAX_TITLE))
    return problems


def _scope_problems(service_id: int | None, outcome_id: int | None) -> list[Problem]:
    problems = []
    if service_id is not None and service_id not in book().services_by_id:
        problems.append(Problem("service", _("This service does not exist here.")))
    if outcome_id is not None and outcome_id not in book().outcomes:
        problems.append(Problem("outcome", _("This outcome does not exist here.")))
    return problems


def _text_problems(field: str, text: str) -> list[Problem]:
    problems = []
    if len(text) > MAX_TEXT:
        problems.append(_too_long(field, MAX_TEXT))
    unknown = unknown_placeholders(text)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        message = _("%(unknown)s means nothing here. Known: %(known)s.") % {
            "unknown": ", ".join(unknown),
            "known": known,
        }
        problems.append(Problem(field, message))
    return problems


def _too_long(field: str, limit: int) -> Problem:
    return Problem(field, _("Use at most %(limit)d characters.") % {"limit": limit}, "too_long")


def _template_problems(wanted: TemplateWanted, lines: Sequence[str]) -> list[Problem]:
    problems = _scope_problems(wanted.service_id, None)
    if wanted.begins not in Begins.values:
        problems.append(Problem("begins", _("Choose when it begins.")))
    if wanted.amount is not None and not 0 < wanted.amount <= MAX_AMOUNT:
        message = _("Write a number from 1 to %(limit)d.") % {"limit": MAX_AMOUNT}
        problems.append(Problem("amount", message))
    if wanted.amount is not None and wanted.unit not in UnitChoice.values:
        problems.append(Problem("unit", _("Choose what the number counts.")))
    if len(wanted.note) > MAX_TEXT:
        problems.append(_too_long("note", MAX_TEXT))
    if len(wanted.public_label) > MAX_TITLE:
        problems.append(_too_long("public_label", MAX_TITLE))
    if len(lines) > MAX_CHECKS or any(len(line) > MAX_TITLE for line in lines):
        message = _("At most %(lines)d lines of %(limit)d characters.") % {
            "lines": MAX_CHECKS,
            "limit": MAX_TITLE,
        }
        problems.append(Problem("checklist", message))
    return problems


def _write_checks(template: WorkTemplate, lines: Sequence[str], language: str) -> None:
    """Make the checklist these lines; a line that stays as it was keeps its translations."""
    known = {in_language(row.text, language): row for row in template.checks.all()}
    kept = []
    for order, line in enumerate(lines, start=1):
        text = line.lstrip("? ").strip()
        row = known.pop(text, None)
        code = row.code if row else ""
        kept.append(
            TemplateCheck(
                template=template,
                order=order,
                code=code,
                text=row.text if row else {language: text},
                is_required=not line.startswith("?"),
            )
        )
    taken = {row.code for row in kept if row.code}
    fresh = (f"line-{number}" for number in range(1, 3 * MAX_CHECKS))
    for row in kept:
        if not row.code:
            row.code = next(code for code in fresh if code not in taken)
    template.checks.all().delete()
    TemplateCheck.objects.bulk_create(kept)


def _keep_translations(macro: Macro, steps: Iterable[dict[str, Any]], language: str) -> None:
    """Give unchanged texts of the steps the translations they had."""
    known = {in_language(row.text, language): row.text for row in macro.steps.all() if row.text}
    for fields in steps:
        fields["text"] = known.get(fields["text"].get(language, ""), fields["text"])
