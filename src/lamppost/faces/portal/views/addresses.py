"""Addresses while somebody types them. Without a script the field works as it is."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from lamppost.faces.portal.web import PortalRequest
from lamppost.kernel.text import clean_line
from lamppost.places.geocoding.lookup import suggest

_LONGEST = 120


@require_safe
def suggestions(request: PortalRequest) -> JsonResponse:
    """Return up to eight places the text may become: ``{"places": ["25 Main Street", …]}``."""
    text = clean_line(request.GET.get("q", "")[:_LONGEST])
    places = [match.label for match in suggest(request.city, text)] if len(text) >= 3 else []
    response = JsonResponse({"places": places})
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
