"""The cases app."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.cases"
    label = "cases"

    def ready(self) -> None:
        """Have what residents add to a case read for danger."""
        from lamppost.cases.services import danger

        danger.connect()
