"""Mail fetched by IMAP (RFC 9051): what is stored is marked as seen, and nothing before.

imaplib is the standard library's. A UID is remembered together with its UIDVALIDITY; a mailbox
that was made anew is read from the start, and mail that is known is known by its content.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from django.utils import timezone

from lamppost.kernel.refusals import Invalid
from lamppost.kernel.vault import SecretLost, opened
from lamppost.mailbox.choices import Way
from lamppost.mailbox.models import Fetching
from lamppost.mailbox.recipients import recipient_in
from lamppost.mailbox.services.receiving import MAX_BYTES, receive
from lamppost.notify.choices import GatewayKind, GatewayProvider
from lamppost.notify.models import Gateway

logger = logging.getLogger(__name__)

_TIMEOUT_S = 20.0
# A pass takes at most so many, so that no other city waits long.
_MOST = 200
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """A server and a folder on it; ``has_tls`` from the first byte."""

    host: str
    port: int
    folder: str
    has_tls: bool


def server_at(url: str) -> Server:
    """Return the server ``imaps://host:993/FOLDER`` names.

    Without TLS only this very machine is spoken to: a password never crosses a network in
    clear. Raises ``Invalid`` for anything else.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = parts.hostname or ""
    if parts.scheme not in {"imap", "imaps"} or not host:
        raise Invalid(f"the server must look like imaps://imap.city.example:993/INBOX, not {url!r}")
    has_tls = parts.scheme == "imaps"
    if not has_tls and host not in _LOCAL:
        raise Invalid("a server on another machine is asked with TLS only: imaps://")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Server(host, port or (993 if has_tls else 143), folder, has_tls)


def fetch_all(*, now: datetime | None = None) -> int:
    """Fetch new mail of every mailbox of the city in scope; return how many mails are new.

    A mailbox that cannot be read keeps the reason and since when; the others go on.
    """
    gateways = Gateway.objects.filter(
        kind=GatewayKind.EMAIL, provider=GatewayProvider.IMAP, is_active=True
    )
    return sum(_fetch_one(gateway, now or timezone.now()) for gateway in gateways.order_by("id"))


def _fetch_one(gateway: Gateway, now: datetime) -> int:
    state, _is_new = Fetching.objects.get_or_create(gateway=gateway)
    state.asked_at = now
    count, error = 0, ""
    try:
        with _signed_in(gateway) as (connection, folder):
            count = _fetch(connection, folder, gateway, state)
    except (imaplib.IMAP4.error, OSError, SecretLost, Invalid, UnicodeError) as problem:
        # The server's own words may name the account.
        error = type(problem).__name__
        logger.warning("Mailbox %d could not be fetched: %s", gateway.pk, error)
    state.error = error
    state.failing_since = (state.failing_since or now) if error else None
    state.save()
    return count


@contextmanager
def _signed_in(gateway: Gateway) -> Iterator[tuple[imaplib.IMAP4, str]]:
    server = server_at(gateway.endpoint)
    password = opened(gateway.secret)
    connection: imaplib.IMAP4
    if server.has_tls:
        context = ssl.create_default_context()
        connection = imaplib.IMAP4_SSL(
            server.host, server.port, ssl_context=context, timeout=_TIMEOUT_S
        )
    else:
        connection = imaplib.IMAP4(server.host, server.port, timeout=_TIMEOUT_S)
    try:
        connection.login(gateway.account, password)
        yield connection, server.folder
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def _fetch(connection: imaplib.IMAP4, folder: str, gateway: Gateway, state: Fetching) -> int:
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    answer, _data = connection.select(f'"{quoted}"')
    if answer != "OK":
        raise imaplib.IMAP4.error("the folder cannot be opened")
    validity = _validity(connection)
    if validity != state.uid_validity:
        state.uid_validity, state.last_uid = validity, 0
    new = 0
    for uid in _uids(connection, state.last_uid)[:_MOST]:
        new += _take(connection, uid, gateway)
        # Each by itself: what is stored is never fetched again, whatever happens next.
        state.last_uid = uid
        state.save()
    return new


def _validity(connection: imaplib.IMAP4) -> int:
    _name, found = connection.response("UIDVALIDITY")
    raw = found[0] if found else None
    return int(raw) if isinstance(raw, bytes) and raw.isdigit() else 0


def _uids(connection: imaplib.IMAP4, after: int) -> list[int]:
    _answer, data = connection.uid("SEARCH", f"UID {after + 1}:*")
    found = data[0].split() if data and isinstance(data[0], bytes) else []
    # "n:*" always holds the last one, however small its number (RFC 9051, 6.4.4).
    return sorted(uid for uid in map(int, found) if uid > after)


def _take(connection: imaplib.IMAP4, uid: int, gateway: Gateway) -> bool:
    _answer, data = connection.uid("FETCH", str(uid), "(RFC822.SIZE)")
    found = _SIZE.search(data[0]) if data and isinstance(data[0], bytes) else None
    if found is not None and int(found.group(1)) > MAX_BYTES:
        # It stays unseen in the mailbox, for a person to find there.
        logger.warning("A mail in mailbox %d is too large and is left there", gateway.pk)
        return False
    # PEEK marks nothing: that comes after it is stored.
    answer, data = connection.uid("FETCH", str(uid), "(BODY.PEEK[])")
    if answer != "OK":
        # Not "there is none": asked again the next time, not gone past.
        raise imaplib.IMAP4.error("the mail cannot be fetched")
    raw = next((one[1] for one in data if isinstance(one, tuple)), None)
    if not isinstance(raw, bytes):
        return False
    recipient = recipient_in(raw) or gateway.address
    _mail, is_new = receive(raw, recipient=recipient, way=Way.IMAP)
    connection.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")
    return is_new
