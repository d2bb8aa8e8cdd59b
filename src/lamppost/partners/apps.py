"""The partners app."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.partners"
    label = "partners"
