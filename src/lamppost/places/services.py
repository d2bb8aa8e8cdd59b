"""Changing the areas of a city: the only writer of area kinds and areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.database.scope import require_city_id
from lamppost.kernel.geo import distance_m
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.places.models import Area, AreaKind
from lamppost.places.shapes import AreaShape

# Rows that only record where something was. They do not hold an area back: it is taken off
# the map and stays for them to name. Everything else that refers to an area is a rule, and
# would silently mean something wider without it.
_RECORDS = frozenset({"cases.CaseArea"})
# No city is farther across. A file beyond is of another city, or has latitude first.
_FARTHEST_M = 500_000
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class AreasReplaced:
    """Codes of the areas that are new, changed, unchanged, deleted, and off the map.

    ``retired`` areas are named by cases; they keep their row and lose their boundary.
    """

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether everything was there already."""
        return not (self.created or self.changed or self.deleted or self.retired)


def replace_areas(
    *,
    kind_code: str,
    kind_name: Mapping[str, str],
    features: Sequence[AreaShape],
    source: str,
    is_limits: bool = False,
    approximate: bool = False,
    keep_translations: bool = False,
) -> AreasReplaced:
    """Make ``features`` the areas of one kind in the city in scope, in one transaction.

    Areas are known by their code: one that stays keeps its id, so rules that name it hold.
    ``kind_name`` and names map languages to text; an empty ``kind_name`` leaves the kind's as
    it is; with ``keep_translations`` languages not given stay. The same call again changes
    nothing. Raises ``Invalid`` for a kind without a name, repeated codes and areas far from
    the city, and ``Conflict`` naming the rules that refer to an area that would vanish.
    """
    _check_codes(features)
    with transaction.atomic():
        city = City.objects.select_for_update().get(pk=require_city_id())
        _check_near(city, features)
        kind, kind_changed = _kind(kind_code, kind_name, is_limits, keep_translations)
        defaults = {"source": source[:300], "is_approximate": approximate}
        existing = {area.code: area for area in Area.objects.filter(kind=kind)}
        created: list[str] = []
        changed: list[str] = []
        for feature in features:
            area = existing.get(feature.code) or Area(kind=kind, code=feature.code)
            if not _set(area, feature, defaults, keep_translations) and area.pk:
                continue
            (changed if area.pk else created).append(feature.code)
            area.save()
        kept = {feature.code for feature in features}
        deleted, retired = _retire([area for code, area in existing.items() if code not in kept])
        result = AreasReplaced(
            created=tuple(created),
            changed=tuple(changed),
            unchanged=tuple(sorted((kept & existing.keys()) - set(changed))),
            deleted=deleted,
            retired=retired,
        )
        if kind_changed or not result.is_nothing:
            city.areas_changed_at = timezone.now()
            city.save(update_fields=["areas_changed_at"])
            transaction.on_commit(forget_cities)
        return result


def _check_codes(features: Sequence[AreaShape]) -> None:
    counts = Counter(feature.code for feature in features)
    repeated = sorted(code for code, count in counts.items() if count > 1)
    if repeated:
        raise Invalid(
            _("Several areas have the same code: %(codes)s.")
            % {"codes": ", ".join(repeated[:_MAX_NAMED])},
            field="features",
        )
    if "" in counts:
        raise Invalid(_("Every area needs a code."), field="features")


def _check_near(city: City, features: Iterable[AreaShape]) -> None:
    if city.center is None:
        return
    for feature in features:
        if feature.boundary is None:
            continue
        west, south, east, north = shapely.bounds(shapely.geometry.shape(feature.boundary))
        # The nearest place of the box around it, so that a large area cannot look far.
        nearest = (
            min(max(city.center.long, west), east),
            min(max(city.center.lat, south), north),
        )
        if distance_m(city.center, nearest) > _FARTHEST_M:
            raise Invalid(
                _(
                    "Area %(code)s is far from the city, near %(lat).4f, %(long).4f. "
                    "Is this the right city, and is the longitude first?"
                )
                % {"code": feature.code, "lat": nearest[1], "long": nearest[0]},
                field="features",
            )


