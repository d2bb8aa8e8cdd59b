"""The contacts app."""

from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Calls, visits and messages of the contact center."""

    name = "lamppost.contacts"
    label = "contacts"
