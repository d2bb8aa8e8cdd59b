"""Reports of mail that could not be delivered (RFC 3464), and those that keep to no rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from lamppost.mailbox.reading.headers import message_ids, raw_header, readable

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([45]\d\d)[ -]")
_ID_IN_TEXT = re.compile(r"^Message-ID:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)
# RFC 3463: what says that the address itself is no good, not that this mail was not wanted.
_DEAD = frozenset({(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 8), (1, 10), (2, 1), (4, 4)})
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of one mail.

    ``about`` is the message id of the mail that came back, ``status`` as in RFC 3463.
    ``is_failure`` is False for mere delays and for news of a delivery. ``is_dead``: the address
    does not exist, nothing will ever reach it.
    """

    about: str = ""
    recipient: str = ""
    status: str = ""
    is_failure: bool = False
    is_dead: bool = False
    is_complaint: bool = False


def report_of(mail: Message) -> Report:
    """Return what a report says, as far as it can be understood.

    A feedback report (RFC 5965) tells that the reader marked the mail as unwanted.
    """
    about, fields = "", []
    is_complaint = str(mail.get_param("report-type") or "").lower() == "feedback-report"
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            fields += _blocks(part)
        elif kind in {"message/rfc822", "text/rfc822-headers"} and not about:
            about = _about(part)
    if is_complaint:
        return Report(about=about, is_complaint=True)
    failed = [one for one in fields if _action(one) in {"failed", ""} and _status(one)]
    if fields:
        chosen = failed[0] if failed else fields[0]
        status = _status(chosen)
        return Report(
            about=about,
            recipient=_recipient(chosen),
            status=status,
            is_failure=bool(failed) and status.startswith("5"),
            is_dead=bool(failed) and _is_dead(status),
        )
    return _loose(mail, about)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    return [one for one in blocks if isinstance(one, Message) and raw_header(one, "Action")]


def _action(block: Message) -> str:
    return raw_header(block, "Action").strip().lower()


def _status(block: Message) -> str:
    found = _STATUS.search(raw_header(block, "Status"))
    detail = _STATUS.search(raw_header(block, "Diagnostic-Code"))
    # Many say 5.0.0 (or 5.5.0) there, and what it was in words.
    if found and detail and found.group(2) in {"0", "5"} and found.group(1) == detail.group(1):
        found = detail
    return found.group() if found else ""


def _is_dead(status: str) -> bool:
    found = _STATUS.fullmatch(status)
    if found is None or found.group(1) != "5":
        return False
    return (int(found.group(2)), int(found.group(3))) in _DEAD


def _recipient(block: Message) -> str:
    value = raw_header(block, "Original-Recipient") or raw_header(block, "Final-Recipient")
    return value.partition(";")[2].strip().strip("<>").lower()[:254]


def _about(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        ids = message_ids(payload[0], "Message-ID")
        return ids[0] if ids else ""
    raw = part.get_payload(decode=True)
    text = raw.decode("latin-1") if isinstance(raw, bytes) else str(payload)
    found = _ID_IN_TEXT.search(text[:_MOST])
    return found.group(1) if found else ""


def _loose(mail: Message, about: str) -> Report:
    """qmail and others write in words; the codes in them still are RFC 3463's."""
    text = ""
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            raw = part.get_payload(decode=True)
            text += raw.decode("latin-1") if isinstance(raw, bytes) else ""
    text = text[:_MOST]
    found, code = _STATUS.search(text), _REPLY.search(text)
    status = found.group() if found else ""
    if not about:
        quoted = _ID_IN_TEXT.search(text)
        about = quoted.group(1) if quoted else ""
    is_failure = status.startswith("5") or bool(code and code.group(1).startswith("5"))
    return Report(
        about=about,
        recipient=readable(raw_header(mail, "X-Failed-Recipients")).lower()[:254],
        status=status,
        is_failure=is_failure,
        is_dead=_is_dead(status),
    )
