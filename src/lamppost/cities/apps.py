"""The cities app."""

from __future__ import annotations

from django.apps import AppConfig


class CitiesConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.cities"
    label = "cities"
