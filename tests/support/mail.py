"""Mail of a city for tests with two of them: one row of every table."""

from __future__ import annotations

from datetime import UTC, datetime

from lamppost.mailbox.choices import Fate, MailState, Way
from lamppost.mailbox.models import Answer, Fetching, Mail, MailPart, Thread
from lamppost.notify.models import Gateway
from tests.support.work import FOREIGN_ID, SECRET

_AT = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


def add_mail(slug: str) -> None:
    """A mailbox, a mail that waits in it, an answer, how far it was fetched."""
    is_foreign = slug == "shelbyville"
    own_id = {"id": FOREIGN_ID} if is_foreign else {}
    name = SECRET if is_foreign else slug
    gateway = Gateway.objects.create(kind="email", provider="lmtp", address=f"311@{slug}.example")
    thread = Thread.objects.create(
        **own_id,
        reference="ACDE-3479" if is_foreign else "FHJK-3479",
        subject=name,
        address=f"ana@{slug}.example",
        opened_at=_AT,
        due_at=_AT,
        last_at=_AT,
    )
    mail = Mail.objects.create(
        **own_id,
        gateway=gateway,
        way=Way.LMTP,
        recipient=gateway.address,
        once_key=slug,
        content_key=slug,
        size=1,
        received_at=_AT,
        due_at=_AT,
        state=MailState.DONE,
        fate=Fate.THREAD,
        subject=name,
        text=name,
        thread=thread,
    )
    MailPart.objects.create(mail=mail, place=1, name=name, content_type="text/plain", size=1)
    Answer.objects.create(thread=thread, mail=mail, text=name, at=_AT)
    Fetching.objects.create(gateway=gateway, error=name)
