"""The panels of work within a case, and of what can be done to it at one stroke."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.services.locking import version_of
from lamppost.catalog.choices import State
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.faces.desk.panels import Panel
from lamppost.faces.desk.work_rows import item_rows
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may
from lamppost.work.choices import ItemState
from lamppost.work.models import WorkItem
from lamppost.work.playbook import playbook
from lamppost.work.selectors.items import items_of
from lamppost.work.selectors.replies import macros_for


def work_panel(case: Case, actor: Actor, _query: str) -> Panel | None:
    """Return the work items of a case with what adds one; one query."""
    items = items_of(case)
    adds = case.state != State.CLOSED and may(
        actor, Permission.CASE_WORK, department_id=case.department_id
    )
    if not items and not adds:
        return None
    context: dict[str, Any] = {
        "rows": item_rows(items),
        "open_required": case.open_required,
        "add_url": reverse("desk:work_new", args=[case.number]) if adds else "",
        "prepared": _prepared(case, items) if adds else None,
        "prepared_url": reverse("desk:work_prepared", args=[case.number]),
    }
    return Panel("desk/panels/work.html", context)


def macro_panel(case: Case, actor: Actor, _query: str) -> Panel | None:
    """Return the macros for a case; no query."""
    macros = macros_for(case)
    works = may(actor, Permission.CASE_WORK, department_id=case.department_id)
    if not macros or not works or case.state == State.CLOSED:
        return None
    choices = [("", _("Choose")), *((str(one.id), localized(one.title)) for one in macros)]
    context = {
        "url": reverse("desk:work_macro", args=[case.number]),
        "seen": version_of(case),
        "field": Fields("macro", Typed()).select("macro", _("Macro"), choices, required=True),
    }
    return Panel("desk/panels/macros.html", context)


def _prepared(case: Case, items: list[WorkItem]) -> dict[str, Any] | None:
    taken = {item.template_id for item in items if item.state != ItemState.DROPPED}
    choices = [
        (str(entry.id), localized(entry.title))
        for entry in playbook().by_service.get(case.service_id, ())
        if entry.id not in taken
    ]
    if not choices:
        return None
    return Fields("prepared", Typed()).select(
        "template", _("Prepared for this service"), choices, required=True
    )
