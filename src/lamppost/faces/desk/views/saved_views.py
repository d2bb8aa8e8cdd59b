"""Saved views of the queue: kept, put in order, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.selectors.views import views_for
from lamppost.cases.services.views import change_view, save_view
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import asked
from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


@at_desk("GET", "HEAD")
def saved(request: HttpRequest) -> HttpResponse:
    """List the views of whoever asks and of their department."""
    actor = actor_at(request)
    manages = manages_views(actor)
    held = views_for(actor)
    groups = (
        ("own", _("Your own"), [one for one in held if one.owner_id is not None], True),
        (
            "department",
            _("Your department's"),
            [one for one in held if one.owner_id is None],
            manages,
        ),
    )
    context = {
        **frame(actor),
        "groups": [
            {"code": code, "title": title, "views": found, "may_change": changes}
            for code, title, found, changes in groups
        ],
        "queue_url": reverse("desk:queue") + "?show=all",
    }
    return render(request, "desk/views.html", context)


@at_desk("GET", "HEAD", "POST")
def save(request: HttpRequest) -> HttpResponse:
    """Name the part of the queue that was looked at, and keep it."""
    actor = actor_at(request)
    place = asked(request.GET, actor)
    typed = Typed(request.POST if request.method == "POST" else QueryDict())
    status = 200
    if request.method == "POST":
        try:
            view = save_view(
                name=request.POST.get("name", ""),
                query=place.saved_query,
                actor=actor,
                for_department=request.POST.get("holder") == "department",
                is_default=bool(request.POST.get("is_default")),
            )
        except (Invalid, Conflict) as refusal:
            typed = Typed.of(request.POST, refusal)
            status = status_of(refusal)
        else:
            messages.success(request, _("The view is saved."))
            return HttpResponseRedirect(f"{reverse('desk:queue')}?{view.query or 'show=all'}")
    fields = Fields("view", typed)
    shown = [fields.text("name", _("Name of the view"), required=True, attrs={"maxlength": 60})]
    if manages_views(actor):
        holders = [("", _("Only for me")), ("department", _("For my department"))]
        shown.append(fields.radios("holder", _("For whom"), holders))
    shown.append(fields.box("is_default", _("Start with this view")))
    context = {
        **frame(actor),
        "fields": shown,
        "errors": typed.other_errors(["name"]),
        "has_words": bool(place.wanted.text),
        "query": place.query(after="", before=""),
        "queue_url": reverse("desk:queue") + place.query(after="", before=""),
    }
    return render(request, "desk/view_save.html", context, status=status)


@at_desk("POST")
def change(request: HttpRequest, view_id: str, step: str) -> HttpResponse:
    """Delete a view, start with it or not, or move it in the list."""
    change_view(view_id=int(view_id), step=step, actor=actor_at(request))
    if step == "delete":
        messages.success(request, _("The view is deleted."))
    return HttpResponseRedirect(reverse("desk:views"))


def manages_views(actor: Actor) -> bool:
    """Return whether ``actor`` may change the views of their department."""
    return actor.department_id is not None and may(actor, Permission.TEAM_MANAGE)
