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
        "overdue",
        Group.DAY,
        _("Overdue board"),
        _("How many cases are late, with whom, and which wait longest."),
    ),
    Tool(
        "mail",
        Group.DAY,
        _("Mail"),
        _("Mail from residents that waits for an answer, and what became of every mail."),
        Permission.CONSOLE_USE,
    ),
    Tool(
        "absences",
        Group.DAY,
        _("Absences"),
        _("Who is away and who stands in; what they left is handed over here."),
    ),
    Tool(
        "views",
        Group.DAY,
        _("Saved views"),
        _("Parts of the queue under a name, your own and your department's."),
    ),
    Tool(
        "messages",
        Group.DAY,
        _("Messages to people"),
        _("What was sent about which case, what came back, what waits; sending again."),
        Permission.MESSAGE_READ,
    ),
    Tool(
        "teams",
        Group.SETTING,
        _("Teams"),
        _("People of a department who share a queue: a crew, a yard, a desk."),
        Permission.TEAM_MANAGE,
    ),
    Tool(
        "work",
        Group.DAY,
        _("Work items"),
        _("What your department has to do in cases, its own and those of other departments."),
    ),
    Tool(
        "wording",
        Group.SETTING,
        _("Prepared texts and steps"),
        _("Replies to residents, macros, and the work items a service calls for."),
        Permission.WORDING_MANAGE,
    ),
    Tool(
        "knowledge",
        Group.DAY,
        _("Articles"),
        _("Answers residents and agents read: drafts, sign-off, reviews, what is missing."),
        Permission.KNOWLEDGE_APPROVE,
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
        "agreements",
        Group.PROMISES,
        _("Service levels"),
        _("What each department promises, what it promised before, and changes on their way."),
    ),
    Tool(
        "waivers",
        Group.PROMISES,
        _("Waived service levels"),
        _("Which promises were excused in the last twelve months, by whom and why."),
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
    Tool(
        "maturity",
        Group.TRUST,
        _("How far the city has come"),
        _("The stage of the city's 311, what proves it and what comes next."),
        Permission.MEASURES_READ,
    ),
    Tool(
        "onboarding",
        Group.SETTING,
        _("Departments on board"),
        _("What each department still lacks before residents can rely on it."),
        Permission.MEASURES_READ,
    ),
    Tool(
        "routing",
        Group.SETTING,
        _("Routing rules"),
        _("Who gets a new case: the rules in force, and a draft to change them."),
        Permission.ROUTING_EDIT,
    ),
    Tool(
        "routing_bench",
        Group.SETTING,
        _("Routing test bench"),
        _("What a draft of the rules would have done with the cases that came in last."),
        Permission.ROUTING_EDIT,
    ),
    Tool(
        "routing_suggestions",
        Group.SETTING,
        _("Suggested services"),
        _("How often words of a report name the right service, and what staff made of it."),
        Permission.ROUTING_EDIT,
    ),
    Tool(
        "routing_alarms",
        Group.TRUST,
        _("Routing alarms"),
        _("Rules that do not work, stranded cases, sudden shifts into one queue."),
        Permission.ROUTING_EDIT,
    ),
    Tool(
        "partners",
        Group.SETTING,
        _("Partner systems"),
        _("How each department gets its cases, and whether that works."),
        Permission.PARTNER_SEE,
    ),
    Tool(
        "gateways",
        Group.SETTING,
        _("Numbers and providers"),
        _("The city's numbers for SMS and voice and its mailbox, and who carries them."),
        Permission.CHANNEL_MANAGE,
    ),
    Tool(
        "partner_deliveries",
        Group.TRUST,
        _("Deliveries"),
        _("What was handed to partner systems, what waits, and what failed."),
        Permission.PARTNER_SEE,
    ),
    Tool(
        "partner_runs",
        Group.TRUST,
        _("Daily comparison"),
        _("Hand-offs that got lost, and status that differs from the partner's."),
        Permission.PARTNER_SEE,
    ),
    Tool(
        "contacts",
        Group.DAY,
        _("Contacts"),
        _("Residents as they are known: their cases and calls, merged, exported, erased."),
        Permission.CONTACT_MERGE,
    ),
    Tool(
        "redress",
        Group.DAY,
        _("Said to be not fixed"),
        _("Closed cases a resident says are not fixed, for the 311 center to decide."),
        Permission.REDRESS_DECIDE,
    ),
    Tool(
        "quality",
        Group.TRUST,
        _("Second looks"),
        _("Closings drawn by lot, looked at by somebody who did not close them."),
        Permission.QUALITY_REVIEW,
    ),
    Tool(
        "quality_figures",
        Group.TRUST,
        _("Quality of closings"),
        _("What second looks and residents found, by department."),
        Permission.MEASURES_READ,
    ),
    Tool(
        "retention",
        Group.TRUST,
        _("How long data is kept"),
        _("The rules that remove old personal data, and what they would remove now."),
        Permission.CONTACT_ERASE,
    ),
    Tool(
        "audit",
        Group.TRUST,
        _("Audit log"),
        _("Who was refused what, who changed the set-up, who changed many cases at once."),
        Permission.AUDIT_READ,
    ),
    Tool(
        "roles",
        Group.TRUST,
        _("Roles"),
        _("Which role may do what."),
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
