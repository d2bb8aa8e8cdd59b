"""The work app."""

from __future__ import annotations

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.work"
    label = "work"
