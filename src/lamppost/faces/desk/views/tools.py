"""The page that lists every tool of the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.menu import tools_for


@at_desk("GET", "HEAD")
def tools(request: HttpRequest) -> HttpResponse:
    """Show what this person can open beside the queue."""
    actor = actor_at(request)
    page = {**frame(actor, here="tools"), "groups": tools_for(actor)}
    return render(request, "desk/tools.html", page)
