"""Changing the streets and addresses of a city: the only writer of their tables.

A file replaces what an earlier one of its kind brought, in one transaction: nothing refers to
these rows, so nothing is lost, and a street that is gone is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.database.scope import require_city_id
from lamppost.kernel.geo import distance_m
from lamppost.kernel.refusals import Invalid
from lamppost.places.geocoding.grammar import Grammar, grammar_of
from lamppost.places.geocoding.loading import forget_streets
from lamppost.places.geocoding.rows import (
    MICRO,
    AliasRow,
    CrossingRow,
    KnownRow,
    LandmarkRow,
    SegmentRow,
)
from lamppost.places.geocoding.words import split_words, street_name
from lamppost.places.models import (
    AddressBook,
    AddressPoint,
    Intersection,
    Landmark,
    StreetAlias,
    StreetSegment,
)

_BATCH = 2000
# No city is farther across. A file beyond is of another city, or has latitude first.
_FARTHEST_M = 500_000
RowT = TypeVar("RowT")


def replace_streets(*, rows: Iterable[SegmentRow], source: str) -> int:
    """Make ``rows`` the blocks of all streets of the city in scope; return how many there are.

    Raises ``Invalid`` for a file without rows or far from the city; nothing changes then.
    """
    return _replace(
        "streets",
        StreetSegment,
        source,
        (
            (
                StreetSegment(
                    name=row.name,
                    left_from=row.left_from,
                    left_to=row.left_to,
                    right_from=row.right_from,
                    right_to=row.right_to,
                    zip_left=row.zip_left,
                    zip_right=row.zip_right,
                    line=list(row.line),
                ),
                (row.line[0], row.line[1]),
            )
            for row in rows
        ),
    )


def replace_intersections(*, rows: Iterable[CrossingRow], source: str) -> int:
    """Make ``rows`` the corners the city's file names; as ``replace_streets`` does."""
    return _replace(
        "intersections",
        Intersection,
        source,
        (
            (
                Intersection(street_1=row.name_1, street_2=row.name_2, point=_point(row.x, row.y)),
                (row.x, row.y),
            )
            for row in rows
        ),
    )


def replace_landmarks(*, rows: Iterable[LandmarkRow], source: str) -> int:
    """Make ``rows`` the city's landmarks; as ``replace_streets`` does."""
    return _replace(
        "landmarks",
        Landmark,
        source,
        (
            (
                Landmark(name=row.name, address=row.address, point=_point(row.x, row.y)),
                (row.x, row.y),
            )
            for row in rows
        ),
    )


def replace_addresses(*, rows: Iterable[KnownRow], source: str) -> int:
    """Make ``rows`` the addresses that exist in the city; as ``replace_streets`` does.

    Spellings of one street are made one: the first in the file.
    """
    grammar = grammar_of(City.objects.get(pk=require_city_id()).country)
    return _replace("addresses", AddressPoint, source, _addresses(rows, grammar))


def replace_street_names(*, rows: Iterable[AliasRow], source: str) -> int:
    """Make ``rows`` the other ways streets are written; as ``replace_streets`` does."""
    return _replace(
        "street-names",
        StreetAlias,
        source,
        (
            (
                StreetAlias(
                    written=row.written,
                    name=row.name,
                    from_number=row.from_number,
                    to_number=row.to_number,
                ),
                None,
            )
            for row in rows
        ),
    )


def _addresses(
    rows: Iterable[KnownRow], grammar: Grammar
) -> Iterator[tuple[models.Model, tuple[int, int] | None]]:
    spelled: dict[str, str] = {}
    standard: dict[str, str] = {}
    for row in rows:
        name = standard.get(row.street)
        if name is None:
            full = street_name(split_words(row.street), grammar).full
            name = standard[row.street] = spelled.setdefault(full, row.street)
        address = AddressPoint(
            street=name,
            number=row.number,
            suffix=row.suffix,
            zipcode=row.zipcode,
            point=None if row.place is None else _point(*row.place),
        )
        yield address, row.place


def _point(x: int, y: int) -> Point:
    return Point(x / MICRO, y / MICRO)


def _replace(
    kind: str,
    model: type[models.Model],
    source: str,
    rows: Iterable[tuple[models.Model, tuple[int, int] | None]],
) -> int:
    manager = model._default_manager
    count = 0
    with transaction.atomic():
        city = City.objects.select_for_update().get(pk=require_city_id())
        manager.all().delete()
        for batch in _batches(rows):
            for _row, place in batch:
                _check_near(city, place)
            manager.bulk_create([row for row, _place in batch])
            count += len(batch)
        if not count:
            raise Invalid(_("The file has no row that can be used."), field="rows")
        _write_down(kind, source, count)
        transaction.on_commit(forget_streets)
    return count


def _batches(rows: Iterable[RowT]) -> Iterator[list[RowT]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _check_near(city: City, place: tuple[int, int] | None) -> None:
    if city.center is None or place is None:
        return
    point = _point(*place)
    if distance_m(city.center, point) > _FARTHEST_M:
        raise Invalid(
            _(
                "A row is far from the city, near %(lat).4f, %(long).4f. "
                "Is this the right city, and is the longitude first?"
            )
            % {"lat": point.lat, "long": point.long},
            field="rows",
        )


def _write_down(kind: str, source: str, count: int) -> None:
    now = timezone.now()
    book = AddressBook.objects.first() or AddressBook()
    book.changed_at = now
    book.sources = {
        **book.sources,
        kind: {"source": source[:300], "rows": count, "imported_at": now.isoformat()},
    }
    book.save()
