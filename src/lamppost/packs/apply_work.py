"""Work items, replies and macros a city has prepared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lamppost.catalog.models import Outcome, Status
from lamppost.packs.apply_catalog import ValueRows
from lamppost.packs.apply_routing import RoutingRows
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.packs.work_content import Macro as MacroFacts
from lamppost.packs.work_content import MacroStep as StepFacts
from lamppost.packs.work_content import WorkItem as ItemFacts
from lamppost.people.models import Team
from lamppost.work.models import (
    Macro,
    MacroStep,
    ReplyTemplate,
    TemplateAnswer,
    TemplateCheck,
    WorkTemplate,
)

Rows = Mapping[str, Any]


@dataclass(frozen=True)
class _Known:
    """The rows that work refers to, by their codes."""

    departments: Rows
    services: Rows
    calendars: Rows
    values: ValueRows
    outcomes: Rows
    statuses: Rows


def apply_work(pack: Pack, sync: Sync, rows: RoutingRows, calendars: Rows) -> None:
    """Carry over the work items of services, then replies, then the macros that use both."""
    known = _Known(
        rows.departments,
        rows.services,
        calendars,
        rows.values,
        {row.code: row for row in Outcome.objects.all()},
        {row.code: row for row in Status.objects.all()},
    )
    items = _items(pack, sync, known)
    replies = sync.rows(
        "reply",
        ReplyTemplate,
        {row.code: row for row in ReplyTemplate.objects.all()},
        {
            row.code: {
                "code": row.code,
                "order": order,
                "title": dict(row.title),
                "text": dict(row.text),
                "service_id": _pk(known.services, row.service),
                "outcome_id": _pk(known.outcomes, row.outcome),
                "department_id": _pk(known.departments, row.department),
                "is_active": True,
            }
            for order, row in enumerate(pack.replies, start=1)
        },
    )
    _macros(pack, sync, known, items, replies)


def _items(pack: Pack, sync: Sync, known: _Known) -> dict[str, Any]:
    templates = sync.rows(
        "work item",
        WorkTemplate,
        {row.code: row for row in WorkTemplate.objects.all()},
        {
            row.code: _item_fields(row, order, sync, known)
            for order, row in enumerate(pack.work_items, start=1)
        },
    )
    sync.rows(
        "checklist line",
        TemplateCheck,
        {
            (row.template.code, row.code): row
            for row in TemplateCheck.objects.select_related("template")
        },
        {
            (row.code, check.code): {
                "template_id": templates[row.code].pk,
                "code": check.code,
                "order": order,
                "text": dict(check.text),
                "is_required": check.is_required,
            }
            for row in pack.work_items
            for order, check in enumerate(row.checklist, start=1)
        },
    )
    sync.rows(
        "work item answer",
        TemplateAnswer,
        {(row.template_id, row.value_id): row for row in TemplateAnswer.objects.all()},
        {
            (templates[row.code].pk, known.values[triple].pk): {
                "template_id": templates[row.code].pk,
                "value_id": known.values[triple].pk,
            }
            for row in pack.work_items
            for triple in row.answers
        },
    )
    return templates


def _item_fields(row: ItemFacts, order: int, sync: Sync, known: _Known) -> dict[str, Any]:
    return {
        "code": row.code,
        "order": order,
        "service_id": known.services[row.service].pk,
        "department_id": known.departments[row.department].pk,
        "team_id": _team(row.department, row.team, sync, known),
        "title": dict(row.title),
        "note": dict(row.note),
        "public_label": dict(row.public_label),
        "is_required": row.is_required,
        "begins": row.begins,
        "amount": row.amount,
        "unit": row.unit,
        "day_end": row.day_end,
        "calendar_id": _pk(known.calendars, row.calendar),
        "is_active": True,
    }


def _macros(pack: Pack, sync: Sync, known: _Known, items: Rows, replies: Rows) -> None:
    macros = sync.rows(
        "macro",
        Macro,
        {row.code: row for row in Macro.objects.all()},
        {
            row.code: {
                "code": row.code,
                "order": order,
                "title": dict(row.title),
                "service_id": _pk(known.services, row.service),
                "department_id": _pk(known.departments, row.department),
                "is_active": True,
            }
            for order, row in enumerate(pack.macros, start=1)
        },
    )
    sync.rows(
        "macro step",
        MacroStep,
        {(row.macro.code, row.order): row for row in MacroStep.objects.select_related("macro")},
        {
            (row.code, place): {
                "macro_id": macros[row.code].pk,
                "order": place,
                **_step_fields(step, row, sync, known, items, replies),
            }
            for row in pack.macros
            for place, step in enumerate(row.steps, start=1)
        },
    )


def _step_fields(
    step: StepFacts, macro: MacroFacts, sync: Sync, known: _Known, items: Rows, replies: Rows
) -> dict[str, Any]:
    department = step.department or macro.department
    return {
        "kind": step.kind,
        "status_id": _pk(known.statuses, step.status),
        "outcome_id": _pk(known.outcomes, step.outcome),
        "reply_id": _pk(replies, step.reply),
        "template_id": _pk(items, step.item),
        "team_id": _team(department, step.team, sync, known),
        "priority": step.priority,
        "text": dict(step.text),
        "is_public": step.is_public,
    }


def _pk(rows: Rows, code: str) -> int | None:
    return rows[code].pk if code else None


def _team(department: str, code: str, sync: Sync, known: _Known) -> int | None:
    """The team named; one the department has not got yet is made, for the desk to fill."""
    if not code:
        return None
    team, is_new = Team.objects.get_or_create(
        department_id=known.departments[department].pk,
        code=code,
        defaults={"name": {}},
    )
    if is_new:
        sync.tally.created["team"] += 1
    return team.pk
