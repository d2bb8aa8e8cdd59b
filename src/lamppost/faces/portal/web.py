"""What every page of the portal shares: who asks, how a page is drawn, how a refusal is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.middleware import LANGUAGE_COOKIE, CityRequest
from lamppost.kernel.refusals import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refusal,
    Unauthenticated,
)
from lamppost.people.actors import Actor
from lamppost.people.choices import Role

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_YEAR = 365 * 24 * 3600


class PortalRequest(CityRequest):
    """A request after the middleware: it has a city, its languages and an actor."""

    actor: Actor


def resident_of(request: PortalRequest) -> Actor:
    """Return who acts in the portal: always as a resident, under their own account if any.

    So staff report like everybody else, and their report is known as their own.
    """
    actor = request.actor
    return Actor(role=Role.RESIDENT, user_id=actor.user_id, name=actor.name)


def page(
    request: PortalRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Draw ``portal/<template>.html`` with the portal's navigation."""
    shown = {"nav": _nav(request), "footer_nav": _footer_nav(), **(context or {})}
    response = render(request, f"portal/{template}.html", shown, status=status)
    _keep_language(request, response)
    return response


def told(view: View) -> View:
    """Turn a refusal of ``view`` into a page that says what is wrong, never a 500."""

    @wraps(view)
    def answer(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal)

    return answer  # type: ignore[return-value]


def refused(request: PortalRequest, refusal: Refusal) -> HttpResponse:
    """Return the page for a refusal that no form on the page can show beside a field."""
    if isinstance(refusal, NotFound):
        return not_found(request)
    status = 400
    if isinstance(refusal, Forbidden | Unauthenticated):
        status = 403
    elif isinstance(refusal, Conflict):
        status = 409
    return page(request, "refused", {"problems": refusal.problems}, status=status)


def not_found(request: PortalRequest, number: str = "") -> HttpResponse:
    """Return the friendly page for what is not here, with a search for a number."""
    return page(request, "not_found", {"number": number}, status=404)


def private(response: HttpResponse) -> HttpResponse:
    """Return ``response`` marked as for its reader only: no cache, no index, no referrer.

    ``same-origin`` and not ``no-referrer``: the latter would make browsers send ``Origin:
    null`` with our own forms, which the check against forged requests refuses.
    """
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def by_field(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Return the messages of problems by the name of their field."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(problem.message)
    return found


def back_to(text: str) -> str:
    """Return ``text`` when it is a path on this site, else the front page: no open redirect."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    plain = text.startswith("/") and not text.startswith(("//", "/\\"))
    clean = text.isprintable() and "\\" not in text and len(text) <= 2000
    return text if plain and clean and not (parts.scheme or parts.netloc) else "/"


def set_language(response: HttpResponse, code: str) -> None:
    """Remember the visitor's language for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        code,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _keep_language(request: PortalRequest, response: HttpResponse) -> None:
    """Keep the language of the address when the visitor chose it on this very site."""
    language = get_language() or ""
    if not request.language_is_fixed or request.COOKIES.get(LANGUAGE_COOKIE) == language:
        return
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        set_language(response, language)


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    path = request.path_info
    items = (
        ("portal:report", _("Report a problem"), "/report/"),
        ("portal:answers", _("Answers"), "/answers/"),
        ("portal:requests", _("Requests"), "/requests/"),
        ("portal:map", _("Map"), "/map/"),
        ("portal:near", _("Nearby"), "/near/"),
    )
    return [
        {"label": label, "url": reverse(name), "current": path.startswith(prefix)}
        for name, label, prefix in items
    ]


def _footer_nav() -> list[dict[str, str]]:
    items = (
        ("portal:agreements", _("What the city promises")),
        ("portal:directory", _("Numbers and offices")),
        ("portal:about", _("About this service")),
        ("portal:privacy", _("Privacy")),
        ("portal:accessibility", _("Accessibility")),
    )
    return [{"label": label, "url": reverse(name)} for name, label in items]
