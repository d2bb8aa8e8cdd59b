"""The cases app."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.cases"
    label = "cases"

    def ready(self) -> None:
        """Have what residents add read for danger; say what the app keeps of a resident."""
        from lamppost.cases.holding import hold
        from lamppost.cases.services import danger

        danger.connect()
        hold()
