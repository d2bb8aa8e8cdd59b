"""Taking a mail: on the disk and in the database first, everything else later."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import clean_line
from lamppost.mailbox.addresses import gateway_of
from lamppost.mailbox.choices import Way
from lamppost.mailbox.models import Mail
from lamppost.mailbox.originals import kept

MAX_BYTES = 25_000_000
# Each server on the way adds its own: the same mail sent again differs in these only.
_TRACE = re.compile(
    rb"^(?:received|return-path|delivered-to|x-original-to|authentication-results|"
    rb"received-spf|arc-[a-z-]+|x-(?=[a-z0-9-]*(?:spam|virus|received|forefront|ms-exchange))[a-z0-9-]*)"
    rb":.*(?:\n[ \t].*)*\n",
    re.IGNORECASE | re.MULTILINE,
)


def receive(
    raw: bytes,
    *,
    recipient: str,
    way: Way,
    envelope_from: str = "",
    now: datetime | None = None,
) -> tuple[Mail, bool]:
    """Store a mail for the city in scope; return its row and whether it is new.

    When this returns, the mail survives whatever happens next. The same mail for the same
    recipient again, by whatever way, is the row there is. Raises ``OSError`` or a database
    error when it cannot be stored: then nobody may be told that it was taken.
    """
    now = now or timezone.now()
    # Bytes that are no letters come as such in an envelope, too, and no database takes them.
    recipient = clean_line(recipient).strip("<>").lower()[:320]
    content_key = content_of(raw)
    once_key = hashlib.sha256(f"{content_key}:{recipient}".encode()).hexdigest()
    known = Mail.objects.filter(once_key=once_key).first()
    if known is not None:
        return known, False
    path = kept(raw, city=city_in_scope().slug, name=once_key, at=now)
    with transaction.atomic():
        return Mail.objects.get_or_create(
            once_key=once_key,
            defaults={
                "gateway": gateway_of(recipient),
                "way": way,
                "recipient": recipient,
                "envelope_from": clean_line(envelope_from).strip("<>")[:320],
                "content_key": content_key,
                "path": path,
                "size": len(raw),
                "received_at": now,
                "due_at": now,
            },
        )


def content_of(raw: bytes) -> str:
    """Return the SHA-256 hex digest of what the writer sent: all but what servers add."""
    plain = raw.replace(b"\r\n", b"\n")
    head, blank, body = plain.partition(b"\n\n")
    digest = hashlib.sha256(_TRACE.sub(b"", head + b"\n"))
    digest.update(blank + body)
    return digest.hexdigest()
