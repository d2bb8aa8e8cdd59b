"""Mail handed over by the city's own mail server: LMTP (RFC 2033) or SMTP (RFC 5321).

250 is said when the mail is on the disk and in the database, 4yz when that cannot be done now,
550 to a recipient nobody reads. What is in the mail is looked at later, by the worker.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from lamppost.database.errors import DatabaseUnavailable
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Invalid
from lamppost.mailbox.addresses import Box, box_of
from lamppost.mailbox.choices import Way
from lamppost.mailbox.services.receiving import MAX_BYTES, receive

logger = logging.getLogger(__name__)

_LATER = "451 4.3.0 Not stored; please try again later"
_UNKNOWN = "550 5.1.1 Nobody reads mail for this address here"
_TAKEN = "250 2.6.0 Stored"
_TOO_MANY = "452 4.5.3 Too many recipients"
_MOST_RECIPIENTS = 50
_SILENCE_S = 120.0
_WORKERS = 4
# RFC 5321 allows 1000 characters; programs write longer lines, and losing mail is worse.
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen: ``lmtp:127.0.0.1:8024`` or ``smtp:…``."""

    way: Way
    host: str
    port: int


def listen_at(text: str) -> Listen:
    """Return the place ``LAMPPOST_MAIL_LISTEN`` names. Raises ``Invalid`` for anything else."""
    way, _colon, place = text.strip().partition(":")
    host, _colon, port = place.rpartition(":")
    host = host.strip("[]")
    if way not in {Way.LMTP, Way.SMTP} or not host or not port.isdigit() or int(port) > 65535:
        raise Invalid(f"LAMPPOST_MAIL_LISTEN must look like lmtp:127.0.0.1:8024, not {text!r}")
    return Listen(Way(way), host, int(port))


class _Lmtp(LMTP):
    line_length_limit = _LONGEST_LINE


class _Smtp(SMTP):
    line_length_limit = _LONGEST_LINE


class Receiver:
    """Takes what the mail server hands over; its hooks are called by aiosmtpd."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="mail")

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Say at once whether anybody reads mail for this address."""
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return _TOO_MANY
        found = await self._in_thread(lambda: _box(address))
        if isinstance(found, str):
            return found
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        """Store the mail for every recipient; LMTP has an answer for each (RFC 2033, 4.2)."""
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        answers = await self._in_thread(
            lambda: [_stored(raw, to, sender, self._way) for to in envelope.rcpt_tos]
        )
        if self._way is Way.LMTP:
            return "\r\n".join(answers)
        # SMTP has one answer: what is stored already is known again when it is sent again.
        return next((one for one in answers if not one.startswith("2")), _TAKEN)

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong, the mail is still with who sent it."""
        logger.error("Receiving mail failed: %s", type(error).__name__)
        return _LATER

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _box(address: str) -> Box | str:
    """The mailbox for an address, or the refusal."""
    try:
        close_old_connections()
        return box_of(address) or _UNKNOWN
    except (DatabaseError, DatabaseUnavailable):
        return _LATER
    finally:
        connection.close()


def _stored(raw: bytes, recipient: str, sender: str, way: Way) -> str:
    try:
        box = _box(recipient)
        if isinstance(box, str):
            return box
        with city_scope(box.city_id):
            receive(raw, recipient=recipient, way=way, envelope_from=sender)
    except (DatabaseError, DatabaseUnavailable, OSError) as error:
        logger.error("A mail could not be stored: %s", type(error).__name__)
        return _LATER
    finally:
        connection.close()
    return _TAKEN


async def serve(listen: Listen, *, until: asyncio.Event) -> None:
    """Take mail at ``listen`` until the event is set. Raises ``OSError`` when it is taken."""
    receiver = Receiver(listen.way)
    factory = _Lmtp if listen.way is Way.LMTP else _Smtp

    def session() -> SMTP:
        return factory(
            receiver,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname="lamppost",
            ident="Lamppost",
            timeout=_SILENCE_S,
        )

    server = await asyncio.get_running_loop().create_server(session, listen.host, listen.port)
    async with server:
        await until.wait()