def _kind(
    code: str, name: Mapping[str, str], is_limits: bool, keep_translations: bool
) -> tuple[AreaKind, bool]:
    kind = AreaKind.objects.filter(code=code).first()
    if kind is None:
        if not name:
            raise Invalid(
                _("There is no kind of area “%(code)s” yet; give it a name.") % {"code": code},
                field="kind_name",
            )
        last = AreaKind.objects.aggregate(last=models.Max("order"))["last"]
        order = 0 if last is None else last + 1
        return (
            AreaKind.objects.create(code=code, name=dict(name), order=order, is_limits=is_limits),
            True,
        )
    words = {**kind.name, **name} if keep_translations or not name else dict(name)
    if (kind.name, kind.is_limits) == (words, is_limits):
        return kind, False
    kind.name, kind.is_limits = words, is_limits
    kind.save()
    return kind, True


def _set(
    area: Area, feature: AreaShape, defaults: Mapping[str, Any], keep_translations: bool
) -> bool:
    """Give the area what the feature says; return whether anything is different."""
    name = dict(feature.name)
    wanted: dict[str, Any] = {
        **defaults,
        "name": {**area.name, **name} if keep_translations else name,
        "boundary": None if feature.boundary is None else dict(feature.boundary),
    }
    if feature.source is not None:
        wanted["source"] = feature.source[:300]
    if feature.is_approximate is not None:
        wanted["is_approximate"] = feature.is_approximate
    different = {key for key, value in wanted.items() if getattr(area, key) != value}
    for key in different:
        setattr(area, key, wanted[key])
    return bool(different)


def _retire(areas: list[Area]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Delete the areas nothing refers to, take those of records off the map.

    Returns the codes of both; raises ``Conflict`` when a rule refers to one.
    """
    problems: list[Problem] = []
    recorded: set[int] = set()
    for relation in _references():
        rows = relation.related_model._default_manager.filter(
            **{f"{relation.field.name}__in": areas}
        )
        if relation.related_model._meta.label in _RECORDS:
            recorded |= set(rows.values_list(relation.field.attname, flat=True).distinct())
        else:
            problems += _held_back(relation, areas, rows)
    if problems:
        raise Conflict(problems)
    deleted = [area for area in areas if area.pk not in recorded]
    retired = [area for area in areas if area.pk in recorded and area.boundary is not None]
    Area.objects.filter(pk__in=[area.pk for area in deleted]).delete()
    Area.objects.filter(pk__in=[area.pk for area in retired]).update(boundary=None)
    return tuple(area.code for area in deleted), tuple(area.code for area in retired)


def _references() -> Iterable[models.ForeignObjectRel]:
    """Return every foreign key to an area, whichever app has it."""
    return [
        relation
        for relation in Area._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    ]


def _held_back(
    relation: models.ForeignObjectRel, areas: list[Area], rows: Any
) -> Iterable[Problem]:
    codes = {area.pk: area.code for area in areas}
    holders: dict[str, set[str]] = {}
    for row in rows.order_by("pk"):
        code = codes[getattr(row, relation.field.attname)]
        holders.setdefault(code, set()).add(_holder(row))
    for code, names in sorted(holders.items()):
        named = sorted(names)[:_MAX_NAMED]
        more = len(names) - len(named)
        listed = ", ".join(named)
        if more:
            listed += ngettext(" and %(n)d more", " and %(n)d more", more) % {"n": more}
        message = _("Area %(code)s is not in the file, but is used by: %(holders)s.")
        yield Problem(field="features", message=message % {"code": code, "holders": listed})


def _holder(row: models.Model) -> str:
    """Name who refers to an area: the row, or what a row that only links belongs to."""
    parents = [
        field
        for field in row._meta.fields
        if isinstance(field, models.ForeignKey)
        and field.name != "city"
        and field.related_model is not Area
    ]
    holder = getattr(row, parents[0].name) if parents else row
    return f"{holder._meta.verbose_name} {holder}"
