"""What every page needs of its city and language. Named in ``settings.TEMPLATES``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from lamppost.faces.theme.languages import LanguageLink, language_links
from lamppost.kernel.text import in_language

_PRODUCT = "Lamppost"


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the variables of the base templates; see ``frontend/README.md``.

    Reads ``request.city`` (a ``City`` or None) and ``request.city_languages`` (its language
    codes, in its order); without them the page speaks for the software and offers
    ``settings.LANGUAGES``.
    """
    city = getattr(request, "city", None)
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "city": city,
        "home_url": get_script_prefix(),
        "city_name": _city_name(city, language),
        "emergency_number": getattr(city, "emergency_number", ""),
        "city_stylesheet": _stylesheet(city),
        "languages": SimpleLazyObject(lambda: _languages(request, language)),
    }


def _city_name(city: Any, language: str) -> str:
    name = getattr(city, "name", "")
    if isinstance(name, dict):
        name = in_language(name, language, getattr(city, "default_language", "en"))
    return str(name) or _PRODUCT


def _stylesheet(city: Any) -> str:
    color = getattr(city, "accent_color", "")
    if not color:
        return ""
    try:
        return f"{reverse('theme:city_stylesheet')}?v={quote(color.removeprefix('#'))}"
    except NoReverseMatch:
        return ""


def _languages(request: HttpRequest, language: str) -> list[LanguageLink]:
    codes = list(getattr(request, "city_languages", ())) or [code for code, _ in settings.LANGUAGES]
    return language_links(request.path_info, request.META.get("QUERY_STRING", ""), codes, language)
