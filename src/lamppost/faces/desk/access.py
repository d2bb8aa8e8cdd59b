"""Who comes in at the desk, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import Refusal
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.doors import P, View, guarding
from lamppost.people.doors import actor_at as actor_at
from lamppost.people.doors import status_of as status_of
from lamppost.people.permissions import Permission, may, require


def at_desk(
    *methods: str, needs: tuple[Permission, ...] = (Permission.DESK_SEE,)
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Guard a page of the desk: signed in, with one of ``needs``, by one of these methods."""
    return guarding(
        methods, admit=lambda actor: _require_any(actor, needs), refused=refused, home="/desk/"
    )


def _require_any(actor: Actor, needs: tuple[Permission, ...]) -> None:
    if not any(may(actor, one) for one in needs):
        require(actor, needs[0])


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page that says why not."""
    actor = actor_at(request)
    context: dict[str, Any] = {
        **frame(actor),
        "refusal": refusal,
        "status": status_of(refusal),
        "role": actor.role,
        "is_resident": actor.role in {Role.RESIDENT, Role.LIAISON},
        "is_outside_desk": actor.role in {Role.COUNCIL, Role.EDITOR},
    }
    return render(request, "desk/refused.html", context, status=context["status"])
