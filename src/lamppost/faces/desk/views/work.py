"""Work items at the desk: the department's list, one item, adding one, macros on one case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import case_for_desk
from lamppost.cases.selectors.queue import Position
from lamppost.cases.services.locking import on_seen_case
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.frame import frame, name_of_department
from lamppost.faces.desk.rows import row_of
from lamppost.faces.desk.work_forms import (
    assign_form,
    ending_forms,
    new_item_fields,
    new_item_of,
)
from lamppost.faces.desk.work_rows import item_page_of, item_rows
from lamppost.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require
from lamppost.work.models import WorkItem
from lamppost.work.selectors.items import (
    WorkCounts,
    WorkFilter,
    filter_for,
    item_for_desk,
    work_counts,
    work_page,
)
from lamppost.work.services.adding import add_from_template, add_item
from lamppost.work.services.items import assign_item, drop, finish, reopen_item, start, tick
from lamppost.work.services.macros import run_macro

_PARTS = ("", "mine", "team", "overdue")


@at_desk("GET", "HEAD")
def items(request: HttpRequest) -> HttpResponse:
    """Show the open work items of a department, the one due first on top."""
    actor = actor_at(request)
    part = request.GET.get("part", "")
    if part not in _PARTS:
        raise Invalid(_("This part of the list does not exist."), field="part")
    page = work_page(
        _wanted(part, actor),
        after=_place(request.GET, "after"),
        before=_place(request.GET, "before"),
    )
    context = {
        **frame(actor, here="work"),
        "rows": item_rows(page.items),
        "tabs": _tabs(part, work_counts(actor)),
        "department_name": name_of_department(actor.department_id) or _("All departments"),
        "shows_departments": filter_for(actor).department_id is None,
        "is_narrowed": bool(part),
        "newer_url": _page_url(part, before=str(page.before)) if page.before else "",
        "older_url": _page_url(part, after=str(page.after)) if page.after else "",
    }
    return render(request, "desk/work/list.html", context)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, item_id: str) -> HttpResponse:
    """Show one item with its checklist and everything to be done with it."""
    actor = actor_at(request)
    return render(request, "desk/work/item.html", _page(int(item_id), actor, {}))


@at_desk("POST")
def act(request: HttpRequest, item_id: str, step: str) -> HttpResponse:
    """Do one step to an item; refused, its page comes back with what was typed."""
    actor = actor_at(request)
    run = _STEPS.get(step)
    if run is None:
        raise NotFound(_("There is no such action."))
    item = item_for_desk(int(item_id), actor=actor)
    try:
        done = run(item, actor, request.POST)
    except Forbidden:
        raise
    except Refusal as refusal:
        page = _page(item.pk, actor, {step: Typed.of(request.POST, refusal)})
        page["problems"] = refusal.problems
        return render(request, "desk/work/item.html", page, status=status_of(refusal))
    messages.success(request, done)
    try:
        item_for_desk(item.pk, actor=actor)
    except Forbidden:  # dropped: the case is none of this department's any more
        return HttpResponseRedirect(reverse("desk:work"))
    return HttpResponseRedirect(reverse("desk:work_item", args=[item.pk]))


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Add an item to a case by hand."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    require(actor, Permission.CASE_WORK, department_id=case.department_id)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            add_item(case_id=case.pk, new=new_item_of(request.POST), actor=actor)
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Work item added."))
            return _to_case(case)
    fields = new_item_fields(typed, case)
    context = {
        **frame(actor),
        "case": case,
        "row": row_of(case),
        "fields": fields,
        "errors": typed.other_errors([field["name"] for field in fields]),
        "has_errors": bool(typed.problems),
    }
    return render(request, "desk/work/new.html", context, status=status)


@at_desk("POST")
def prepared(request: HttpRequest, number: str) -> HttpResponse:
    """Add an item the case's service has prepared."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    return _on_case(
        request,
        case,
        lambda: add_from_template(
            case_id=case.pk, template_id=id_in(request.POST, "template"), actor=actor
        ),
        _("Work item added."),
    )


