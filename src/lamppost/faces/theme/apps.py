"""The theme as a Django app, so that its tags are found by name."""

from __future__ import annotations

from django.apps import AppConfig


class ThemeConfig(AppConfig):
    """Tags and components of all faces."""

    name = "lamppost.faces.theme"
    label = "theme"
