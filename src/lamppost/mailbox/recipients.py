"""Which of our addresses a mail was for, when nobody says so beside the mail."""

from __future__ import annotations

from lamppost.mailbox.addresses import our_mailboxes, split
from lamppost.mailbox.reading.headers import addresses
from lamppost.mailbox.reading.message import headers_of

# What servers on the way write of the delivery, then what the writer wrote.
_HEADERS = ("X-Envelope-To", "X-Original-To", "Envelope-To", "Delivered-To", "To", "Cc")


def recipient_in(raw: bytes) -> str:
    """Return the address of the city in scope that a mail was for, with its plus part, or ''."""
    tree = headers_of(raw)
    found = [one for name in _HEADERS for _name, one in addresses(tree, name)]
    boxes = our_mailboxes()
    ours = [one for one in found if split(one)[0] in boxes]
    # What names a case says more than the plain mailbox beside it.
    named = [one for one in ours if split(one)[1]]
    return (named or ours or [""])[0]
