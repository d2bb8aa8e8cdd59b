"""Where things are: the areas a city divides itself into."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
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
