"""A real mail server to send to: it keeps what it took, and can refuse or hang up."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from tests.support.installation import free_port


class MailServer:
    """Took ``mails``; ``answer`` decides on each, ``rcpt`` on each recipient."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer: Callable[[], str] = lambda: "250 OK"
        self.rcpt: Callable[[str], str] = lambda _address: "250 OK"
        self.hangs_up_before_answering = False
        self.takes_without_answering = False
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def start(self) -> MailServer:
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(self, _s: Any, _se: Any, envelope: Any, to: str, _o: Any) -> str:
        reply = self.rcpt(to)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(to)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self.hangs_up_before_answering:
            self.hangs_up_before_answering = False
            server.transport.abort()
            return "250 never heard"
        reply = self.answer()
        if reply.startswith("2"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if self.takes_without_answering:
            server.transport.abort()
        return reply

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]
