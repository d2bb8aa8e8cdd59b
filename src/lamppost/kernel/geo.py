"""Places on earth as numbers: reading them, refusing impossible ones, measuring between them.

Everywhere a place is a pair ``(long, lat)`` in WGS 84 degrees, longitude first as in GeoJSON
(RFC 7946, section 3.1.1). Pure: no database, no shapely.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Invalid, Problem

Place = tuple[float, float]

# Mean earth radius in meters, (2a + b) / 3 of the WGS 84 ellipsoid (Moritz 2000, GRS 80).
EARTH_RADIUS_M = 6_371_008.8
# Semi-major axis in meters and squared eccentricity of WGS 84 (NGA.STND.0036, table 3.1).
_WGS84_A = 6_378_137.0
_WGS84_E2 = 6.694_379_990_141_33e-3

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
# 17 digits say all a double can; a longer text is somebody else's formatting or an attack.
_MAX_CHARACTERS = 400


class Box(NamedTuple):
    """Degrees between two meridians and two parallels.

    ``west > east`` when the box crosses the 180th meridian (RFC 7946, section 5.2).
    """

    west: float
    south: float
    east: float
    north: float


def parse_number(text: str | float, *, field: str) -> float:
    """Return the number ``text`` spells, for the field the caller named ``field``.

    Blanks around it, a plus sign, an exponent, any number of digits and a typographic minus
    are fine. Raises ``Invalid`` for everything else: an empty text, NaN, infinity, a comma.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise Invalid(_("Enter a number, for example 39.9526."), field=field)
    spelled = str(text).strip().replace("\N{MINUS SIGN}", "-")
    if len(spelled) > _MAX_CHARACTERS or not _NUMBER.fullmatch(spelled):
        raise Invalid(_("Enter a number, for example 39.9526."), field=field)
    number = float(spelled)
    if not math.isfinite(number):
        raise Invalid(_("This number is too large."), field=field)
    return number


def parse_place(
    long: str | float, lat: str | float, *, long_field: str = "long", lat_field: str = "lat"
) -> Place:
    """Return ``(long, lat)`` from what was typed or sent, checked as ``check_place`` does.

    Raises ``Invalid`` naming each field that is no number.
    """
    problems: list[Problem] = []
    numbers: list[float] = []
    for text, field in ((long, long_field), (lat, lat_field)):
        try:
            numbers.append(parse_number(text, field=field))
        except Invalid as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Invalid(problems)
    return check_place(numbers[0], numbers[1], long_field=long_field, lat_field=lat_field)


def check_place(
    long: float, lat: float, *, long_field: str = "long", lat_field: str = "lat"
) -> Place:
    """Return ``(long, lat)`` in degrees when it can be a place on earth.

    Raises ``Invalid`` naming the field: not finite, latitude beyond ±90, longitude beyond
    ±180, or 0,0, which is what programs send when they know no place.
    """
    problems = []
    if not -90 <= lat <= 90:  # also false for NaN
        message = _("Latitude must be between -90 and 90 degrees.")
        if 90 < abs(lat) <= 180 and -90 <= long <= 90:
            message += " " + _("Latitude and longitude seem to be swapped.")
        problems.append(Problem(lat_field, message))
    if not -180 <= long <= 180:
        message = _("Longitude must be between -180 and 180 degrees.")
        problems.append(Problem(long_field, message))
    if problems:
        raise Invalid(problems)
    if long == 0 and lat == 0:
        raise Invalid(_("0, 0 is not a place. Choose the place on the map."), field=lat_field)
    # Adding zero turns -0.0 into 0.0, so that a place is always spelled the same way.
    return long + 0.0, lat + 0.0


def is_place(place: Place) -> bool:
    """Return whether ``(long, lat)`` in degrees can be a place on earth (``check_place``)."""
    try:
        check_place(*place)
    except Invalid:
        return False
    return True


def distance_m(from_place: Place, to_place: Place) -> float:
    """Return the distance in meters along the sphere between two places in degrees.

    Haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984)
    with the mean earth radius: within 0.6 % of the ellipsoid, exact enough for "nearby".
    """
    long1, lat1, long2, lat2 = map(math.radians, (*from_place, *to_place))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def box_around(place: Place, radius_m: float) -> Box:
    """Return the degrees that hold every place within ``radius_m`` meters of ``place``.

    The longitudes reach asin(sin r / cos lat) to each side, r being the angle of the radius
    (J. Bronshtein, "Handbook of Mathematics", spherical triangles); around a pole they are
    all longitudes. Raises ``ValueError`` for a radius that is negative or not finite.
    """
    if not (math.isfinite(radius_m) and radius_m >= 0):
        raise ValueError(f"{radius_m!r} is not a radius in meters")
    long, lat = place
    # A millionth more than the formula says: rounding must not leave out a place on the rim.
    angle = radius_m / EARTH_RADIUS_M * (1 + 1e-6)
    reach_lat = math.degrees(angle)
    south, north = lat - reach_lat, lat + reach_lat
    if south <= -90 or north >= 90:
        return Box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    reach_long = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat))))
    west, east = long - reach_long, long + reach_long
    return Box(
        west + 360 if west < -180 else west, south, east - 360 if east > 180 else east, north
    )


def meters_per_degree(lat: float) -> tuple[float, float]:
    """Return how many meters one degree of longitude and one of latitude are at ``lat``.

    Arc lengths on the WGS 84 ellipsoid: the radii of curvature in the prime vertical and in
    the meridian (Torge, "Geodesy", section 4.1.3).
    """
    phi = math.radians(lat)
    root = math.sqrt(1 - _WGS84_E2 * math.sin(phi) ** 2)
    prime_vertical = _WGS84_A / root
    meridian = _WGS84_A * (1 - _WGS84_E2) / root**3
    degree = math.radians(1)
    return degree * prime_vertical * math.cos(phi), degree * meridian
