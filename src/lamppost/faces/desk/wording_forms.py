"""The forms of what is prepared: replies, macros, work items of services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.cities.selectors import city_in_scope, languages_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import ALL_DEPARTMENTS
from lamppost.sla.choices import Priority, UnitChoice
from lamppost.work.choices import Begins, StepKind
from lamppost.work.models import Macro, MacroStep, ReplyTemplate, WorkTemplate
from lamppost.work.playbook import playbook
from lamppost.work.services.macro_steps import MacroWanted, StepWanted
from lamppost.work.services.preparing import MAX_STEPS, ReplyWanted, TemplateWanted
from lamppost.work.wording import PLACEHOLDERS

Choices = list[tuple[str, str]]
_SPARE_STEPS = 3
_MOST_TEAMS = 200


def reply_fields(row: ReplyTemplate | None, actor: Actor, typed: Typed) -> list[dict[str, Any]]:
    """Return the fields of a reply, a text for each language of the city."""
    fields = Fields("reply", typed)
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    hint = _("You may write %(known)s.") % {"known": known}
    texts = [
        fields.area(
            f"text_{tag}",
            _("Text (%(language)s)") % {"language": tag},
            default=row.text.get(tag, "") if row else "",
            hint=hint if place == 0 else "",
            attrs={"rows": 3, "maxlength": 2000, "lang": tag, "dir": "auto"},
        )
        for place, tag in enumerate(languages_of(city_in_scope()))
    ]
    outcomes = [
        (str(one.id), localized(one.name))
        for one in book().outcomes.values()
        if one.kind is not OutcomeKind.DUPLICATE
    ]
    return [
        *_named(fields, row),
        *texts,
        *_scope(fields, row, actor),
        fields.select(
            "outcome",
            _("Outcome"),
            [("", _("Any, and other forms too")), *outcomes],
            default=str(row.outcome_id or "") if row else "",
        ),
        *_active(fields, row),
    ]


def reply_of(data: QueryDict, row: ReplyTemplate | None) -> ReplyWanted:
    """Return the reply typed into ``reply_fields``."""
    return ReplyWanted(
        code=data.get("code", "").strip(),
        title=data.get("title", ""),
        language=_language(),
        texts={tag: data.get(f"text_{tag}", "") for tag in languages_of(city_in_scope())},
        department_id=_optional(data, "department"),
        service_id=_optional(data, "service"),
        outcome_id=_optional(data, "outcome"),
        is_active=row is None or bool(data.get("is_active")),
    )


def macro_fields(row: Macro | None, actor: Actor, typed: Typed) -> list[dict[str, Any]]:
    """Return the fields of a macro: its steps, and a few free places for more."""
    fields = Fields("macro", typed)
    steps = list(row.steps.all()) if row else []
    sent = sum(1 for name in typed.data if name.startswith("step_"))
    places = min(max(len(steps) + _SPARE_STEPS, sent), MAX_STEPS)
    targets = _targets(row.service_id if row else None)
    replies = [
        ("", _("None")),
        *((str(e.id), localized(e.title)) for e in playbook().replies.values()),
    ]
    shown = [*_named(fields, row), *_scope(fields, row, actor)]
    for place in range(1, places + 1):
        step = steps[place - 1] if place <= len(steps) else None
        shown += _step_fields(fields, place, step, targets, replies)
    return [*shown, *_active(fields, row)]


def macro_of(data: QueryDict, row: Macro | None) -> MacroWanted:
    """Return the macro typed into ``macro_fields``; places left empty are no steps."""
    steps = []
    for place in range(1, MAX_STEPS + 1):
        kind, _colon, target = data.get(f"step_{place}", "").partition(":")
        if kind:
            steps.append(
                StepWanted(
                    kind=kind,
                    target=target,
                    reply_id=_optional(data, f"reply_{place}"),
                    text=data.get(f"text_{place}", ""),
                    is_public=bool(data.get(f"public_{place}")),
                )
            )
    return MacroWanted(
        code=data.get("code", "").strip(),
        title=data.get("title", ""),
        language=_language(),
        steps=steps,
        department_id=_optional(data, "department"),
        service_id=_optional(data, "service"),
        is_active=row is None or bool(data.get("is_active")),
    )


def template_fields(row: WorkTemplate | None, actor: Actor, typed: Typed) -> list[dict[str, Any]]:
    """Return the fields of a work item of a service."""
    fields = Fields("template", typed)
    lines = [
        ("" if check.is_required else "? ") + localized(check.text)
        for check in (row.checks.all() if row else [])
    ]
    units = [
        ("", _("No time limit")),
        *((value, str(label)) for value, label in UnitChoice.choices),
    ]
    begins = [(value, str(label)) for value, label in Begins.choices]
    return [
        *_named(fields, row),
        *_scope(fields, row, actor, is_needed=True),
        fields.area("note", _("What they should know"), default=localized(row.note) if row else ""),
        fields.area(
            "checklist",
            _("Checklist"),
            default="\n".join(lines),
            hint=_("One line for each step. A line that begins with ? may stay unchecked."),
            attrs={"rows": 5},
        ),
        fields.select("begins", _("A case gets it"), begins, default=row.begins if row else ""),
        fields.text(
            "amount",
            _("To be done within"),
            default=str(row.amount or "") if row else "",
            hint=_("A number, or nothing for no time limit."),
            attrs={"inputmode": "numeric", "maxlength": 4},
        ),
        fields.select("unit", _("Counted in"), units, default=row.unit if row else ""),
        fields.text(
            "public_label",
            _("What the public reads"),
            default=localized(row.public_label) if row else "",
            hint=_("Left empty, the public sees nothing of it."),
            attrs={"maxlength": 200},
        ),
        fields.box(
            "required",
            _("The case cannot be closed before this is done"),
            checked=row.is_required if row else True,
        ),
        *_active(fields, row),
    ]


def template_of(data: QueryDict, row: WorkTemplate | None) -> TemplateWanted:
    """Return the work item typed into ``template_fields``."""
    amount = data.get("amount", "").strip()
    number = int(amount) if amount.isascii() and amount.isdecimal() and len(amount) < 5 else 0
    return TemplateWanted(
        code=data.get("code", "").strip(),
        title=data.get("title", ""),
        language=_language(),
        service_id=id_in(data, "service"),
        department_id=id_in(data, "department"),
        note=data.get("note", ""),
        public_label=data.get("public_label", ""),
        is_required=bool(data.get("required")),
        begins=data.get("begins", ""),
        amount=number if amount else None,
        unit=data.get("unit", ""),
        checklist=data.get("checklist", "").splitlines(),
        is_active=row is None or bool(data.get("is_active")),
    )


def _language() -> str:
    return get_language() or city_in_scope().default_language


def _optional(data: QueryDict, name: str) -> int | None:
    return id_in(data, name) if data.get(name) else None


def _named(fields: Fields, row: Any) -> list[dict[str, Any]]:
    return [
        fields.text(
            "title",
            _("Name"),
            default=in_language(row.title, _language()) if row else "",
            required=True,
            attrs={"maxlength": 200},
        ),
        fields.text(
            "code",
            _("Code"),
            default=row.code if row else "",
            required=True,
            hint=_("Small letters, digits and hyphens; the city's files use it."),
            attrs={"maxlength": 63, "dir": "ltr"},
        ),
    ]


def _scope(
    fields: Fields, row: Any, actor: Actor, *, is_needed: bool = False
) -> list[dict[str, Any]]:
    sees_all = actor.role in ALL_DEPARTMENTS
    departments = [
        (str(one.id), localized(one.name))
        for one in book().departments.values()
        if one.is_active and (sees_all or one.id == actor.department_id)
    ]
    # A work item is prepared by the service's own department (services.preparing).
    services = sorted(
        (localized(one.name), str(one.id))
        for one in book().services.values()
        if one.is_active
        and (
            sees_all
            or not is_needed
            or one.department_id == actor.department_id
            or (row is not None and one.id == row.service_id)
        )
    )
    every: Choices = [] if is_needed else [("", _("All services"))]
    everybody: Choices = [("", _("Every department"))] if sees_all and not is_needed else []
    default = str(row.department_id or "") if row else str(actor.department_id or "")
    return [
        fields.select("department", _("Department"), [*everybody, *departments], default=default),
        fields.select(
            "service",
            _("Service"),
            [*every, *((value, name) for name, value in services)],
            default=str(row.service_id or "") if row else "",
        ),
    ]


def _active(fields: Fields, row: Any) -> list[dict[str, Any]]:
    return [fields.box("is_active", _("In use"), checked=row.is_active)] if row else []


def _targets(service_id: int | None) -> Choices:
    """Everything a step can do, as ``kind:target`` with its words."""
    pages, found = book(), []
    for status in pages.statuses.values():
        if status.state is not State.CLOSED:
            found.append((f"move:{status.id}", _step_name(StepKind.MOVE, localized(status.name))))
    found.append(("take:", str(StepKind.TAKE.label)))
    for team in Team.objects.filter(is_active=True).order_by("department", "code")[:_MOST_TEAMS]:
        found.append(
            (f"team:{team.pk}", _step_name(StepKind.TEAM, localized(team.name) or team.code))
        )
    for value, label in Priority.choices:
        found.append((f"priority:{value}", _step_name(StepKind.PRIORITY, str(label))))
    found.append(("note:", str(StepKind.NOTE.label)))
    for entry in playbook().templates.values():
        if service_id in {None, entry.service_id}:
            found.append((f"item:{entry.id}", _step_name(StepKind.ITEM, localized(entry.title))))
    for outcome in pages.outcomes.values():
        if outcome.kind is not OutcomeKind.DUPLICATE:
            found.append(
                (f"close:{outcome.id}", _step_name(StepKind.CLOSE, localized(outcome.name)))
            )
    return found


def _step_name(kind: StepKind, target: str) -> str:
    return _("%(step)s: %(target)s") % {"step": kind.label, "target": target}


def _step_fields(
    fields: Fields,
    place: int,
    step: MacroStep | None,
    targets: Sequence[tuple[str, str]],
    replies: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    numbered: Mapping[str, Any] = {"place": place}
    return [
        fields.select(
            f"step_{place}",
            _("Step %(place)d") % numbered,
            [("", _("Nothing")), *targets],
            default=_target_of(step) if step else "",
        ),
        fields.select(
            f"reply_{place}",
            _("Prepared text of step %(place)d") % numbered,
            replies,
            default=str(step.reply_id or "") if step else "",
        ),
        fields.area(
            f"text_{place}",
            _("Or these words in step %(place)d") % numbered,
            default=localized(step.text) if step else "",
            attrs={"rows": 2, "maxlength": 2000},
        ),
        fields.box(
            f"public_{place}",
            _("The resident reads the words of step %(place)d") % numbered,
            checked=step.is_public if step else False,
        ),
    ]


def _target_of(step: MacroStep) -> str:
    targets = {
        StepKind.MOVE: step.status_id,
        StepKind.TEAM: step.team_id,
        StepKind.PRIORITY: step.priority,
        StepKind.ITEM: step.template_id,
        StepKind.CLOSE: step.outcome_id,
    }
    return f"{step.kind}:{targets.get(StepKind(step.kind)) or ''}"
