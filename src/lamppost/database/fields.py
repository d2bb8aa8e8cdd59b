"""Column types the core of PostgreSQL has and Django has not."""

# Django hands these methods more than they need.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Expression


class Point(NamedTuple):
    """A place on earth: WGS 84 degrees, longitude first as in GeoJSON and PostgreSQL."""

    long: float
    lat: float


if TYPE_CHECKING:
    _PointFieldBase = models.Field[Point | tuple[float, float] | None, Point | None]
else:
    _PointFieldBase = models.Field


class PointField(_PointFieldBase):
    """PostgreSQL's own ``point``: x is the longitude, y the latitude.

    A core GiST index on it answers nearby searches four times as fast as PostGIS geography
    and needs no extension (docs/decisions/0001-architecture.md).
    """

    def db_type(self, connection: Any) -> str:
        """Return the column type."""
        return "point"

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Return the placeholder; the cast spares the server guessing a text's type."""
        return "%s" if isinstance(value, Expression) else "%s::point"

    def get_prep_value(self, value: Any) -> Any:
        """Return the text form PostgreSQL reads."""
        if value is None or isinstance(value, Expression):
            return value
        long, lat = value
        return f"({float(long)!r},{float(lat)!r})"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Point | None:
        """Return the stored point."""
        return self.to_python(value)

    def to_python(self, value: Any) -> Point | None:
        """Return ``value`` (text, pair or None) as a point."""
        if value is None or isinstance(value, Point):
            return value
        if isinstance(value, str):
            try:
                long, lat = value.strip("()").split(",")
                return Point(float(long), float(lat))
            except ValueError as error:
                raise ValidationError(f"{value!r} is not a point") from error
        long, lat = value
        return Point(float(long), float(lat))

    def value_to_string(self, obj: models.Model) -> str:
        """Return the text form, for serializers."""
        value = self.value_from_object(obj)
        return "" if value is None else str(self.get_prep_value(value))


class TranslatedField(models.JSONField):
    """A text in several languages: ``{"en": "Pothole", "es": "Bache"}``.

    It is shown, never searched or joined on, so one column serves any set of languages a
    city adds without a migration (docs/decisions/0008-translated-text.md).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
