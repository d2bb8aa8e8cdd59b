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
        """Serve the channels, read the events of cases, and say what is kept of a person."""
        from lamppost.notify import senders
        from lamppost.notify.choices import MessageChannel
        from lamppost.notify.holding import HOLDER, KEEPER
        from lamppost.notify.senders import email, push, sms
        from lamppost.notify.services import articles
        from lamppost.notify.services.notices import register
        from lamppost.people import holders, retention

        register()
        articles.register()
        senders.register(MessageChannel.EMAIL, email.SENDER)
        senders.register(MessageChannel.SMS, sms.SENDER)
        senders.register(MessageChannel.PUSH, push.SENDER)
        holders.register(HOLDER)
        retention.register(KEEPER)
