"""Where things are: the areas a city divides itself into, its streets and addresses."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lamppost.database.fields import PointField, TranslatedField
from lamppost.database.models import TenantModel


class AreaKind(TenantModel):
    """A way the city is divided: council districts, sanitation areas, the city limits."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    order = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(default=True)
    is_limits = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="areakind_code")]

    def __str__(self) -> str:
        return self.code


class Area(TenantModel):
    """One area with its boundary as GeoJSON (WGS 84 Polygon or MultiPolygon)."""

    kind = models.ForeignKey(AreaKind, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=100)
    name = TranslatedField()
    boundary = models.JSONField(null=True)
    is_approximate = models.BooleanField(default=False)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "kind", "code"], name="area_code"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}:{self.code}"


class PlaceKind(TenantModel):
    """A kind of local place: library, free Wi-Fi, recreation center."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="placekind_code")]

    def __str__(self) -> str:
        return self.code


class AddressBook(TenantModel):
    """The files a city's streets and addresses come from; one row a city.

    ``sources`` maps what was imported (``streets``, ``addresses`` …) to its file or publisher,
    number of rows and day. ``changed_at`` tells every process to read them again.
    """

    changed_at = models.DateTimeField()
    sources = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city"], name="addressbook_city")]

    def __str__(self) -> str:
        return f"{self.city_id}"


class StreetSegment(TenantModel):
    """One block of a street with the numbers of its two sides, 0 where a side has none.

    ``line`` is long, lat, long, lat … in millionths of a degree (WGS 84), from the end where
    the numbers ``*_from`` are.
    """

    name = models.CharField(max_length=120)
    left_from = models.PositiveIntegerField(default=0)
    left_to = models.PositiveIntegerField(default=0)
    right_from = models.PositiveIntegerField(default=0)
    right_to = models.PositiveIntegerField(default=0)
    zip_left = models.CharField(max_length=12, blank=True)
    zip_right = models.CharField(max_length=12, blank=True)
    line = ArrayField(models.IntegerField())

    class Meta:
        indexes = [models.Index(fields=["city", "name"], name="streetsegment_name")]

    def __str__(self) -> str:
        return self.name


class Intersection(TenantModel):
    """Where two streets meet, as the city's file names it."""

    street_1 = models.CharField(max_length=120)
    street_2 = models.CharField(max_length=120)
    point = PointField()

    def __str__(self) -> str:
        return f"{self.street_1} & {self.street_2}"


class AddressPoint(TenantModel):
    """An address that exists; ``point`` is empty where only its existence is known.

    ``street`` is the name in its standard form, so that rows of one street stand together.
    """

    street = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    suffix = models.CharField(max_length=8, blank=True)
    zipcode = models.CharField(max_length=12, blank=True)
    point = PointField(null=True)

    class Meta:
        indexes = [models.Index(fields=["city", "street", "number"], name="addresspoint_number")]

    def __str__(self) -> str:
        return f"{self.number}{self.suffix} {self.street}"


class Landmark(TenantModel):
    """A place people know by its name; never a case's own address."""

    name = models.CharField(max_length=200)
    address = models.CharField(max_length=200, blank=True)
    point = PointField()

    def __str__(self) -> str:
        return self.name


class StreetAlias(TenantModel):
    """Another way a street's name is written, for some of its numbers or for all."""

    written = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    from_number = models.PositiveIntegerField(null=True)
    to_number = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "street aliases"

    def __str__(self) -> str:
        return f"{self.written} = {self.name}"
