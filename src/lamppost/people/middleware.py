"""What the signed-in person is in this city."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from lamppost.people import denials
from lamppost.people.actors import actor_of


class MembershipMiddleware:
    """Adds ``request.actor``: who acts, with which role, in the city of this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the actor at hand; it is looked up when first asked for."""
        request.actor = SimpleLazyObject(lambda: actor_of(request.user))  # type: ignore[attr-defined]
        with denials.kept_to_the_end():
            response = self.get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN and not denials.is_kept():
                _keep(request)
            return response


def _keep(request: HttpRequest) -> None:
    """Put a refusal on record that no service did: by a rule of the page itself.

    A program's call has no signed-in person; what it is refused is its services' to record.
    """
    user = getattr(request, "user", None)
    if user is None:
        return
    actor = actor_of(user)
    if actor.user_id is not None:
        match = request.resolver_match
        denials.keep(actor, "address", detail=match.view_name if match else "")
