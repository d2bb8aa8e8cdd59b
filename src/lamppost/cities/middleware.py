"""From host name to city, from path prefix to language."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from lamppost.cities.models import City
from lamppost.cities.selectors import city_by_host, languages_of
from lamppost.database.scope import city_scope

Handler = Callable[[HttpRequest], HttpResponse]

# Answered whoever asks: load balancers and monitors do not know a city's name.
_CITYLESS = ("/healthz", "/readyz", "/metrics")
LANGUAGE_COOKIE = "language"


class CityRequest(HttpRequest):
    """A request after the middleware: it has a city and the languages it offers."""

    city: City
    city_languages: tuple[str, ...]
    language_is_fixed: bool


class NoCity(Http404):
    """No city is served at the host name somebody asked."""

    def __str__(self) -> str:
        return (
            "No city is served at this host name.\n"
            "Operator: add the name to `hosts` in the city's pack and apply it, "
            "or apply a first pack with `lamppost pack apply`.\n"
        )


class CityMiddleware:
    """Puts the whole request in the scope of the city its host name stands for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the city. Raises ``NoCity`` where there is none."""
        if request.path_info in _CITYLESS:
            return self.get_response(request)
        city = city_by_host(_host_of(request))
        if city is None:
            raise NoCity
        request.city = city  # type: ignore[attr-defined]
        request.city_languages = languages_of(city)  # type: ignore[attr-defined]
        with city_scope(city.pk), timezone.override(city.zone):
            return self.get_response(request)


class LanguageMiddleware:
    """Chooses the language: a path prefix fixes it, else the cookie, else the browser's wish.

    The prefix is taken off the path and becomes the script prefix, so every link a page
    makes keeps the language without any template thinking of it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        offered: tuple[str, ...] = getattr(request, "city_languages", ())
        if not offered:
            return self.get_response(request)
        first, _, rest = request.path_info.lstrip("/").partition("/")
        fixed = first.lower() in {code.lower() for code in offered}
        prefix = get_script_prefix()
        if fixed:
            language = first.lower()
            request.path_info = "/" + rest
            set_script_prefix(f"{prefix}{language}/")
        else:
            language = _wanted(request, offered)
        request.language_is_fixed = fixed  # type: ignore[attr-defined]
        try:
            with translation.override(language):
                response = self.get_response(request)
        finally:
            set_script_prefix(prefix)
        response.headers.setdefault("Content-Language", language)
        if not fixed:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _host_of(request: HttpRequest) -> str:
    host = str(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _wanted(request: HttpRequest, offered: tuple[str, ...]) -> str:
    # Read from META: most programs send neither, and the parsed forms cost a short answer more
    # than its row.
    if "HTTP_COOKIE" in request.META:
        cookie = request.COOKIES.get(LANGUAGE_COOKIE, "").lower()
        if cookie in offered:
            return cookie
    for tag, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        if tag == "*":
            break
        for code in offered:
            if code == tag or code.split("-")[0] == tag.split("-")[0]:
                return code
        try:
            variant = get_supported_language_variant(tag)
        except LookupError:
            continue
        if variant in offered:
            return variant
    return offered[0]
