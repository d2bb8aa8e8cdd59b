"""Adding work items to a case: by hand, or from what its service has prepared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission
from lamppost.sla.choices import UnitChoice
from lamppost.sla.promises import promises
from lamppost.work.choices import ItemState
from lamppost.work.models import WorkItem
from lamppost.work.playbook import CheckEntry, playbook
from lamppost.work.services.items import check_team
from lamppost.work.services.making import Draft, draft_of, make_items

MAX_TITLE = 200
MAX_CHECKS = 30
MAX_AMOUNT = 1000


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is asked for when somebody adds an item by hand.

    ``amount`` counts in ``unit`` (``UnitChoice``) on the city's calendar ``calendar_id`` or its
    default one, from the moment it is added. Texts are in the reader's language.
    """

    department_id: int
    title: str
    note: str = ""
    public_label: str = ""
    team_id: int | None = None
    is_required: bool = True
    amount: int | None = None
    unit: str = ""
    calendar_id: int | None = None
    checklist: Sequence[str] = ()


def add_item(*, case_id: int, new: NewItem, actor: Actor) -> WorkItem:
    """Add a work item to a case the actor's department owns; return it.

    Raises ``Invalid`` naming every wrong field, ``Conflict`` for a closed case, ``Forbidden``
    for somebody else's case.
    """
    draft = _checked(new)
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        _refuse_closed(case)
        return make_items(case, [draft], actor=actor, at=timezone.now())[0]


def add_from_template(*, case_id: int, template_id: int, actor: Actor) -> WorkItem:
    """Add the item a template of the case's service stands for; return it.

    Raises ``NotFound`` for a template of another service, ``Conflict`` for a closed case and
    when the case has that item already.
    """
    entry = playbook().templates.get(template_id)
    with locked(case_id, Permission.CASE_WORK, actor) as case:
        if entry is None or entry.service_id != case.service_id:
            raise NotFound(_("This service has no such work item prepared."), field="template")
        _refuse_closed(case)
        live = WorkItem.objects.filter(case=case, template_id=template_id)
        if live.exclude(state=ItemState.DROPPED).exists():
            raise Conflict(_("The case has this work item already."), field="template")
        return make_items(case, [draft_of(entry)], actor=actor, at=timezone.now())[0]


def _refuse_closed(case: Case) -> None:
    if case.state == State.CLOSED:
        raise Conflict(_("This case is closed: reopen it first."))


def _checked(new: NewItem) -> Draft:
    title = clean_line(new.title)
    problems = []
    if not title:
        problems.append(Problem("title", _("Say what is to be done."), "required"))
    lines = [line for line in map(clean_line, new.checklist) if line]
    label = clean_line(new.public_label)
    for name, text in (
        ("title", title),
        ("public_label", label),
        *(("checklist", x) for x in lines),
    ):
        if len(text) > MAX_TITLE:
            message = _("Use at most %(limit)d characters.") % {"limit": MAX_TITLE}
            problems.append(Problem(name, message, "too_long"))
    if len(lines) > MAX_CHECKS:
        message = _("A checklist has at most %(limit)d lines.") % {"limit": MAX_CHECKS}
        problems.append(Problem("checklist", message))
    department = book().departments.get(new.department_id)
    if department is None or not department.is_active:
        problems.append(Problem("department", _("This department does not exist here.")))
    problems += _target_problems(new)
    if problems:
        raise Invalid(problems)
    check_team(new.team_id, new.department_id)
    note = checked_note(new.note, field="note")
    language = get_language() or city_in_scope().default_language
    return Draft(
        department_id=new.department_id,
        title={language: title},
        note={language: note} if note else {},
        public_label={language: label} if label else {},
        team_id=new.team_id,
        is_required=new.is_required,
        amount=new.amount,
        unit=new.unit if new.amount else "",
        calendar_id=new.calendar_id,
        checks=[CheckEntry({language: line}, True) for line in lines],
    )


def _target_problems(new: NewItem) -> list[Problem]:
    if new.amount is None:
        return []
    problems = []
    if not 0 < new.amount <= MAX_AMOUNT:
        message = _("Write a number from 1 to %(limit)d.") % {"limit": MAX_AMOUNT}
        problems.append(Problem("amount", message))
    if new.unit not in UnitChoice.values:
        problems.append(Problem("unit", _("Choose what the number counts.")))
    if new.calendar_id is not None and new.calendar_id not in promises().calendars:
        problems.append(Problem("calendar", _("This calendar does not exist here.")))
    return problems
