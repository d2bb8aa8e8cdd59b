"""Who comes in at the console, and how it says no."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lamppost.faces.console.frame import frame
from lamppost.kernel.refusals import Refusal
from lamppost.people.doors import P, View, guarding
from lamppost.people.doors import actor_at as actor_at
from lamppost.people.doors import status_of as status_of
from lamppost.people.permissions import Permission, require


def at_console(
    *methods: str, permission: Permission = Permission.CONSOLE_USE
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Guard a page of the console: signed in, with ``permission``, by one of these methods."""
    return guarding(
        methods,
        admit=lambda actor: require(actor, permission),
        refused=refused,
        home="/console/",
    )


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page that says why not."""
    status = status_of(refusal)
    context = {**frame(actor_at(request)), "refusal": refusal, "status": status}
    return render(request, "console/refused.html", context, status=status)
