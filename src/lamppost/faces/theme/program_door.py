"""The door for programs: calls to Open311 and the API take a chain of layers of their own.

They have no session, no form token, no messages and no frames, and short answers spent half of
their time passing by the layers of pages. Without a session a cookie gives a program no
authority, so no request forged across sites can use one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware

from lamppost.cities.middleware import CityMiddleware, LanguageMiddleware
from lamppost.faces.theme.outage import OutageMiddleware
from lamppost.people.middleware import MembershipMiddleware

Layer: TypeAlias = Callable[[HttpRequest], Any]

# A prefix of language may stand before it.
_PROGRAMS = re.compile(r"/(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*/)?(?:open311|api)/")
# What a browser may do with an answer that is data: nothing.
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


class ProgramDoor:
    """The first layer of all: a program's call goes its own way, everything else goes on."""

    def __init__(self, get_response: Layer) -> None:
        self._pages = get_response
        self._programs = _ProgramHandler()
        self._programs.load_middleware()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer by the way that fits the address."""
        if _PROGRAMS.match(request.path_info):
            answer: HttpResponseBase = self._programs.answer(request)
        else:
            answer = self._pages(request)
        return answer


class DataMiddleware:
    """Says how long an answer is and that a browser may only show it."""

    def __init__(self, get_response: Layer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with what a browser must know about data."""
        response: HttpResponse = self.get_response(request)
        headers = response.headers
        headers["Content-Security-Policy"] = _NOTHING
        headers["X-Frame-Options"] = "DENY"
        if "Content-Length" not in headers and not response.streaming:
            headers["Content-Length"] = str(len(response.content))
        return response


class _ProgramHandler(BaseHandler):
    """Django's handler of requests with these layers, the outermost first."""

    _LAYERS = (
        SecurityMiddleware,
        OutageMiddleware,
        CityMiddleware,
        LanguageMiddleware,
        MembershipMiddleware,
        DataMiddleware,
    )

    if TYPE_CHECKING:
        # What the published types leave out.
        def _get_response(self, request: HttpRequest) -> HttpResponse: ...

    def load_middleware(self, is_async: bool = False) -> None:
        """As in Django, from the list here; asynchronous serving is not offered."""
        if is_async:
            raise NotImplementedError("Lamppost is served over WSGI.")
        self._view_middleware: list[Callable[..., HttpResponseBase | None]] = []
        self._template_response_middleware: list[Callable[..., HttpResponseBase]] = []
        self._exception_middleware: list[Callable[..., HttpResponseBase | None]] = []
        innermost: Layer = self._get_response
        chain: Layer = convert_exception_to_response(innermost)
        for layer in reversed(self._LAYERS):
            chain = convert_exception_to_response(layer(chain))
        self._middleware_chain = chain

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request that another handler has already opened and will close."""
        response: HttpResponseBase = self._middleware_chain(request)
        return response
