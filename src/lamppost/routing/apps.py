"""The routing app."""

from __future__ import annotations

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.routing"
    label = "routing"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.routing.holding import hold

        hold()
