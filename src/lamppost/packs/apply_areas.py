"""Areas and kinds of places."""

from __future__ import annotations

from typing import Any

from lamppost.cases.models import CaseArea
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync
from lamppost.places.models import Area, AreaKind, PlaceKind

AreaRows = dict[tuple[str, str], Any]


def _is_used(area: Any) -> bool:
    # Cases keep the area they were in; deleting it would rewrite their past.
    return CaseArea.objects.filter(area=area).exists()


def apply_areas(pack: Pack, sync: Sync) -> AreaRows:
    """Carry over area kinds, areas and place kinds; return the areas by kind and code."""
    kinds = sync.rows(
        "area kind",
        AreaKind,
        {row.code: row for row in AreaKind.objects.all()},
        {
            row.code: {
                "code": row.code,
                "name": dict(row.name),
                "order": order,
                "is_public": row.is_public,
                "is_limits": row.is_limits,
            }
            for order, row in enumerate(pack.area_kinds)
        },
    )
    areas = sync.rows(
        "area",
        Area,
        {(row.kind.code, row.code): row for row in Area.objects.select_related("kind")},
        {
            (kind.code, row.code): {
                "kind_id": kinds[kind.code].pk,
                "code": row.code,
                "name": dict(row.name),
                "boundary": row.boundary,
                "is_approximate": row.is_approximate,
                "source": row.source,
            }
            for kind in pack.area_kinds
            for row in kind.areas
        },
        is_used=_is_used,
    )
    sync.rows(
        "place kind",
        PlaceKind,
        {row.code: row for row in PlaceKind.objects.all()},
        {row.code: {"code": row.code, "name": dict(row.name)} for row in pack.place_kinds},
    )
    return areas
