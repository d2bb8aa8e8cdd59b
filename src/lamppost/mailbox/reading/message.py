"""A whole mail as plain values: who, what they said, what came with it."""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32

from typing_extensions import override

from lamppost.kernel.text import clean_line, clean_text
from lamppost.mailbox.reading.automatic import Origin, origin_of
from lamppost.mailbox.reading.charsets import decoded
from lamppost.mailbox.reading.flowed import unflowed
from lamppost.mailbox.reading.headers import (
    addresses,
    date_of,
    header,
    message_ids,
    raw_header,
    readable,
)
from lamppost.mailbox.reading.quotes import cut

MAX_TEXT = 50_000
_MOST_PARTS = 200
_MOST_BYTES_OF_TEXT = 2_000_000
_FORWARDED = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|enc|i|转发|轉寄|إعادة توجيه|пер)\s?[:：]", re.IGNORECASE
)
_METHOD = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]{2,12})", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
# The standard library asks every level about every line: levels times lines is its work.
_MOST_WORK = 50_000_000
# It looks through a header's parameters again and again: no honest one is so long.
_LONGEST_PARAMETERS = 4_000


class _Lenient(Compat32):
    """Keeps whatever there is, of headers with parameters their beginning."""

    @override
    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a header."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_PARAMETERS] if name[:8].lower() == "content-" else value


_POLICY = _Lenient()


@dataclass(frozen=True, slots=True)
class Attached:
    """A part that is no text of the mail. ``content`` is None for what cannot be decoded."""

    place: int
    name: str
    content_type: str
    content: bytes | None

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content or b"")


@dataclass(frozen=True, slots=True)
class Read:
    """What a mail says. ``said`` is new in it, ``quoted`` the rest of its text.

    ``verdicts`` are of the receiving server: spf, dkim, dmarc and what each found.
    """

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    answer_to: str = ""
    subject: str = ""
    said: str = ""
    quoted: str = ""
    language: str = ""
    written_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()
    verdicts: dict[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)
    is_readable: bool = True


def parsed(raw: bytes) -> Message:
    """Return the tree of a mail, however it breaks the rules.

    Raises ``ValueError`` for more parts and lines than anybody writes.
    """
    if raw.count(b"\n") * raw.lower().count(b"multipart/") > _MOST_WORK:
        raise ValueError("more parts and lines than anybody writes")
    return email.message_from_bytes(raw, policy=_POLICY)


def headers_of(raw: bytes) -> Message:
    """Return the headers of a mail and no part of it; never an exception."""
    return BytesHeaderParser(policy=_POLICY).parsebytes(raw)


def read(raw: bytes, *, envelope_from: str = "", is_known_envelope: bool = False) -> Read:
    """Read a mail. What nobody can read is marked so and empty, and never an exception."""
    try:
        mail = parsed(raw)
        return _read(mail, envelope_from, is_known_envelope)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # The standard library's own errors at what breaks every rule.
        return Read(is_readable=False)


def attached_at(raw: bytes, place: int) -> Attached | None:
    """Return the attachment at ``place`` of a stored mail, or None."""
    found = read(raw)
    return next((one for one in found.attached if one.place == place), None)


def _read(mail: Message, envelope_from: str, is_known_envelope: bool) -> Read:
    people = addresses(mail, "From") or addresses(mail, "Sender")
    name, sender = people[0] if people else ("", "")
    answer_to = addresses(mail, "Reply-To")
    subject = header(mail, "Subject")[:300]
    body = _body(mail)
    said, quoted = body.said, body.quoted
    if not _FORWARDED.match(subject):
        parts = cut(said)
        said, quoted = parts.said, "\n\n".join(one for one in (parts.rest, quoted) if one)
    elif quoted:
        # What is forwarded is what the writer wants to be read.
        said, quoted = f"{said}\n\n{quoted}".strip(), ""
    ids = message_ids(mail, "Message-ID")
    return Read(
        message_id=ids[0] if ids else "",
        sender=sender,
        sender_name=name,
        answer_to=answer_to[0][1] if answer_to else sender,
        subject=subject,
        said=clean_text(said)[:MAX_TEXT],
        quoted=clean_text(quoted)[:MAX_TEXT],
        language=_language(mail),
        written_at=date_of(mail),
        recipients=tuple(one for _name, one in addresses(mail, "To", "Cc")),
        references=tuple(message_ids(mail, "In-Reply-To", "References")),
        attached=tuple(body.attached),
        verdicts=_verdicts(mail),
        origin=origin_of(mail, envelope_from=envelope_from, is_known_envelope=is_known_envelope),
    )


def _language(mail: Message) -> str:
    for name in ("Content-Language", "Accept-Language"):
        first = raw_header(mail, name).split(",")[0].split(";")[0].strip()
        if _LANGUAGE.match(first):
            return first.lower()
    return ""


