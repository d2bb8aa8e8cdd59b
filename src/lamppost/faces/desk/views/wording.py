"""What is prepared for a department's work: replies, macros, work items of services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Typed, names_of
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.wording_forms import (
    macro_fields,
    macro_of,
    reply_fields,
    reply_of,
    template_fields,
    template_of,
)
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require
from lamppost.work.models import Macro, ReplyTemplate, WorkTemplate
from lamppost.work.services.preparing import editable, save_macro, save_reply, save_template

_MOST = 300


@dataclass(frozen=True)
class _Kind:
    """One kind of thing that is prepared, and what its pages need to know."""

    model: Any
    heading: Callable[[], str]
    new: Callable[[], str]
    fields: Callable[[Any, Actor, Typed], list[dict[str, Any]]]
    save: Callable[[QueryDict, Any, Actor], Any]


_KINDS = {
    "replies": _Kind(
        ReplyTemplate,
        lambda: _("Replies"),
        lambda: _("New reply"),
        reply_fields,
        lambda data, row, actor: save_reply(
            wanted=reply_of(data, row), actor=actor, reply_id=row.pk if row else None
        ),
    ),
    "macros": _Kind(
        Macro,
        lambda: _("Macros"),
        lambda: _("New macro"),
        macro_fields,
        lambda data, row, actor: save_macro(
            wanted=macro_of(data, row), actor=actor, macro_id=row.pk if row else None
        ),
    ),
    "items": _Kind(
        WorkTemplate,
        lambda: _("Work items of services"),
        lambda: _("New work item of a service"),
        template_fields,
        lambda data, row, actor: save_template(
            wanted=template_of(data, row), actor=actor, template_id=row.pk if row else None
        ),
    ),
}


@at_desk("GET", "HEAD")
def prepared(request: HttpRequest) -> HttpResponse:
    """List what this person may change; three queries."""
    actor = actor_at(request)
    require(actor, Permission.WORDING_MANAGE)
    sections = [
        {
            "slug": slug,
            "heading": kind.heading(),
            "new_label": kind.new(),
            "new_url": reverse("desk:wording_new", args=[slug]),
            "rows": [_row(slug, row) for row in _listed(kind, actor)],
        }
        for slug, kind in _KINDS.items()
    ]
    page = {**frame(actor, here="tools"), "sections": sections}
    return render(request, "desk/work/wording.html", page)


@at_desk("GET", "HEAD", "POST")
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Prepare something new."""
    actor = actor_at(request)
    require(actor, Permission.WORDING_MANAGE)
    return _form(request, actor, slug, None)


@at_desk("GET", "HEAD", "POST")
def edit(request: HttpRequest, slug: str, row_id: str) -> HttpResponse:
    """Change something prepared, or take it out of use."""
    actor = actor_at(request)
    require(actor, Permission.WORDING_MANAGE)
    row = _kind(slug).model.objects.filter(pk=int(row_id)).first()
    if row is None:
        raise NotFound(_("This does not exist here."))
    require(actor, Permission.WORDING_MANAGE, department_id=row.department_id, detail=row.code)
    if not editable(type(row).objects.filter(pk=row.pk), actor).exists():
        raise Forbidden(_("What every department uses is for the 311 center to change."))
    return _form(request, actor, slug, row)


def _form(request: HttpRequest, actor: Actor, slug: str, row: Any) -> HttpResponse:
    kind = _kind(slug)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            kind.save(request.POST, row, actor)
        except Forbidden:
            raise
        except Refusal as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("Saved. Everybody sees it within seconds."))
            return HttpResponseRedirect(reverse("desk:wording"))
    fields = kind.fields(row, actor, typed)
    page = {
        **frame(actor, here="tools"),
        "title": localized(row.title) if row else kind.new(),
        "fields": fields,
        "errors": typed.other_errors(names_of(fields)),
        "has_errors": bool(typed.problems),
    }
    return render(request, "desk/work/prepare.html", page, status=status)


def _kind(slug: str) -> _Kind:
    kind = _KINDS.get(slug)
    if kind is None:
        raise NotFound(_("This does not exist here."))
    return kind


def _listed(kind: _Kind, actor: Actor) -> Any:
    return editable(kind.model.objects.all(), actor).order_by("-is_active", "order", "code")[:_MOST]


def _row(slug: str, row: Any) -> dict[str, Any]:
    service = book().services_by_id.get(row.service_id or 0)
    return {
        "title": localized(row.title) or row.code,
        "url": reverse("desk:wording_edit", args=[slug, row.pk]),
        "department": name_of_department(row.department_id) or _("Every department"),
        "service": localized(service.name) if service else _("All services"),
        "is_active": row.is_active,
    }
