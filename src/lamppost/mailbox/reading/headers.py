"""Headers of a mail as text: encoded words, raw bytes, and what breaks the rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from lamppost.kernel.text import clean_line
from lamppost.mailbox.reading.charsets import decoded

_FOLD = re.compile(r"\r?\n[ \t]*")
# Between two encoded words blanks mean nothing (RFC 2047, 6.2).
_BETWEEN = re.compile(r"(\?=)[ \t]+(=\?)")
_ID = re.compile(r"<([^<>\s]{1,250})>")
_PART = r"[^\s<>@,;:\"()\[\]]"
# It begins where a word does, so that a long one is read once.
_ADDRESS = re.compile(rf"(?<!{_PART}){_PART}+@{_PART}+")
_LONGEST_HEADER = 20_000


def raw_header(mail: Message, name: str) -> str:
    """Return a header as it came, on one line, '' when it is missing; bytes as surrogates."""
    # The values as parsed by the compat policy: strings with surrogates, or Header objects.
    for key, value in mail.raw_items():
        if key.lower() == name.lower():
            return _FOLD.sub(" ", str(value)[:_LONGEST_HEADER]).strip()
    return ""


def header(mail: Message, name: str) -> str:
    """Return a header as a person reads it, on one clean line."""
    return readable(raw_header(mail, name))


def readable(value: str) -> str:
    """Return the text of a header: encoded words and bare bytes decoded."""
    value = _BETWEEN.sub(r"\1\2", _bytes_read(value))
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError, TypeError):
        return clean_line(value)
    joined: list[tuple[bytes, str]] = []
    for part, charset in parts:
        raw = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        label = charset or "utf-8"
        # RFC 2047 forbids half a letter in one word; many programs do it.
        if joined and joined[-1][1] == label:
            joined[-1] = (joined[-1][0] + raw, label)
        else:
            joined.append((raw, label))
    return clean_line("".join(decoded(raw, label) for raw, label in joined))


def _bytes_read(value: str) -> str:
    """Bare bytes beyond ASCII, which RFC 6532 makes UTF-8 and others send in any charset."""
    if not any("\udc80" <= char <= "\udcff" for char in value):
        return value
    return decoded(value.encode("utf-8", "surrogateescape"), "")


def addresses(mail: Message, *names: str) -> list[tuple[str, str]]:
    """Return (name, address in small letters) of these headers, in order; bad ones left out."""
    found = []
    for header_name in names:
        for name, address in getaddresses([_bytes_read(raw_header(mail, header_name))]):
            plain = address.strip().lower()
            if not _ADDRESS.fullmatch(plain):
                loose = _ADDRESS.search(f"{name} {address}".lower())
                if loose is None:
                    continue
                plain = loose.group()
            if len(plain) <= 254 and plain.isprintable():
                found.append((readable(name)[:200], plain))
    return found


def message_ids(mail: Message, *names: str) -> list[str]:
    """Return the message ids of these headers, without their angle brackets; no control signs
    and no bare bytes, which no id has and no database takes."""
    found = (one for name in names for one in _ID.findall(raw_header(mail, name)))
    return [one for one in found if one.isprintable()]


def date_of(mail: Message) -> datetime | None:
    """Return when the writer's clock says it was written (aware), or None."""
    try:
        moment = parsedate_to_datetime(raw_header(mail, "Date"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # As UTC it must still be a year the database knows.
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
