"""The mailbox app."""

from __future__ import annotations

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """Mail that comes in, and what becomes of it."""

    name = "lamppost.mailbox"
    label = "mailbox"
