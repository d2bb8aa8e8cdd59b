"""The form in which a promise is proposed: rows of targets, read and drawn without a script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.kernel.refusals import Invalid
from lamppost.places.models import Area
from lamppost.sla.choices import DayEndRule, Priority, TargetKind, UnitChoice
from lamppost.sla.models import BusinessCalendar
from lamppost.sla.services.proposals import MAX_TARGETS, Terms
from lamppost.sla.services.publishing import TargetFacts

_COLUMNS = ("kind", "amount", "unit", "day_end", "priority", "area")


def terms_in(sent: QueryDict) -> Terms:
    """Return what was typed. Raises ``Invalid`` for a day or an amount that is none.

    Rows without an amount are left out; problems of others name their row as it was typed.
    """
    return Terms(
        effective_from=_day(sent.get("effective_from", "")),
        calendar_id=_id(sent.get("calendar", "")),
        targets=tuple(_facts(sent, row) for row in rows_in(sent) if _is_filled(sent, row)),
        reason=sent.get("reason", ""),
        evidence=sent.get("evidence", ""),
    )


def rows_in(sent: QueryDict) -> list[int]:
    """Return the numbers of the rows a form was sent with."""
    return [row for row in range(MAX_TARGETS + 1) if f"target-{row}-kind" in sent]


def _is_filled(sent: QueryDict, row: int) -> bool:
    return bool(sent.get(f"target-{row}-amount", "").strip())


def _facts(sent: QueryDict, row: int) -> TargetFacts:
    values = {name: sent.get(f"target-{row}-{name}", "").strip() for name in _COLUMNS}
    return TargetFacts(
        kind=values["kind"],
        amount=_amount(values["amount"]),
        unit=values["unit"],
        day_end=values["day_end"] or DayEndRule.CLOSE,
        area_id=_id(values["area"]) if values["area"] else None,
        priority=values["priority"],
    )


def _amount(text: str) -> int:
    # 0, which is refused in words, for anything that is no number.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(_("Choose the first day."), field="effective_from") from None


def first_values(terms: Terms) -> QueryDict:
    """Return a form filled in with ``terms``."""
    data = QueryDict(mutable=True)
    data["effective_from"] = terms.effective_from.isoformat()
    data["calendar"] = str(terms.calendar_id)
    data["reason"], data["evidence"] = terms.reason, terms.evidence
    for row, target in enumerate(terms.targets):
        data[f"target-{row}-kind"] = target.kind
        data[f"target-{row}-amount"] = str(target.amount)
        data[f"target-{row}-unit"] = target.unit
        data[f"target-{row}-day_end"] = target.day_end
        data[f"target-{row}-priority"] = target.priority
        data[f"target-{row}-area"] = str(target.area_id or "")
    return data


def fields_of(typed: Typed, *, more_rows: int) -> dict[str, Any]:
    """Return the fields: those of the whole, and the rows of targets with ``more_rows`` new."""
    fields = Fields("proposal", typed)
    rows = rows_in(typed.data)
    positions = _positions(typed.data)
    start = max(rows, default=-1) + 1
    rows += range(start, min(start + more_rows, MAX_TARGETS))
    choices = _choices()
    calendars = [
        (str(row.pk), localized(row.name) or row.code)
        for row in BusinessCalendar.objects.order_by("-is_default", "code")
    ]
    return {
        "whole": [
            fields.text(
                "effective_from", _("First day"), kind="date", required=True,
                hint=_("Requests made on this day and later get the new promise."),
            ),
            fields.select("calendar", _("Counted by the hours of"), calendars),
            fields.area(
                "reason", _("Why"), required=True,
                hint=_("Both sides read this before they decide."),
            ),
            fields.text(
                "evidence", _("Evidence"), hint=_("Such as a report; shown with the history."),
                attrs={"maxlength": 300},
            ),
        ],
        "rows": [
            {
                "number": number,
                "errors": typed.errors(f"target-{positions.get(row, -1)}"),
                "fields": _row(fields, row, choices),
            }
            for number, row in enumerate(rows, start=1)
        ],
        "problems": typed.errors("targets"),
    }  # fmt: skip


def _positions(sent: QueryDict) -> dict[int, int]:
    """Return which target of the terms each filled row became."""
    filled = [row for row in rows_in(sent) if _is_filled(sent, row)]
    return {row: position for position, row in enumerate(filled)}


def _choices() -> dict[str, Sequence[tuple[str, str]]]:
    areas = [
        (str(row.pk), f"{localized(row.kind.name)}: {localized(row.name) or row.code}")
        for row in Area.objects.filter(kind__is_public=True)
        .select_related("kind")
        .defer("boundary")
        .order_by("kind__order", "code")
    ]
    return {
        "kind": [
            (TargetKind.RESOLVE, _("Be done")),
            (TargetKind.ACKNOWLEDGE, _("Give a first answer")),
            (TargetKind.INSPECT, _("Inspect")),
        ],
        "unit": [(unit.value, str(unit.label)) for unit in reversed(UnitChoice)],
        "day_end": [(one.value, str(one.label)) for one in DayEndRule],
        "priority": [("", _("Every priority")), *((p.value, str(p.label)) for p in Priority)],
        "area": [("", _("Everywhere")), *areas],
    }


def _row(
    fields: Fields, row: int, choices: dict[str, Sequence[tuple[str, str]]]
) -> list[dict[str, Any]]:
    name = f"target-{row}-"
    shown = [
        fields.select(name + "kind", _("What"), choices["kind"]),
        fields.text(
            name + "amount", _("Within"),
            attrs={"inputmode": "numeric", "maxlength": 6, "autocomplete": "off"},
        ),
        fields.select(name + "unit", _("Unit"), choices["unit"], default=UnitChoice.BUSINESS_DAYS),
        fields.select(name + "priority", _("Priority"), choices["priority"]),
    ]  # fmt: skip
    if len(choices["area"]) > 1:
        shown.append(fields.select(name + "area", _("Where"), choices["area"]))
    shown.append(fields.select(name + "day_end", _("A day ends"), choices["day_end"]))
    return shown
