"""What a city has prepared for its work, as the database holds it."""

from __future__ import annotations

from lamppost.packs import work_content
from lamppost.work.choices import StepKind
from lamppost.work.models import Macro, MacroStep, ReplyTemplate, WorkTemplate


def stored_items(services: set[str]) -> tuple[work_content.WorkItem, ...]:
    """Return the work items of these services in order; what was retired is left out."""
    rows = (
        WorkTemplate.objects.filter(is_active=True, service__code__in=services)
        .select_related("service", "department", "team", "calendar")
        .prefetch_related("checks", "answers__value__question__service")
        .order_by("order", "code")
    )
    return tuple(
        work_content.WorkItem(
            code=row.code,
            service=row.service.code,
            department=row.department.code,
            team=row.team.code if row.team else "",
            title=row.title,
            note=row.note,
            public_label=row.public_label,
            is_required=row.is_required,
            begins=row.begins,
            answers=tuple(
                sorted(
                    (each.value.question.service.code, each.value.question.code, each.value.key)
                    for each in row.answers.all()
                )
            ),
            amount=row.amount,
            unit=row.unit,
            day_end=row.day_end,
            calendar=row.calendar.code if row.calendar else "",
            checklist=tuple(
                work_content.WorkCheck(
                    code=check.code, text=check.text, is_required=check.is_required
                )
                for check in row.checks.all()
            ),
        )
        for row in rows
    )


def stored_replies() -> tuple[work_content.Reply, ...]:
    """Return the replies in order; what was retired is left out."""
    rows = ReplyTemplate.objects.filter(is_active=True).select_related(
        "service", "outcome", "department"
    )
    return tuple(
        work_content.Reply(
            code=row.code,
            title=row.title,
            text=row.text,
            service=row.service.code if row.service else "",
            outcome=row.outcome.code if row.outcome else "",
            department=row.department.code if row.department else "",
        )
        for row in rows.order_by("order", "code")
    )


def stored_macros() -> tuple[work_content.Macro, ...]:
    """Return the macros in order with their steps; what was retired is left out."""
    rows = (
        Macro.objects.filter(is_active=True)
        .select_related("service", "department")
        .prefetch_related(
            "steps__status",
            "steps__outcome",
            "steps__reply",
            "steps__template",
            "steps__team__department",
        )
        .order_by("order", "code")
    )
    return tuple(
        work_content.Macro(
            code=row.code,
            title=row.title,
            service=row.service.code if row.service else "",
            department=row.department.code if row.department else "",
            steps=tuple(_step(step, row) for step in row.steps.all()),
        )
        for row in rows
    )


def _step(row: MacroStep, macro: Macro) -> work_content.MacroStep:
    department = ""
    if row.kind == StepKind.TEAM and row.team and row.team.department_id != macro.department_id:
        department = row.team.department.code
    return work_content.MacroStep(
        kind=row.kind,
        status=row.status.code if row.status else "",
        outcome=row.outcome.code if row.outcome else "",
        reply=row.reply.code if row.reply else "",
        item=row.template.code if row.template else "",
        department=department,
        team=row.team.code if row.team else "",
        priority=row.priority,
        text=row.text,
        is_public=row.is_public,
    )
