"""The sla app."""

from __future__ import annotations

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.sla"
    label = "sla"
