"""The fieldwork app."""

from __future__ import annotations

from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.fieldwork"
    label = "fieldwork"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.fieldwork.holding import hold

        hold()
