"""Places as an index finds them: on Mercator's plane, each with its time.

The plane's x is the longitude and its y the latitude stretched as on a sea chart (G. Mercator,
1569; J. Snyder, "Map Projections", 1987, equation 7-2), both in radians. Its scale is the same
in all directions, so what is nearest on it is nearest on the ground; in plain degrees a case
100 meters east would come after one 125 meters north.

The index holds the time too: what lies near and is new is found without reading what is old,
however many years lie there. For that it needs the extension ``btree_gist``, which PostgreSQL
ships. A server whose administrator does not allow it has the places alone: the answers are
the same there and take longer.
"""

from __future__ import annotations

import math

from django.contrib.postgres.indexes import GistIndex
from django.db.models import BooleanField, F, FloatField, Func, Q, Value

from lamppost.database.extensions import AddIndexWithExtension
from lamppost.database.fields import PointField
from lamppost.kernel.geo import Box, Place

FUNCTION = """
CREATE FUNCTION mercator(place point) RETURNS point
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN point(radians(place[0]), asinh(tan(radians(place[1]))))
"""

# Less than a tenth of a millimeter: a place on the rim of a box is in it, however it was rounded.
_RIM = 1e-11


class Mercator(Func):
    """A point column's place on the plane."""

    function = "mercator"
    output_field = PointField()


class Away(Func):
    """How far a point column is from a place on the plane: an order, not a length."""

    template = "%(expressions)s"
    arg_joiner = " <-> "
    output_field = FloatField()

    def __init__(self, field: str, place: Place) -> None:
        super().__init__(Mercator(F(field)), _Typed(Value(point_text(place)), kind="point"))


class _Within(Func):
    template = "%(expressions)s"
    arg_joiner = " <@ "
    output_field = BooleanField()
    conditional = True


class _Typed(Func):
    template = "%(expressions)s::%(kind)s"


def in_box(field: str, box: Box) -> Q:
    """Return the condition that the point column ``field`` lies in ``box`` (WGS 84 degrees).

    A box across the 180th meridian becomes two.
    """
    condition = Q()
    for text in box_texts(box):
        condition |= Q(_Within(Mercator(F(field)), _Typed(Value(text), kind="box")))
    # PostgreSQL cannot tell by itself that the index, which has no empty places, holds them all.
    return Q(condition, **{f"{field}__isnull": False})


def point_text(place: Place) -> str:
    """Return where on the plane ``place`` (WGS 84 degrees) is, as PostgreSQL reads a ``point``."""
    return f"({math.radians(place[0])!r},{_stretched(place[1])!r})"


def box_texts(box: Box) -> list[str]:
    """Return ``box`` (WGS 84 degrees) on the plane, as PostgreSQL reads a ``box``.

    One text, or two for a box across the 180th meridian.
    """
    south, north = _stretched(box.south) - _RIM, _stretched(box.north) + _RIM
    spans = [(box.west, box.east)]
    if box.west > box.east:
        spans = [(box.west, 180.0), (-180.0, box.east)]
    return [
        f"(({math.radians(west) - _RIM!r},{south!r}),({math.radians(east) + _RIM!r},{north!r}))"
        for west, east in spans
    ]


def _stretched(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat)))


def place_index(field: str, time: str, *, name: str) -> GistIndex:
    """Return the index of the places in ``field``, each with the moment in ``time``."""
    return GistIndex(
        Mercator(F(field)), F(time), name=name, condition=Q(**{f"{field}__isnull": False})
    )


class AddPlaceIndex(AddIndexWithExtension):
    """Makes such an index; of the places alone where the server has no ``btree_gist``."""

    extension = "btree_gist"

    def without(self) -> GistIndex:
        """Return the index of the places alone."""
        place = self.index.expressions[0]
        return GistIndex(place, name=self.index.name, condition=self.index.condition)
