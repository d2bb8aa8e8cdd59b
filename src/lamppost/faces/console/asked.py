"""Fields of the center's forms as the theme draws them, with what was typed and refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid, Problem


@dataclass(frozen=True)
class Asked:
    """One form: the values it was sent with, and what was refused of them."""

    prefix: str
    data: QueryDict = field(default_factory=QueryDict)
    problems: tuple[Problem, ...] = ()

    def text(self, name: str, label: str, *, default: str = "", **more: Any) -> dict[str, Any]:
        """Return a field; ``kind``, ``hint``, ``required``, ``attrs`` in ``more`` change it."""
        return {
            "name": name,
            "id": f"{self.prefix}-{name}",
            "label": label,
            "value": self.data.get(name, default),
            "errors": [one.message for one in self.problems if one.field == name],
            **more,
        }

    def select(
        self, name: str, label: str, choices: Sequence[tuple[Any, ...]], **more: Any
    ) -> dict[str, Any]:
        """Return a list to choose one from."""
        return self.text(name, label, kind="select", choices=list(choices), **more)


def moment_of(text: str, name: str) -> datetime | None:
    """Return a moment typed by the city's clock, None for none; raises ``Invalid``."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Invalid(_("Enter a date and a time."), field=name)
    return found if found.tzinfo else found.replace(tzinfo=city_in_scope().zone)


def day_of(text: str) -> date | None:
    """Return a day typed or asked for in the address, None for anything else or out of reach."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    # The days around it have to be days as well.
    return day if day and date(1900, 1, 1) <= day <= date(9000, 1, 1) else None


def number_of(text: str, name: str, *, least: Decimal, most: Decimal) -> Decimal:
    """Return a number typed with a point or a comma; raises ``Invalid`` outside the range."""
    text = text.strip()
    try:
        found = Decimal(text.replace(",", ".") if text.count(",") == 1 else text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not least <= found <= most:
        raise Invalid(
            _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most},
            field=name,
        )
    return found
