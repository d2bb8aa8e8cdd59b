"""The partners app."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.partners"
    label = "partners"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.partners.holding import hold

        hold()
