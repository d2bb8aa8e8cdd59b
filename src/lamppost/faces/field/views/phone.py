"""What the phone's own program needs: the worker, the page without a network, who is signed in."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lamppost.faces.field.access import in_the_field

_WORKER = Path(settings.BASE_DIR) / "static" / "dist" / "field-worker.js"


@in_the_field("GET")
def session(request: HttpRequest) -> HttpResponse:
    """Say who is signed in, with the token a form sent now must carry.

    Readable for our own pages only: no other origin is allowed to read an answer of ours.
    """
    return JsonResponse({"user": str(request.user.pk), "csrf": get_token(request)})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that stands in where nothing is kept: it holds nobody's data."""
    return render(request, "field/offline.html")


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Hand out the service worker, from here so that it is one for ``/field/`` alone."""
    try:
        script = _WORKER.read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
