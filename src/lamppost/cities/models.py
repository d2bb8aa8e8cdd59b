"""A city: what is the same for everything that happens in it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import models

from lamppost.database.fields import PointField, TranslatedField
from lamppost.database.models import TenantModel


class Units(models.TextChoices):
    """How distances are shown."""

    METRIC = "metric"
    IMPERIAL = "imperial"


class City(models.Model):
    """One tenant. Everything else carries its id."""

    slug = models.SlugField(max_length=63, unique=True)
    name = TranslatedField()
    jurisdiction_id = models.CharField(max_length=100, unique=True)
    time_zone = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    default_language = models.CharField(max_length=20, default="en")
    units = models.CharField(max_length=10, choices=Units.choices, default=Units.METRIC)
    first_weekday = models.PositiveSmallIntegerField(default=0)
    emergency_number = models.CharField(max_length=20)
    crisis_number = models.CharField(max_length=20, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    accent_color = models.CharField(max_length=7, blank=True)
    center = PointField(null=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    map_zoom = models.PositiveSmallIntegerField(default=12)
    boundary_doubt_m = models.PositiveSmallIntegerField(default=30)
    redress_days = models.PositiveSmallIntegerField(default=2, db_default=2)
    quality_percent = models.PositiveSmallIntegerField(default=2, db_default=2)
    quality_bulk_percent = models.PositiveSmallIntegerField(default=10, db_default=10)
    first_number = models.BigIntegerField(default=1)
    is_demo = models.BooleanField(default=False)
    is_sandbox = models.BooleanField(default=False)
    catalog_changed_at = models.DateTimeField()
    areas_changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "cities"
        constraints = [
            models.CheckConstraint(
                name="city_first_weekday", condition=models.Q(first_weekday__lte=6)
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def zone(self) -> ZoneInfo:
        """The city's own time zone."""
        return ZoneInfo(self.time_zone)


class CityHost(models.Model):
    """A host name that serves one city. Read before any city is in scope, so not a tenant row."""

    city = models.ForeignKey(
        City, on_delete=models.CASCADE, related_name="hosts", db_column="serves_city"
    )
    host = models.CharField(max_length=253, unique=True)

    def __str__(self) -> str:
        return self.host


class CityLanguage(TenantModel):
    """A language the city speaks to its residents, in the order it lists them."""

    code = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="citylanguage_code"),
        ]

    def __str__(self) -> str:
        return self.code


class CityText(TenantModel):
    """A passage the city words itself: welcome, privacy notice, sign-off."""

    key = models.SlugField(max_length=63)
    text = TranslatedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "key"], name="citytext_key")]

    def __str__(self) -> str:
        return self.key


class CityFeature(TenantModel):
    """A part of the product this city has switched on: the row is the switch."""

    code = models.SlugField(max_length=63)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="cityfeature_code")]

    def __str__(self) -> str:
        return self.code
