"""The browser's worker for push messages, from an address whose scope is its own."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

_WORKER = Path(settings.BASE_DIR) / "static" / "dist" / "push-worker.js"


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Hand out the worker; 404 where the pages were not built."""
    try:
        text = _WORKER.read_text(encoding="utf-8")
    except FileNotFoundError:
        return HttpResponse(_("This page does not exist."), status=404, content_type="text/plain")
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
