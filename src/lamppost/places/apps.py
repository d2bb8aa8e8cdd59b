"""The places app."""

from __future__ import annotations

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.places"
    label = "places"
