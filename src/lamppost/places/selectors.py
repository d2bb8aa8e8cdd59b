"""Reading the areas of the city in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lamppost.cities.cache import CityCache
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.places.models import Area


@dataclass(frozen=True, slots=True)
class NamedArea:
    """An area as people read it: "Council district: 5"."""

    area_id: int
    kind_code: str
    kind_name: str
    code: str
    name: str
    is_approximate: bool


def named_areas(area_ids: Iterable[int], *, language: str) -> tuple[NamedArea, ...]:
    """Return the public areas with these ids, in the order of their kinds, in ``language``."""
    areas = Area.objects.filter(pk__in=list(area_ids), kind__is_public=True)
    return tuple(
        NamedArea(
            area_id=area.pk,
            kind_code=area.kind.code,
            kind_name=in_language(area.kind.name, language),
            code=area.code,
            name=in_language(area.name, language),
            is_approximate=area.is_approximate,
        )
        for area in areas.select_related("kind")
        .defer("boundary")
        .order_by("kind__order", "kind__code", "code")
    )


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area to choose from a list, its names by language."""

    area_id: int
    kind_name: Mapping[str, str]
    code: str
    name: Mapping[str, str]


def areas_to_choose() -> tuple[AreaChoice, ...]:
    """Return all areas but the city's limits, in the order of their kinds; no query as a rule."""
    return _choices.get(city_in_scope())


def _load_choices(_city: City) -> tuple[AreaChoice, ...]:
    rows = (
        Area.objects.filter(kind__is_limits=False)
        .order_by("kind__order", "kind__code", "code")
        .values_list("id", "kind__name", "code", "name")
    )
    return tuple(AreaChoice(*row) for row in rows)


_choices: CityCache[tuple[AreaChoice, ...]] = CityCache(
    _load_choices, lambda city: city.areas_changed_at
)
