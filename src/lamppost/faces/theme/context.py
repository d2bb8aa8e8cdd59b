"""What every page needs of its city and language. Named in ``settings.TEMPLATES``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from lamppost.faces.theme.languages import LanguageLink, language_links
from lamppost.kernel.text import in_language
from lamppost.places.basemap.store import MapFile, streets_file, tiles_file
from lamppost.places.outlines import outlines_stamp

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
        # Looked for only where a page draws a map.
        "map_areas": SimpleLazyObject(lambda: _areas(city)),
        "map_basemap": SimpleLazyObject(lambda: _ground(city, "portal:basemap", tiles_file)),
        "map_streets": SimpleLazyObject(lambda: _ground(city, "portal:streets", streets_file)),
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


def _areas(city: Any) -> str:
    changed_at = getattr(city, "areas_changed_at", None)
    return _stamped("portal:areas", outlines_stamp(changed_at)) if changed_at else ""


def _ground(city: Any, name: str, find: Callable[[str], MapFile | None]) -> str:
    file = find(getattr(city, "slug", ""))
    return _stamped(name, file.stamp) if file else ""


def _stamped(name: str, stamp: str) -> str:
    """Return the address ``name`` with the stamp of what is there; the portal may be left out."""
    try:
        return f"{reverse(name)}?v={quote(stamp)}"
    except NoReverseMatch:
        return ""


def _languages(request: HttpRequest, language: str) -> list[LanguageLink]:
    codes = list(getattr(request, "city_languages", ())) or [code for code, _ in settings.LANGUAGES]
    return language_links(request.path_info, request.META.get("QUERY_STRING", ""), codes, language)
