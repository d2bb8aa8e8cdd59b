"""What the pages of who leads the center have in common: their tabs and how figures look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.insight.figures import Figure
from lamppost.insight.glossary import GLOSSARY, entries
from lamppost.insight.wording import in_words
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


def tabs(actor: Actor, here: str) -> list[dict[str, Any]]:
    """Return the center's pages the actor may open; ``here`` is the current one."""
    pages = (
        ("board", _("Board"), Permission.CENTER_SUPERVISE),
        ("figures", _("Figures"), Permission.CENTER_SUPERVISE),
        ("staffing", _("Staffing"), Permission.CENTER_SUPERVISE),
        ("quality", _("Quality"), Permission.CENTER_SUPERVISE),
        ("surge", _("Surge"), Permission.DESK_SEE),
        ("costs", _("Costs"), Permission.CENTER_SUPERVISE),
    )
    return [
        {"label": label, "url": reverse(f"console:{name}"), "current": name == here}
        for name, label, permission in pages
        if may(actor, permission)
    ]


def tile(figure: Figure, *, goal: str = "", is_bad: bool = False) -> dict[str, Any]:
    """Return a figure ready to draw, with the anchor of its definition on the page."""
    measure = GLOSSARY[figure.measure]
    return {
        "code": measure.code,
        "name": measure.name,
        "value": in_words(figure.value, measure.unit),
        # Shares of time are of seconds: a number that says nothing beside the share.
        "n": None if measure.code in {"occupancy", "adherence"} else figure.n,
        "goal": goal,
        "is_bad": is_bad,
    }


def glossary_of(codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the definitions of the measures on a page, each once."""
    return [
        {"code": one.code, "name": one.name, "formula": one.formula, "source": one.source}
        for one in entries(list(codes))
    ]
