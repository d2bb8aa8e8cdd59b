"""The notify app."""

from __future__ import annotations

from django.apps import AppConfig
from typing_extensions import override


class NotifyConfig(AppConfig):
    """What is sent to people: subscriptions, messages, deliveries."""

    name = "lamppost.notify"
    label = "notify"

    @override
    def ready(self) -> None:
        """Serve the channels."""
        from lamppost.notify.choices import MessageChannel
        from lamppost.notify.senders import email, register

        register(MessageChannel.EMAIL, email.SENDER)
