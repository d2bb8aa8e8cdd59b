"""The insight app."""

from __future__ import annotations

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.insight"
    label = "insight"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.insight.holding import hold

        hold()
