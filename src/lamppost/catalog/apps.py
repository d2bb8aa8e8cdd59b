"""The catalog app."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.catalog"
    label = "catalog"
