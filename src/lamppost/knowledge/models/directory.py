"""Whom else people ask for."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class DirectoryEntry(TenantModel):
    """An office, utility or helpline: its number, hours and page. Rows of the city pack."""

    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField(default=0)
    name = TranslatedField()
    about = TranslatedField()
    keywords = TranslatedField()
    hours = TranslatedField()
    phone = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "directory entries"
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="directoryentry_code")]

    def __str__(self) -> str:
        return self.code
