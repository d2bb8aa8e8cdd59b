"""The contacts app."""

from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Calls, visits and messages of the contact center."""

    name = "lamppost.contacts"
    label = "contacts"

    def ready(self) -> None:
        """Say what the app keeps of a resident."""
        from lamppost.contacts.holding import hold

        hold()
