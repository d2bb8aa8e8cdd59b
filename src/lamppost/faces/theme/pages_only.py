"""Middleware that only pages need: programs that call Open311 or the API pass it by.

They have no session, no form token, no messages and no frames, and short answers spent a
third of their time on them. Without a session a cookie gives a program no authority, so no
request forged across sites can use one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseForbidden
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware

PROGRAMS = ("/open311/", "/api/")
# What a browser may do with an answer that is data: nothing.
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


def is_for_programs(request: HttpRequest) -> bool:
    """Whether the address is one that programs call, the language prefix taken off."""
    return request.path_info.startswith(PROGRAMS)


class _Layer(Protocol):
    get_response: Callable[[HttpRequest], HttpResponseBase]


class _OnPages:
    def __call__(self: Any, request: HttpRequest) -> HttpResponseBase:
        if is_for_programs(request):
            layer: _Layer = self
            return layer.get_response(request)
        answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
        return answer


class Sessions(_OnPages, SessionMiddleware):
    """Django's sessions, on pages."""


class Authentication(_OnPages, AuthenticationMiddleware):
    """Who is signed in, on pages."""


class Messages(_OnPages, MessageMiddleware):
    """What the next page says was done, on pages."""


class Htmx(_OnPages, HtmxMiddleware):
    """Whether htmx asks, on pages."""


class Csrf(_OnPages, CsrfViewMiddleware):
    """The token of forms, on pages; a view for programs must say itself that it needs none."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        """Check the token, except where the view is exempt and meant for programs."""
        if is_for_programs(request) and getattr(callback, "csrf_exempt", False):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class Frames(_OnPages, XFrameOptionsMiddleware):
    """No frames, on pages."""


class ContentPolicy(_OnPages, CSPMiddleware):
    """The Content-Security-Policy of pages; data gets one that allows nothing."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the policy that fits."""
        response = super().__call__(request)
        if is_for_programs(request):
            response.headers["Content-Security-Policy"] = _NOTHING
            response.headers["X-Frame-Options"] = "DENY"
        return response
