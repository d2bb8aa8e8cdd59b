"""``{% load lamppost %}``: the parts of a page that need more than an include.

What each takes is in ``frontend/README.md`` with an example. Nothing here marks a given text
as safe: every text goes through a template or is escaped in ``drawn``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from lamppost.faces.theme import drawn, rows
from lamppost.faces.theme.dates import due_state
from lamppost.faces.theme.fields import FieldView, view_of
from lamppost.kernel.text import in_language

register = template.Library()

_ALERTS = {"debug": "info", "info": "info", "success": "success", "warning": "warning"}

register.simple_tag(drawn.icon, name="icon")
register.simple_tag(drawn.status_tag, name="status_tag")
register.simple_tag(drawn.when, name="when")
register.simple_tag(rows.promise, name="case_promise")
register.simple_tag(rows.flags, name="case_flags")
register.simple_tag(rows.list_rows, name="case_list_rows")


@register.simple_tag
def case_table_rows(
    cases: Iterable[rows.TableRow],
    selectable: Any = False,
    departments: Any = False,
    teams: Any = False,
) -> SafeString:
    """Draw the body rows of a table of cases for staff; the rest says which columns it has."""
    columns = rows.Columns(
        selectable=bool(selectable), departments=bool(departments), teams=bool(teams)
    )
    return rows.table_rows(cases, columns)


@register.filter
def localized(texts: Mapping[str, str] | str | None) -> str:
    """Return the text of a translated field in the language of the page."""
    if isinstance(texts, Mapping):
        return in_language(texts, get_language() or "en")
    return texts or ""


@register.filter
def phone_href(number: str | None) -> str:
    """Return a ``tel:`` address for a telephone number written for people."""
    return "tel:" + re.sub(r"[^0-9+*#]", "", number or "")


@register.filter
def alert_class(message: Any) -> str:
    """Return the USWDS class for a message of ``django.contrib.messages``."""
    return f"usa-alert--{_ALERTS.get(message.level_tag, 'error')}"


@register.simple_tag
def due_line(
    due: datetime | None,
    done_at: datetime | None = None,
    now: datetime | None = None,
    voice: str = "staff",
) -> SafeString:
    """Draw where a promise stands; ``voice`` is ``staff`` (short) or ``resident`` (a sentence)."""
    if due is None:
        return SafeString("")
    standing = due_state(due=due, now=now or timezone.now(), done_at=done_at)
    return drawn.due_line(due, standing, to_resident=voice == "resident")


@register.inclusion_tag("lamppost/components/field.html")
def field(source: BoundField | FieldView | Mapping[str, Any], css: str = "") -> dict[str, Any]:
    """Draw one field: label or legend, hint, error and control tied together."""
    return {"field": view_of(source), "css": css}


@register.inclusion_tag("lamppost/components/error_summary.html")
def error_summary(source: Any, title: str = "") -> dict[str, Any]:
    """Draw the list of what is wrong, each line a link to its field; nothing if all is well.

    ``source`` is a Django form or an iterable of what the ``field`` tag accepts.
    """
    views = [view_of(item) for item in source]
    general = list(source.non_field_errors()) if isinstance(source, BaseForm) else []
    errors = [(view.first_control_id, error) for view in views for error in view.errors]
    return {
        "general": general,
        "errors": errors,
        "title": title or gettext("There is a problem"),
    }


@register.inclusion_tag("lamppost/components/map.html", takes_context=True)
def map_view(
    context: template.Context, source: str = "", label: str = "", **options: Any
) -> dict[str, Any]:
    """Draw a map of the points at the address ``source``; the list beside it stays the truth.

    Options: ``id``, ``height`` (``short``), ``long``, ``lat``, ``zoom``, ``pin`` (mark that
    place), ``areas``, ``basemap``, ``follow`` (reload by the box in view).
    """
    return {**_map_base(context, options), "source": source, "label": label or gettext("Map")}


@register.inclusion_tag("lamppost/components/map_pick.html", takes_context=True)
def map_pick(
    context: template.Context,
    lat_name: str = "lat",
    long_name: str = "long",
    **options: Any,
) -> dict[str, Any]:
    """Draw the tools and the map that put a place into two fields of a form.

    Options as of ``map_view``, and ``value_lat``, ``value_long``: what the fields hold.
    """
    return {**_map_base(context, options), "lat_name": lat_name, "long_name": long_name}


def _for_machine(value: Any) -> Any:
    """Return a number as a script reads it: templates would write a comma in many languages."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if is_number else value


def _map_base(context: template.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    city = context.get("city")
    center = getattr(city, "center", None)
    box = [getattr(city, side, None) for side in ("west", "south", "east", "north")]
    values = {
        "id": "map",
        "long": center.long if center else "",
        "lat": center.lat if center else "",
        "zoom": getattr(city, "map_zoom", 12),
        "bounds": "" if None in box else ",".join(str(side) for side in box),
        "basemap": context.get("map_basemap", ""),
        "streets": context.get("map_streets", ""),
        "areas": context.get("map_areas", ""),
        **options,
    }
    return {name: _for_machine(value) for name, value in values.items()}
