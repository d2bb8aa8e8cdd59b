"""Who comes in at the desk, and how it says no."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from lamppost.faces.desk.frame import frame
from lamppost.kernel.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    Unauthenticated,
)
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.permissions import Permission, may, require

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (Invalid, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
)


def actor_at(request: HttpRequest) -> Actor:
    """Return who acts in the city of this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that stands for a refusal."""
    return next((code for kind, code in _STATUSES if isinstance(refusal, kind)), 400)


def at_desk(
    *methods: str, needs: tuple[Permission, ...] = (Permission.DESK_SEE,)
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Guard a page of the desk: signed in, with one of ``needs``, by one of these methods.

    Strangers are sent to the sign-in page, others without the right get a page that says
    so; what the view refuses becomes a page with the refusal's status.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                return redirect_to_login(_return_to(request))
            try:
                _require_any(actor_at(request), needs)
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        return guarded

    return decorate


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


def _return_to(request: HttpRequest) -> str:
    # Where a form was sent to is no page to come back to.
    return request.get_full_path() if request.method in {"GET", "HEAD"} else "/desk/"
