"""Error pages in the house style, for ``handler400`` to ``handler500`` and Django's CSRF check."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from lamppost.cities.middleware import NoCity
from lamppost.faces.theme.outage import is_outage, unavailable
from lamppost.faces.theme.programs import for_programs

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a request we could not read (400)."""
    del exception
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for something the visitor may not do (403)."""
    del exception
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that leads nowhere (404).

    Where no city is served there is no page: plain words, or the form a program reads.
    """
    if isinstance(exception, NoCity):
        words = str(exception)
        one_line = " ".join(words.split())
        body = for_programs(request.path_info, HTTPStatus.NOT_FOUND, one_line)
        text, content_type = body or (words, "text/plain; charset=utf-8")
        return HttpResponse(text, status=404, content_type=content_type)
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for our own fault (500), without any context processor.

    When the fault is a database or a disk that is away, it is 503 in the caller's form.
    """
    error = sys.exc_info()[1]
    if is_outage(error):
        logger.error("no answer: %s", type(error).__name__)
        return unavailable(request)
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form whose token does not match (403); the reason stays in logs."""
    del reason
    return render(request, "errors/403.html", status=403)
