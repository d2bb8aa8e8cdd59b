"""Who comes in at the field pages, what their answers carry, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render

from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.people import doors
from lamppost.people.doors import P, View
from lamppost.people.doors import actor_at as actor_at
from lamppost.people.permissions import Permission, require

# The worker keeps a page for whom this says it is, and for nobody else.
USER_HEADER = "X-Field-User"


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status for a refusal; 422 is what the script knows as "correct this"."""
    return 422 if isinstance(refusal, Invalid) else doors.status_of(refusal)


def wants_json(request: HttpRequest) -> bool:
    """Return whether the page's script asks, not the browser for a page."""
    return request.headers.get("Accept", "") == "application/json"


def in_the_field(*methods: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Guard a page of the field: signed in, with a role that works on cases.

    A script gets its refusals as JSON: 401 for who has to sign in.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                return _sign_in(request)
            try:
                require(actor_at(request), Permission.CASE_WORK)
                response = view(request, *args, **kwargs)
            except Refusal as refusal:
                response = refused(request, refusal)
            response["Cache-Control"] = "private, no-store"
            response[USER_HEADER] = str(request.user.pk)
            return response

        return guarded

    return decorate


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return why not: a page, or the messages for the script."""
    status = status_of(refusal)
    if wants_json(request):
        return JsonResponse({"refused": messages_of(refusal)}, status=status)
    context: dict[str, Any] = {"refusal": refusal, "status": status}
    return render(request, "field/refused.html", context, status=status)


def messages_of(refusal: Refusal) -> list[str]:
    """Return what a refusal says, in the reader's language."""
    return [str(problem.message) for problem in refusal.problems]


def _sign_in(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"signed_in": False}, status=401)
    # Where a form was sent to is no page to come back to.
    is_page = request.method in {"GET", "HEAD"}
    return redirect_to_login(request.get_full_path() if is_page else "/field/")
