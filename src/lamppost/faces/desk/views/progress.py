"""How far the city and each department have come, with the proof."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.catalog.book import DepartmentEntry, book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.insight.choices import OnboardingItem
from lamppost.insight.maturity import Stage
from lamppost.insight.selectors.maturity import assessment
from lamppost.insight.selectors.onboarding import Item, Onboarding, onboarding
from lamppost.insight.services.onboarding import record_onboarding
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may, require
from lamppost.people.teams import department_people


@at_desk("GET", "HEAD")
def maturity(request: HttpRequest) -> HttpResponse:
    """Show the stage the city has reached, what proves it, and what is missing for the next."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    found = assessment()
    stages = [
        {
            "label": stage.label,
            "is_reached": list(Stage).index(stage) <= list(Stage).index(found.stage),
            "criteria": [
                {"judged": one, "url": reverse(one.criterion.page)}
                for one in found.judged
                if one.criterion.stage == stage
            ],
        }
        for stage in list(Stage)[1:]
    ]
    page = {
        **frame(actor, here="tools"),
        "found": found,
        "stages": stages,
        "next_steps": [
            {"judged": one, "url": reverse(one.criterion.page)} for one in found.next_steps
        ],
    }
    return render(request, "desk/reviews/maturity.html", page)


@at_desk("GET", "HEAD")
def departments(request: HttpRequest) -> HttpResponse:
    """List the departments with what each still lacks."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    page = {**frame(actor, here="tools"), "rows": [_row(one) for one in onboarding()]}
    return render(request, "desk/reviews/onboarding.html", page)


@at_desk("GET", "HEAD", "POST")
def department(request: HttpRequest, code: str) -> HttpResponse:
    """Show one department's list, and write down what only people can know."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    entry = next((one for one in book().departments.values() if one.code == code), None)
    if entry is None or not entry.is_active:
        raise NotFound(_("This department does not exist here."))
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            _record(request, entry, actor)
        except Invalid as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("desk:onboarding_department", args=[code]))
    page = {
        **frame(actor, here="tools"),
        "row": _row(onboarding(department_id=entry.id)[0]),
        "fields": _fields(entry, typed)
        if may(actor, Permission.REVIEW_HOLD, department_id=entry.id)
        else [],
        "errors": typed.other_errors(("item", "done_on", "person", "note")),
    }
    return render(request, "desk/reviews/onboarding_one.html", page, status=status)


def _record(request: HttpRequest, entry: DepartmentEntry, actor: Actor) -> None:
    text = request.POST.get("done_on", "").strip()
    try:
        done_on = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(_("Give a day, such as 2026-03-31."), field="done_on") from error
    record_onboarding(
        department_id=entry.id,
        item=request.POST.get("item", ""),
        done_on=done_on,
        note=request.POST.get("note", ""),
        person_id=id_in(request.POST, "person") or None,
        actor=actor,
    )


def _row(found: Onboarding) -> dict[str, Any]:
    return {
        "name": localized(found.department.name) or found.department.code,
        "url": reverse("desk:onboarding_department", args=[found.department.code]),
        "missing": [one for one in found.items if not one.is_met],
        "items": [_item(one) for one in found.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {"item": item, "url": reverse(item.page) if item.page else ""}


def _fields(entry: DepartmentEntry, typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("onboarding", typed)
    people = [("", _("Nobody")), *((one.pk, str(one)) for one in department_people(entry.id))]
    return [
        fields.select("item", _("What"), OnboardingItem.choices, required=True),
        fields.text(
            "done_on", _("Since"), kind="date",
            hint=_("Leave it empty to say that the department no longer has it."),
        ),
        fields.select("person", _("Liaison"), people),
        fields.text("note", _("Note"), attrs={"maxlength": 300}),
    ]  # fmt: skip
