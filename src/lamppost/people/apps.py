"""The people app."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the app with Django."""

    name = "lamppost.people"
    label = "people"

    def ready(self) -> None:
        """Say what the app itself keeps of a resident."""
        from lamppost.people.erasing import hold

        hold()
