"""What a city has prepared for its work, compiled to plain values: templates, replies, macros."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.work.choices import Begins, StepKind
from lamppost.work.models import Macro, MacroStep, ReplyTemplate, WorkTemplate

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class CheckEntry:
    """One line of a template's checklist."""

    text: Texts
    is_required: bool


@dataclass(frozen=True, slots=True, eq=False)
class TemplateEntry:
    """A work item as it is made. ``answers``: values one of which must have been chosen."""

    id: int
    service_id: int
    code: str
    order: int
    department_id: int
    team_id: int | None
    title: Texts
    note: Texts
    public_label: Texts
    is_required: bool
    begins: Begins
    amount: int | None
    unit: str
    day_end: str
    calendar_id: int | None
    answers: frozenset[int]
    checks: tuple[CheckEntry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReplyEntry:
    """A sentence for residents; what is None does not restrict it."""

    id: int
    code: str
    department_id: int | None
    service_id: int | None
    outcome_id: int | None
    title: Texts
    text: Texts

    def fits(self, *, service_id: int, department_id: int) -> bool:
        """Whether it is offered for a case of this service with this owner."""
        return self.service_id in {None, service_id} and self.department_id in {
            None,
            department_id,
        }


@dataclass(frozen=True, slots=True, eq=False)
class StepEntry:
    """One step of a macro."""

    kind: StepKind
    status_id: int | None
    outcome_id: int | None
    reply_id: int | None
    template_id: int | None
    team_id: int | None
    priority: str
    text: Texts
    is_public: bool


@dataclass(frozen=True, slots=True, eq=False)
class MacroEntry:
    """Steps done at one stroke; what is None does not restrict it."""

    id: int
    code: str
    department_id: int | None
    service_id: int | None
    title: Texts
    steps: tuple[StepEntry, ...]

    def fits(self, *, service_id: int, department_id: int) -> bool:
        """Whether it is offered for a case of this service with this owner."""
        return self.service_id in {None, service_id} and self.department_id in {
            None,
            department_id,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Playbook:
    """Everything prepared in one city; what was retired is left out."""

    templates: Mapping[int, TemplateEntry]
    by_service: Mapping[int, Sequence[TemplateEntry]]
    replies: Mapping[int, ReplyEntry]
    macros: Mapping[int, MacroEntry]

    def at_intake(self, service_id: int) -> list[TemplateEntry]:
        """Return the templates whose items a new case of the service may get by itself."""
        return [
            entry for entry in self.by_service.get(service_id, ()) if entry.begins is Begins.INTAKE
        ]


def playbook() -> Playbook:
    """Return what the city in scope has prepared."""
    return _PLAYBOOKS.get(city_in_scope())


def _load(_city: City) -> Playbook:
    templates = {entry.id: entry for entry in _templates()}
    by_service: dict[int, list[TemplateEntry]] = defaultdict(list)
    for entry in templates.values():
        by_service[entry.service_id].append(entry)
    return Playbook(
        templates=templates,
        by_service=dict(by_service),
        replies={
            row.pk: ReplyEntry(
                row.pk, row.code, row.department_id, row.service_id, row.outcome_id, row.title,
                row.text,
            )
            for row in ReplyTemplate.objects.filter(is_active=True).order_by("order", "code")
        },
        macros={
            row.pk: MacroEntry(
                row.pk, row.code, row.department_id, row.service_id, row.title,
                tuple(_step(step) for step in row.steps.all()),
            )
            for row in Macro.objects.filter(is_active=True)
            .prefetch_related("steps")
            .order_by("order", "code")
        },
    )  # fmt: skip


def _templates() -> list[TemplateEntry]:
    rows = (
        WorkTemplate.objects.filter(is_active=True)
        .prefetch_related("answers", "checks")
        .order_by("service_id", "order", "code")
    )
    return [
        TemplateEntry(
            id=row.pk,
            service_id=row.service_id,
            code=row.code,
            order=row.order,
            department_id=row.department_id,
            team_id=row.team_id,
            title=row.title,
            note=row.note,
            public_label=row.public_label,
            is_required=row.is_required,
            begins=Begins(row.begins),
            amount=row.amount,
            unit=row.unit,
            day_end=row.day_end,
            calendar_id=row.calendar_id,
            answers=frozenset(answer.value_id for answer in row.answers.all()),
            checks=tuple(CheckEntry(check.text, check.is_required) for check in row.checks.all()),
        )
        for row in rows
    ]


def _step(row: MacroStep) -> StepEntry:
    return StepEntry(
        kind=StepKind(row.kind),
        status_id=row.status_id,
        outcome_id=row.outcome_id,
        reply_id=row.reply_id,
        template_id=row.template_id,
        team_id=row.team_id,
        priority=row.priority,
        text=row.text,
        is_public=row.is_public,
    )


_PLAYBOOKS: CityCache[Playbook] = CityCache(_load, catalog_stamp)
