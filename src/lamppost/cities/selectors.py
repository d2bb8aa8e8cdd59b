"""Finding the city a request is for."""

from __future__ import annotations

import os
import time

from django.conf import settings

from lamppost.cities.models import City, CityHost, CityLanguage
from lamppost.database.scope import city_scope, require_city_id

# A city's row changes when a pack is applied; a few seconds late is soon enough, and the
# hottest reads are spared a query.
_KEEP_SECONDS = 5.0
_by_host: dict[str, tuple[float, City | None]] = {}
_by_id: dict[int, tuple[float, City]] = {}
_languages: dict[int, tuple[float, tuple[str, ...]]] = {}


def forget_cities() -> None:
    """Drop what this process remembers of cities, at once instead of after some seconds."""
    _by_host.clear()
    _by_id.clear()
    _languages.clear()


def city_in_scope() -> City:
    """Return the city in scope, some seconds old at most.

    Raises ``UnscopedQuery`` without a scope and ``City.DoesNotExist`` for an unknown city.
    """
    city_id = require_city_id()
    now = time.monotonic()
    kept = _by_id.get(city_id)
    if kept is None or now - kept[0] >= _KEEP_SECONDS:
        kept = (now, City.objects.get(pk=city_id))
        _by_id[city_id] = kept
    return kept[1]


def city_by_host(host: str) -> City | None:
    """Return the city that serves ``host`` (no port), or the only city there is, or None.

    A sandbox city answers only to its own host names.
    """
    host = host.lower().rstrip(".")
    now = time.monotonic()
    kept = _by_host.get(host)
    if kept and now - kept[0] < _KEEP_SECONDS:
        return kept[1]
    city = City.objects.filter(hosts__host=host).first()
    if city is None:
        cities = list(City.objects.filter(is_sandbox=False)[:2])
        city = cities[0] if len(cities) == 1 else None
    if len(_by_host) > 1000:  # somebody is trying host names
        _by_host.clear()
    _by_host[host] = (now, city)
    return city


def city_by_jurisdiction(jurisdiction_id: str) -> City | None:
    """Return the city Open311 callers know by this ``jurisdiction_id``, or None."""
    return City.objects.filter(jurisdiction_id__iexact=jurisdiction_id).first()


def sandbox_city() -> City | None:
    """Return the city kept for trying things out, or None."""
    return City.objects.filter(is_sandbox=True).order_by("id").first()


def languages_of(city: City) -> tuple[str, ...]:
    """Return the language codes the city offers, in its order; never empty."""
    now = time.monotonic()
    kept = _languages.get(city.pk)
    if kept and now - kept[0] < _KEEP_SECONDS:
        return kept[1]
    with city_scope(city.pk):
        codes = tuple(CityLanguage.objects.order_by("order").values_list("code", flat=True))
    _languages[city.pk] = (now, codes or (city.default_language,))
    return _languages[city.pk][1]


def site_of(city: City) -> str:
    """Return the address of the city's site, without a slash at the end.

    The first host a city was given is its own; background work has no request that could tell.
    """
    host = CityHost.objects.filter(city=city).order_by("id").values_list("host", flat=True).first()
    if settings.SESSION_COOKIE_SECURE:
        return f"https://{host or 'localhost'}"
    return f"http://{host or 'localhost'}:{os.environ.get('LAMPPOST_PORT', '8311')}"
