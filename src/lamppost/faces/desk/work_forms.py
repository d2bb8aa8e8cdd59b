"""The forms of work items: adding one, giving it to somebody, ending it, opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import colleagues
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import Permission, may
from lamppost.sla.choices import UnitChoice
from lamppost.work.choices import LIVE
from lamppost.work.models import WorkItem
from lamppost.work.services.adding import MAX_AMOUNT, NewItem

_MOST_TEAMS = 100


def new_item_fields(typed: Typed, case: Case) -> list[dict[str, Any]]:
    """Return the fields for adding an item to ``case`` by hand."""
    fields = Fields("item", typed)
    departments = [
        (str(one.id), localized(one.name)) for one in book().departments.values() if one.is_active
    ]
    units = [
        ("", _("No time limit")),
        *((value, str(label)) for value, label in UnitChoice.choices),
    ]
    return [
        fields.text("title", _("What is to be done"), required=True, attrs={"maxlength": 200}),
        fields.select(
            "department", _("By which department"), departments, default=str(case.department_id)
        ),
        fields.area("note", _("What they should know"), attrs={"rows": 3}),
        fields.area(
            "checklist",
            _("Checklist"),
            hint=_("One line for each step. All have to be checked off."),
            attrs={"rows": 4},
        ),
        fields.text(
            "amount",
            _("To be done within"),
            hint=_("A number, or nothing for no time limit."),
            attrs={"inputmode": "numeric", "maxlength": 4},
        ),
        fields.select("unit", _("Counted in"), units),
        fields.text(
            "public_label",
            _("What the public reads"),
            hint=_("Left empty, the public sees nothing of it."),
            attrs={"maxlength": 200},
        ),
        fields.box("required", _("The case cannot be closed before this is done"), checked=True),
    ]


def new_item_of(data: QueryDict) -> NewItem:
    """Return the item typed into ``new_item_fields``; what is malformed becomes what is refused."""
    amount = data.get("amount", "").strip()
    number = int(amount) if amount.isdecimal() and len(amount) <= len(str(MAX_AMOUNT)) else 0
    return NewItem(
        department_id=id_in(data, "department"),
        title=data.get("title", ""),
        note=data.get("note", ""),
        public_label=data.get("public_label", ""),
        is_required=bool(data.get("required")),
        amount=number if amount else None,
        unit=data.get("unit", ""),
        checklist=data.get("checklist", "").splitlines(),
    )


def assign_form(item: WorkItem, actor: Actor, typed: Typed) -> dict[str, Any] | None:
    """Return the form that gives an item to a team or a person, or None for who may not."""
    works = may(actor, Permission.CASE_WORK, department_id=item.department_id)
    if item.state not in LIVE or item.case.state == State.CLOSED or not works:
        return None
    fields = Fields("assign", typed)
    teams = Team.objects.filter(department_id=item.department_id, is_active=True)[:_MOST_TEAMS]
    people = [
        ("", _("Nobody")),
        *((str(one.pk), str(one)) for one in colleagues(item.department_id)),
    ]
    shown = [fields.select("user", _("Person"), people, default=str(item.assignee_id or ""))]
    named = [(str(team.pk), localized(team.name) or team.code) for team in teams]
    if named:
        shown.insert(
            0,
            fields.select(
                "team", _("Team"), [("", _("No team")), *named], default=str(item.team_id or "")
            ),
        )
    return {
        "url": reverse("desk:work_act", args=[item.pk, "assign"]),
        "fields": shown,
        "is_open": bool(typed.problems),
    }


def ending_forms(item: WorkItem, actor: Actor, typed: Mapping[str, Typed]) -> list[dict[str, Any]]:
    """Return the forms that need a reason: dropping an open item, opening an ended one again."""
    rights = {item.department_id, item.case.department_id}
    if item.case.state == State.CLOSED or not any(
        may(actor, Permission.CASE_WORK, department_id=one) for one in rights
    ):
        return []
    slug, title, label = ("drop", _("Not to be done"), _("Why it is not to be done"))
    if item.state not in LIVE:
        slug, title, label = ("reopen", _("Open it again"), _("Why it is opened again"))
    own = typed.get(slug, Typed())
    return [
        {
            "slug": slug,
            "title": title,
            "url": reverse("desk:work_act", args=[item.pk, slug]),
            "fields": [Fields(slug, own).area("reason", label, required=True, attrs={"rows": 2})],
            "is_open": bool(own.problems),
        }
    ]
