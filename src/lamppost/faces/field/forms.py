"""The forms of the field: their fields as the theme draws them, and what was sent in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import next_statuses
from lamppost.catalog.book import StatusEntry
from lamppost.fieldwork.choices import Condition
from lamppost.fieldwork.services.recording import MAX_SIZE, Seen
from lamppost.kernel.geo import parse_number, parse_place
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import in_language


@dataclass(frozen=True)
class Typed:
    """What somebody sent with one form, and what was refused of it."""

    data: QueryDict = field(default_factory=QueryDict)
    problems: tuple[Problem, ...] = ()

    def value(self, name: str) -> str:
        """Return the text typed into a field."""
        return self.data.get(name, "")

    def errors(self, name: str) -> list[str]:
        """Return what is wrong with a field."""
        return [str(one.message) for one in self.problems if one.field == name]

    def other_errors(self, names: Iterable[str]) -> list[str]:
        """Return what is wrong beside the fields named."""
        shown = set(names)
        return [str(one.message) for one in self.problems if one.field not in shown]


def new_key() -> str:
    """Return a key for one form: sent twice with it, it counts once."""
    return secrets.token_hex(16)


def one_field(typed: Typed, name: str, label: str, **more: Any) -> dict[str, Any]:
    """Return a field with what was typed into it and what is wrong with it."""
    return {
        "name": name,
        "label": label,
        "value": typed.value(name),
        "errors": typed.errors(name),
        **more,
    }


def inspection_fields(case: Case, typed: Typed, language: str) -> list[dict[str, Any]]:
    """Return the fields of an inspection's form, the photos left out."""
    statuses = status_choices(next_statuses(case), language)
    fields = [
        one_field(
            typed,
            "condition",
            _("What did you find?"),
            kind="radios",
            required=True,
            choices=list(Condition.choices),
        ),
        one_field(
            typed,
            "size",
            _("How large is it?"),
            hint=_("For example: 60 × 40 cm, or three bags."),
            attrs={"maxlength": MAX_SIZE},
        ),
        one_field(
            typed,
            "note",
            _("Note for the department"),
            kind="textarea",
            hint=_("Only the staff reads it."),
            attrs={"rows": 3, "maxlength": 4000},
        ),
    ]
    if statuses:
        choices = [("", _("Leave it as it is")), *statuses]
        label = _("Status of the case after the inspection")
        fields.append(one_field(typed, "status", label, kind="select", choices=choices))
    return fields


def status_choices(statuses: Iterable[StatusEntry], language: str) -> list[tuple[str, str]]:
    """Return statuses to choose from, in the reader's language."""
    return [(one.code, in_language(one.name, language) or one.code) for one in statuses]


def seen_in(data: Mapping[str, str]) -> Seen:
    """Return what an inspection's form says. Raises ``Invalid`` naming the field."""
    place = accuracy = None
    if data.get("lat") or data.get("long"):
        place = parse_place(data.get("long", ""), data.get("lat", ""))
        if data.get("accuracy"):
            accuracy = parse_number(data["accuracy"], field="accuracy")
    return Seen(
        condition=data.get("condition", ""),
        size=data.get("size", ""),
        note=data.get("note", ""),
        device_at=_time_in(data.get("device_at", "")),
        place=place,
        accuracy_m=accuracy,
        status_code=data.get("status", ""),
    )


def _time_in(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(_("This time cannot be read."), field="device_at")
    return moment
