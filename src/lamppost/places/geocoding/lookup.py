"""Finding places in a city: what the faces and intake call."""

from __future__ import annotations

from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.kernel.geo import Box, distance_m
from lamppost.places.geocoding.adapters import ask_outside, ask_outside_reverse
from lamppost.places.geocoding.loading import streets_of
from lamppost.places.geocoding.matches import Match, MatchKind
from lamppost.places.geocoding.search import find_places

# From here on nobody needs to look at the answer before it is used.
SURE = 0.85
# Two answers as good and farther apart than this: the text does not say which.
_AS_GOOD, _APART_M = 0.04, 150.0
_WIDEST_M = 250


def geocode(city: City, text: str, *, limit: int = 5) -> tuple[Match, ...]:
    """Return up to ``limit`` places in ``city`` that ``text`` may mean, best first.

    The city's own files answer. An outside geocoder, where the installation has one, is asked
    only when they give nothing sure. Any text is accepted; () when it means no place.
    """
    found = find_places(streets_of(city).index, text, limit=limit)
    if text.strip() and (not found or found[0].score < SURE):
        outside = ask_outside(text, country=city.country, within=_box(city), limit=limit)
        found = tuple(sorted((*found, *outside), key=lambda match: -match.score)[:limit])
    return found


def suggest(city: City, prefix: str, limit: int = 8) -> tuple[Match, ...]:
    """Return up to ``limit`` places ``prefix`` may become as somebody types, best first.

    ``label`` is what to show and to put in the field. Never asks anybody outside.
    """
    return streets_of(city).suggestions.suggest(prefix, limit)


def reverse(city: City, point: tuple[float, float]) -> Match | None:
    """Return the address, corner or street at WGS 84 ``(long, lat)``, or None within 400 m.

    ``distance_m`` says how far it is; beyond 45 m the label says "near".
    """
    return streets_of(city).nearest.at(point) or ask_outside_reverse(Point(*point))


def place_from_text(city: City, text: str) -> Point | None:
    """Return the one place ``text`` surely means, or None when it is unsure or means two."""
    found = geocode(city, text)
    if not found or found[0].score < SURE or found[0].kind == MatchKind.STREET:
        return None
    best = found[0]
    if best.precision_m > _WIDEST_M:
        return None
    for other in found[1:]:
        as_good = best.score - other.score < _AS_GOOD
        if as_good and distance_m(best.point, other.point) > _APART_M:
            return None
    return best.point


def _box(city: City) -> Box | None:
    if city.west is None or city.south is None or city.east is None or city.north is None:
        return None
    return Box(city.west, city.south, city.east, city.north)
