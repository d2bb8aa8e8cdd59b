"""What the commands of this app share: exit codes, wrong use, which city is meant."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.cities.models import City

DONE, REFUSED, WRONG_USE = 0, 1, 2


class WrongUse(Exception):
    """The command was called in a way that cannot work; its words say how it can."""


def city_named(slug: str) -> City:
    """Return the city with this slug, or the only one there is; raises ``WrongUse``."""
    cities = {city.slug: city for city in City.objects.filter(is_sandbox=False).order_by("slug")}
    if slug:
        cities |= {city.slug: city for city in City.objects.filter(slug=slug)}
    if not cities:
        raise WrongUse(_("There is no city yet. Apply a city pack first."))
    if slug in cities:
        return cities[slug]
    if slug or len(cities) > 1:
        raise WrongUse(_("Name the city with --city: %(slugs)s") % {"slugs": ", ".join(cities)})
    return next(iter(cities.values()))