def _verdicts(mail: Message) -> dict[str, str]:
    """What the last server says (RFC 8601): its header stands first; any other may be forged."""
    line = raw_header(mail, "Authentication-Results")
    found: dict[str, str] = {}
    for method, result in _METHOD.findall(line):
        found.setdefault(method.lower(), result.lower())
    return found


@dataclass(slots=True)
class _Body:
    said: str = ""
    quoted: str = ""
    attached: list[Attached] = field(default_factory=list)


def _body(mail: Message) -> _Body:
    body = _Body()
    texts: list[str] = []
    quotes: list[str] = []
    budget = _MOST_BYTES_OF_TEXT
    for place, part in enumerate(_leaves(mail)):
        if place >= _MOST_PARTS:
            break
        if not _is_text(part):
            body.attached.append(_attached(place, part))
            continue
        raw = _content(part) or b""
        said, quoted = _text(part, raw[:budget])
        budget -= min(len(raw), budget)
        texts.append(said)
        quotes.append(quoted)
    body.said = "\n\n".join(text.strip() for text in texts if text.strip())
    body.quoted = "\n\n".join(text for text in quotes if text)
    if not body.said:
        body.said = _nested_text(mail)
    return body


def _leaves(mail: Message, depth: int = 0) -> Iterator[Message]:
    """The parts a reader sees, in order: of several versions of one text the best we can show."""
    if depth > 20:
        return
    kind = mail.get_content_type()
    payload = mail.get_payload()
    if kind == "message/rfc822" or not isinstance(payload, list):
        yield mail
        return
    children = [one for one in payload if isinstance(one, Message)]
    if kind == "multipart/alternative":
        chosen = _best(children)
        for child in children:
            # A version that brings more than text (pictures, invitations) brings it anyway.
            for leaf in _leaves(child, depth + 1):
                if child is chosen or not _is_text(leaf):
                    yield leaf
        return
    for child in children:
        yield from _leaves(child, depth + 1)


def _best(children: list[Message]) -> Message | None:
    plain = [one for one in children if one.get_content_type() == "text/plain"]
    for child in plain:
        if (_content(child) or b"").strip():
            return child
    hyper = [one for one in children if _holds(one, "text/html")]
    return hyper[0] if hyper else (children[-1] if children else None)


def _holds(part: Message, kind: str) -> bool:
    return any(one.get_content_type() == kind for one in part.walk())


def _is_text(part: Message) -> bool:
    if part.get_content_type() not in {"text/plain", "text/html"}:
        return False
    return part.get_content_disposition() != "attachment" and not _name(part)


def _text(part: Message, raw: bytes) -> tuple[str, str]:
    text = decoded(raw, str(part.get_content_charset() or ""))
    if part.get_content_type() == "text/html":
        # Only here, with the parser of HTML it needs: not every city reads mail.
        from lamppost.mailbox.reading.hypertext import as_text

        return as_text(text)
    if str(part.get_param("format") or "").lower() == "flowed":
        delsp = str(part.get_param("delsp") or "").lower() == "yes"
        text = unflowed(text, delsp=delsp)
    return text.replace("\r\n", "\n").replace("\r", "\n"), ""


def _content(part: Message) -> bytes | None:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return None
    is_base64 = raw_header(part, "Content-Transfer-Encoding").lower() == "base64"
    sent = str(part.get_payload()).encode("ascii", "replace")
    is_same = b"".join(raw.split()) == b"".join(sent.split())
    return _mended(raw) if is_base64 and is_same else raw


def _mended(raw: bytes) -> bytes:
    """Base64 that was cut off, which the standard library gives back as it is."""
    signs = b"".join(raw.split())
    try:
        return base64.b64decode(signs[: len(signs) // 4 * 4], validate=True)
    except ValueError:
        return raw


def _attached(place: int, part: Message) -> Attached:
    kind = part.get_content_type()
    content = part.as_bytes() if kind == "message/rfc822" else _content(part)
    name = _name(part)
    if kind == "message/rfc822" and not name:
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        name = f"{header(inner, 'Subject') if isinstance(inner, Message) else ''}.eml"
    return Attached(place, name[:200], clean_line(kind)[:100], content)


def _name(part: Message) -> str:
    """The file's name (RFC 2231, or the encoded words many use instead), no path in it."""
    try:
        name = part.get_filename("")
    except (LookupError, ValueError, TypeError):
        name = ""
    if isinstance(name, tuple):  # a charset nobody knows
        name = str(name[2])
    plain = clean_line(readable(str(name)))
    return re.split(r"[\\/]", plain)[-1]


def _nested_text(mail: Message) -> str:
    """The words of a mail that is nothing but another one, attached."""
    for part in mail.walk():
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            inner = payload[0]
            if isinstance(inner, Message):
                texts = [
                    _text(one, _content(one) or b"")[0] for one in _leaves(inner) if _is_text(one)
                ]
                return "\n\n".join(text.strip() for text in texts if text.strip())
    return ""
