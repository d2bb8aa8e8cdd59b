"""The one address the theme answers itself: the city's style sheet."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lamppost.faces.theme.accent import accent_stylesheet


@require_safe
def city_stylesheet(request: HttpRequest) -> HttpResponse:
    """Return the accent of the city that answers this host.

    The pages ask with the color in the query, so a changed color is a new address and the
    answer may be kept for a day; the color itself is always the city's, never the query's.
    """
    city = getattr(request, "city", None)
    response = HttpResponse(
        accent_stylesheet(getattr(city, "accent_color", "")), content_type="text/css; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=86400"
    return response
