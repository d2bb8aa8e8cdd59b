"""The mailbox app."""

from __future__ import annotations

from django.apps import AppConfig
from typing_extensions import override


class MailboxConfig(AppConfig):
    """Mail that comes in, and what becomes of it."""

    name = "lamppost.mailbox"
    label = "mailbox"

    @override
    def ready(self) -> None:
        """Say where answers to what we send are to go, and who keeps what of people."""
        from lamppost.mailbox.holding import HOLDER
        from lamppost.mailbox.services import telling
        from lamppost.mailbox.services.on_partners import answers_of_partners
        from lamppost.notify.composing import dress
        from lamppost.partners.senders import email
        from lamppost.people import holders

        for template in (telling.RECEIVED, telling.ADDED, telling.ANSWER):
            dress(template, telling.dressed)
        email.answers_go_to(answers_of_partners)
        holders.register(HOLDER)