@at_desk("POST")
def macro(request: HttpRequest, number: str) -> HttpResponse:
    """Do all steps of a macro to a case as its reader saw it, or none."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    return _on_case(
        request,
        case,
        lambda: on_seen_case(
            case_id=case.pk,
            seen=request.POST.get("seen", ""),
            step=lambda: run_macro(
                case_id=case.pk, macro_id=id_in(request.POST, "macro"), actor=actor
            ),
        ),
        _("All steps of the macro are done."),
    )


def _on_case(
    request: HttpRequest, case: Case, run: Callable[[], object], done: str
) -> HttpResponse:
    """Run a one-click step of the case's page and go back there, with what was said to it."""
    try:
        run()
    except Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, _("Nothing was done. %(why)s") % {"why": str(refusal)})
    else:
        messages.success(request, done)
    return _to_case(case)


def _to_case(case: Case) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:case", args=[case.number]))


def _wanted(part: str, actor: Actor) -> WorkFilter:
    base = filter_for(actor)
    user_id = actor.user_id or 0
    return WorkFilter(
        department_id=base.department_id,
        assignee_id=user_id if part == "mine" else None,
        teams_of=user_id if part == "team" else None,
        overdue_only=part == "overdue",
    )


def _place(data: QueryDict, name: str) -> Position | None:
    text = data.get(name, "")
    if not text:
        return None
    try:
        return Position.parse(text)
    except ValueError:
        raise Invalid(_("This page of the list does not exist."), field=name) from None


def _page_url(part: str, **place: str) -> str:
    values = {name: value for name, value in {"part": part, **place}.items() if value}
    return reverse("desk:work") + (f"?{urlencode(values)}" if values else "")


def _tabs(part: str, counts: WorkCounts) -> list[dict[str, Any]]:
    tabs = (
        ("", _("All open"), counts.total),
        ("mine", _("Mine"), counts.mine),
        ("team", _("My teams"), counts.team),
        ("overdue", _("Overdue"), counts.overdue),
    )
    return [
        {"label": label, "url": _page_url(name), "count": count, "current": name == part}
        for name, label, count in tabs
    ]


def _page(item_id: int, actor: Actor, typed: Mapping[str, Typed]) -> dict[str, Any]:
    item = item_for_desk(item_id, actor=actor)
    return {
        **frame(actor),
        **item_page_of(item, actor),
        "assign": assign_form(item, actor, typed.get("assign", Typed())),
        "forms": ending_forms(item, actor, typed),
    }


def _start(item: WorkItem, actor: Actor, _data: QueryDict) -> str:
    start(item_id=item.pk, actor=actor)
    return _("Work has begun.")


def _tick(item: WorkItem, actor: Actor, data: QueryDict) -> str:
    is_done = data.get("done", "") == "yes"
    tick(item_id=item.pk, check_id=id_in(data, "check"), is_done=is_done, actor=actor)
    return _("Checked off.") if is_done else _("Check taken back.")


def _finish(item: WorkItem, actor: Actor, _data: QueryDict) -> str:
    finish(item_id=item.pk, actor=actor)
    return _("Work item done.")


def _assign(item: WorkItem, actor: Actor, data: QueryDict) -> str:
    assign_item(
        item_id=item.pk,
        user_id=id_in(data, "user") if data.get("user") else None,
        team_id=id_in(data, "team") if data.get("team") else None,
        actor=actor,
    )
    return _("Assignment changed.")


def _take(item: WorkItem, actor: Actor, _data: QueryDict) -> str:
    assign_item(item_id=item.pk, user_id=actor.user_id, team_id=item.team_id, actor=actor)
    return _("The work item is yours.")


def _drop(item: WorkItem, actor: Actor, data: QueryDict) -> str:
    drop(item_id=item.pk, reason=data.get("reason", ""), actor=actor)
    return _("Work item dropped.")


def _reopen(item: WorkItem, actor: Actor, data: QueryDict) -> str:
    reopen_item(item_id=item.pk, reason=data.get("reason", ""), actor=actor)
    return _("Work item opened again.")


_STEPS: dict[str, Callable[[WorkItem, Actor, QueryDict], str]] = {
    "start": _start,
    "tick": _tick,
    "finish": _finish,
    "assign": _assign,
    "take": _take,
    "drop": _drop,
    "reopen": _reopen,
}
