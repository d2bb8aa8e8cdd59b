"""What the signed-in person is in this city."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from lamppost.people.actors import actor_of
from lamppost.people.denials import kept_to_the_end


class MembershipMiddleware:
    """Adds ``request.actor``: who acts, with which role, in the city of this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the actor at hand; it is looked up when first asked for."""
        request.actor = SimpleLazyObject(lambda: actor_of(request.user))  # type: ignore[attr-defined]
        with kept_to_the_end():
            return self.get_response(request)
