"""The door of a page for staff: who comes in, by which method, and what a refusal becomes.

Each face says whom it admits and how its pages say no.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from lamppost.kernel.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    Unauthenticated,
)
from lamppost.people.actors import Actor

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


def guarding(
    methods: Collection[str],
    *,
    admit: Callable[[Actor], None],
    refused: Callable[[HttpRequest, Refusal], HttpResponse],
    home: str,
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Return a decorator that guards a page: signed in, admitted, by one of ``methods``.

    Strangers are sent to the sign-in page and come back to the page they wanted, or to
    ``home`` when they sent a form. ``admit`` raises a refusal for who may not; that and what
    the view refuses is turned into a page by ``refused``.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                # Where a form was sent to is no page to come back to.
                is_page = request.method in {"GET", "HEAD"}
                return redirect_to_login(request.get_full_path() if is_page else home)
            try:
                admit(actor_at(request))
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        return guarded

    return decorate
