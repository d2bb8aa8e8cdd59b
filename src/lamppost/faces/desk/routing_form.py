"""The form of one routing rule: what may be chosen, and what is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.people.models import Team
from lamppost.places.models import Area
from lamppost.routing.models import RoutingRule
from lamppost.routing.wording import area_name, clock, sentence

Choice = tuple[str, str]


@dataclass(frozen=True)
class Choosing:
    """What the form is about: a rule or a new one, what was typed, the rules beside it."""

    rule: RoutingRule | None
    typed: Typed
    others: Sequence[RoutingRule]
    language: str

    def chosen(self, name: str, stored: Iterable[int]) -> list[str]:
        """Return what is ticked in a list: as typed, else as stored."""
        if self.typed.data:
            return self.typed.data.getlist(name)
        return [str(each) for each in stored]


@dataclass(frozen=True)
class Group:
    """A heading with boxes to tick; open when one is ticked."""

    title: str
    field: dict[str, Any]
    count: int

    @property
    def is_open(self) -> bool:
        """Whether something in it is ticked."""
        return self.count > 0


@dataclass(frozen=True)
class RuleForm:
    """The fields by the part of the sentence they make."""

    note: dict[str, Any]
    services: Sequence[Group]
    answers: Sequence[dict[str, Any]]
    areas: Sequence[Group]
    times: Sequence[dict[str, Any]]
    weekdays: dict[str, Any]
    hazard: dict[str, Any]
    owner: dict[str, Any]
    before: dict[str, Any] | None

    @property
    def shown(self) -> list[dict[str, Any]]:
        """All fields, for the summary of errors."""
        groups = [group.field for group in (*self.services, *self.areas)]
        last = [self.before] if self.before else []
        return [
            self.note, *groups, *self.answers, *self.times, self.weekdays, self.hazard,
            self.owner, *last,
        ]  # fmt: skip

    @property
    def names(self) -> list[str]:
        """The names of all fields."""
        return [field["name"] for field in self.shown]


def rule_fields(choosing: Choosing) -> RuleForm:
    """Return the form; three queries, for teams and areas."""
    rule, typed = choosing.rule, choosing.typed
    fields = Fields("rule", typed)
    services = choosing.chosen(
        "services", [each.pk for each in rule.services.all()] if rule else ()
    )
    times = ("", "")
    if rule and rule.from_minute is not None and rule.to_minute is not None:
        times = (clock(rule.from_minute), clock(rule.to_minute))
    short = {"maxlength": 5, "inputmode": "numeric", "placeholder": "", "dir": "ltr"}
    return RuleForm(
        note=fields.text(
            "note", _("What the rule is for"), default=rule.note if rule else "",
            hint=_("In a few words, for colleagues."), attrs={"maxlength": 300},
        ),
        services=_services(fields, services),
        answers=_answers(fields, choosing, services),
        areas=_areas(fields, choosing),
        times=(
            fields.text("from", _("From"), default=times[0], attrs=short, hint=_("As in 22:00")),
            fields.text("to", _("Until"), default=times[1], attrs=short,
                        hint=_("May be past midnight")),
        ),
        weekdays=_weekdays(fields, choosing),
        hazard=fields.box(
            "hazard", _("Only when it is a hazard"), checked=bool(rule and rule.hazard_only)
        ),
        owner=_owner(fields, rule),
        before=_before(fields, choosing),
    )  # fmt: skip


def _boxes(
    fields: Fields, name: str, slug: str, label: str, choices: list[Choice], chosen: list[str]
) -> tuple[dict[str, Any], int]:
    own = [value for value, _label in choices if value in set(chosen)]
    field = fields.text(name, label, kind="checkboxes", choices=choices)
    return field | {"id": f"rule-{name}-{slug}", "value": own}, len(own)


def _services(fields: Fields, chosen: list[str]) -> list[Group]:
    by_group: dict[str, list[Choice]] = defaultdict(list)
    for entry in book().services.values():
        if entry.is_active or str(entry.id) in chosen:
            by_group[localized(entry.group_name)].append((str(entry.id), localized(entry.name)))
    groups = []
    for at, (title, choices) in enumerate(by_group.items()):
        field, count = _boxes(fields, "services", str(at), title, choices, chosen)
        field["errors"] = field["errors"] if at == 0 else []
        groups.append(Group(title, field, count))
    return groups


def _answers(fields: Fields, choosing: Choosing, services: list[str]) -> list[dict[str, Any]]:
    stored = [each.pk for each in choosing.rule.answers.all()] if choosing.rule else []
    chosen = choosing.chosen("values", stored)
    wanted = {int(each) for each in services if each.isdigit()}
    found: list[dict[str, Any]] = []
    for entry in book().services.values():
        held = {str(value_id) for one in entry.questions for value_id, _key, _name in one.values}
        if entry.id not in wanted and not held & set(chosen):
            continue
        for question in entry.questions:
            if not question.values:
                continue
            choices = [(str(pk), localized(name) or key) for pk, key, name in question.values]
            label = f"{localized(entry.name)}: {localized(question.text)}"
            field, _count = _boxes(fields, "values", str(question.id), label, choices, chosen)
            field["errors"] = [] if found else field["errors"]
            found.append(field)
    return found


def _areas(fields: Fields, choosing: Choosing) -> list[Group]:
    stored = [each.pk for each in choosing.rule.areas.all()] if choosing.rule else []
    chosen = choosing.chosen("areas", stored)
    by_kind: dict[str, list[Choice]] = defaultdict(list)
    rows = Area.objects.filter(kind__is_limits=False).select_related("kind").defer("boundary")
    for row in rows.order_by("kind__order", "kind__code", "code"):
        by_kind[localized(row.kind.name) or row.kind.code].append(
            (str(row.pk), area_name(row, choosing.language))
        )
    groups = []
    for at, (title, choices) in enumerate(by_kind.items()):
        field, count = _boxes(fields, "areas", str(at), title, choices, chosen)
        field["errors"] = field["errors"] if at == 0 else []
        groups.append(Group(title, field, count))
    return groups


def _weekdays(fields: Fields, choosing: Choosing) -> dict[str, Any]:
    stored = [int(day) for day in choosing.rule.weekdays] if choosing.rule else []
    first = city_in_scope().first_weekday
    days = [(first + at) % 7 for at in range(7)]
    choices = [(str(day), str(WEEKDAYS[day])) for day in days]
    field, _count = _boxes(
        fields, "weekdays", "all", _("On these days"), choices, choosing.chosen("weekdays", stored)
    )
    return field


def _owner(fields: Fields, rule: RoutingRule | None) -> dict[str, Any]:
    teams: dict[int, list[Team]] = defaultdict(list)
    for team in Team.objects.filter(is_active=True).order_by("code"):
        teams[team.department_id].append(team)
    choices: list[Choice] = [("", _("Choose"))]
    for entry in book().departments.values():
        if not entry.is_active:
            continue
        name = localized(entry.name) or entry.code
        choices.append((str(entry.id), name))
        choices += [
            (f"{entry.id}:{team.pk}", f"{name}, {localized(team.name) or team.code}")
            for team in teams[entry.id]
        ]
    default = ""
    if rule:
        default = (
            f"{rule.department_id}:{rule.team_id}" if rule.team_id else str(rule.department_id)
        )
    return fields.select("owner", _("Who gets the case"), choices, default=default, required=True)


def _before(fields: Fields, choosing: Choosing) -> dict[str, Any] | None:
    if not choosing.others:
        return None
    stay = _("Where it is") if choosing.rule else _("After all others")
    choices: list[Choice] = [("", stay)]
    choices += [
        (str(each.pk), f"{at}. {_short(sentence(each, choosing.language, most=2))}")
        for at, each in enumerate(choosing.others, start=1)
    ]
    hint = _("Rules are read from the top; the first that holds decides.")
    return fields.select("before", _("Place it before"), choices, hint=hint)


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:89] + "…"
