"""Distances in words, in the units the city uses. Pure."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cities.models import Units

# Nearer than a phone knows where it is.
_SAME_PLACE_M = 5.0
_FOOT_M, _MILE_M = 0.3048, 1609.344


def away(meters: float, units: str) -> str:
    """Return how far something is, rounded as people say it; ``units`` is the city's."""
    if meters < _SAME_PLACE_M:
        return _("at the same place")
    if units == Units.IMPERIAL:
        return _imperial(meters)
    if meters < 950:
        count = _rounded(meters)
        return ngettext("%(count)d meter away", "%(count)d meters away", count) % {"count": count}
    return _("%(number)s km away") % {"number": number_format(round(meters / 1000, 1))}


def _imperial(meters: float) -> str:
    if meters < _MILE_M / 4:
        count = _rounded(meters / _FOOT_M)
        return ngettext("%(count)d foot away", "%(count)d feet away", count) % {"count": count}
    return _("%(number)s mi away") % {"number": number_format(round(meters / _MILE_M, 1))}


def _rounded(number: float) -> int:
    return round(number) if number < 100 else round(number / 10) * 10
