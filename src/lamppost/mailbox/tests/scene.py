"""A mailbox in a test city: mails written by hand, brought in as the worker does it."""

from __future__ import annotations

from email.message import EmailMessage
from io import BytesIO

from PIL import Image

from lamppost.mailbox.choices import MailState, Way
from lamppost.mailbox.models import Mail
from lamppost.mailbox.services.processing import process
from lamppost.mailbox.services.receiving import receive

BOX = "311@city.example"
WRITER = "ana@people.example"


def mail(
    text: str = "Where do I pay my water bill?",
    *,
    subject: str = "A question",
    sender: str = f"Ana Pérez <{WRITER}>",
    to: str = BOX,
    message_id: str = "one@people.example",
    **headers: str,
) -> EmailMessage:
    """A plain mail; header names are written with _ for -."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"] = f"<{message_id}>"
    made["Date"] = "Tue, 10 Mar 2026 10:00:00 -0400"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def bring(raw: EmailMessage | bytes, *, to: str = BOX, envelope_from: str = WRITER) -> Mail:
    """Store a mail and see to it; return its row as it is then."""
    content = raw if isinstance(raw, bytes) else raw.as_bytes()
    row, _is_new = receive(content, recipient=to, way=Way.LMTP, envelope_from=envelope_from)
    process()
    row.refresh_from_db()
    assert row.state == MailState.DONE, row.error
    return row


def photo(color: str = "green") -> bytes:
    """A small JPEG."""
    out = BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "JPEG")
    return out.getvalue()
