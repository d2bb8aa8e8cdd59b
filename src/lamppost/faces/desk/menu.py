"""The tools of the desk beside the queue: one table, shown to whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


class Group(StrEnum):
    """Under which heading a tool stands."""

    DAY = "day"
    PROMISES = "promises"
    SETTING = "setting"
    TRUST = "trust"


HEADINGS: dict[Group, str | Promise] = {
    Group.DAY: _("Every day"),
    Group.PROMISES: _("Service levels and reviews"),
    Group.SETTING: _("Setting up"),
    Group.TRUST: _("Checks and trust"),
}


@dataclass(frozen=True)
class Tool:
    """A page: the name of its address, what it is called and what it is for."""

    name: str
    group: Group
    label: str | Promise
    about: str | Promise
    permission: Permission = Permission.DESK_SEE


TOOLS: tuple[Tool, ...] = (
    Tool(
        "work",
        Group.DAY,
        _("Work items"),
        _("What your department has to do in cases, its own and those of other departments."),
    ),
    Tool(
        "inspections",
        Group.DAY,
        _("Inspections"),
        _("Rounds of inspectors and teams by day, and how far they are."),
    ),
    Tool(
        "completions",
        Group.DAY,
        _("Reported done by partners"),
        _("Work a contractor or utility says is finished, to confirm or send back."),
    ),
    Tool(
        "reviews",
        Group.PROMISES,
        _("Reviews"),
        _("Agreements and areas of knowledge that are due for review, with their evidence."),
        Permission.MEASURES_READ,
    ),
    Tool(
        "stat",
        Group.PROMISES,
        _("Stat meetings"),
        _("The figures of a quarter in five sections, with decisions and follow-ups."),
        Permission.MEASURES_READ,
    ),
    Tool(
        "measures",
        Group.PROMISES,
        _("Measures"),
        _("Volume, on-time share and times to close by department and service."),
        Permission.MEASURES_READ,
    ),
)


def tools_for(actor: Actor) -> list[dict[str, Any]]:
    """Return the headings with the tools ``actor`` may open, empty headings left out."""
    groups = []
    for group, heading in HEADINGS.items():
        shown = [
            {"label": tool.label, "about": tool.about, "url": reverse(f"desk:{tool.name}")}
            for tool in TOOLS
            if tool.group is group and may(actor, tool.permission)
        ]
        if shown:
            groups.append({"heading": heading, "tools": shown})
    return groups
