"""What the mailbox keeps of a person: given out and erased with them (``people.holders``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from lamppost.kernel.removal import Words
from lamppost.mailbox.models import Answer, Mail, MailPart, Thread
from lamppost.mailbox.originals import removed
from lamppost.people.choices import PointKind
from lamppost.people.holders import Holder
from lamppost.people.models import ContactPoint


def export(contact_ids: frozenset[int]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the mails of these contacts and what was answered."""
    mails = Mail.objects.filter(_mails(contact_ids)).select_related("thread")
    threads = Thread.objects.filter(_threads(contact_ids))
    answers = Answer.objects.filter(thread__in=threads).select_related("thread")
    return {
        "mails": [
            {
                "received_at": row.received_at.isoformat(),
                "from": row.sender,
                "subject": row.subject,
                "text": row.text,
                "quoted": row.quoted,
                "reference": row.thread.reference if row.thread else "",
            }
            for row in mails.order_by("received_at", "id")
        ],
        "mail_answers": [
            {"at": row.at.isoformat(), "reference": row.thread.reference, "text": row.text}
            for row in answers.order_by("at", "id")
        ],
    }


def erase(contact_ids: frozenset[int], _words: Words) -> int:
    """Empty the mails of these contacts, with their originals and what was answered to them.

    That somebody wrote, when, and what became of it stays; the files go when the erasure is
    committed.
    """
    mails = Mail.objects.filter(_mails(contact_ids))
    ids = list(mails.values_list("pk", flat=True))
    paths = [path for path in mails.values_list("path", flat=True) if path]
    threads = list(Thread.objects.filter(_threads(contact_ids)).values_list("pk", flat=True))
    changed = MailPart.objects.filter(mail__in=ids).update(name="")
    changed += Mail.objects.filter(pk__in=ids).update(
        path="",
        recipient="",
        envelope_from="",
        sender="",
        sender_name="",
        subject="",
        text="",
        quoted="",
        message_id="",
        contact=None,
    )
    changed += Answer.objects.filter(thread__in=threads).update(text="")
    changed += Thread.objects.filter(pk__in=threads).update(
        subject="", address="", name="", contact=None
    )
    transaction.on_commit(lambda: _gone(paths))
    return changed


def _gone(paths: Sequence[str]) -> None:
    for path in paths:
        removed(path)


def _addresses(contact_ids: frozenset[int]) -> list[str]:
    """Addresses that are theirs, whoever wrote them down."""
    points = ContactPoint.objects.filter(contact__in=contact_ids, kind=PointKind.EMAIL)
    return [value for value in points.values_list("value", flat=True) if value]


def _mails(contact_ids: frozenset[int]) -> Q:
    return Q(contact__in=contact_ids) | Q(sender__in=_addresses(contact_ids))


def _threads(contact_ids: frozenset[int]) -> Q:
    return Q(contact__in=contact_ids) | Q(address__in=_addresses(contact_ids))


HOLDER = Holder(
    name="mailbox",
    export=export,
    erase=erase,
    texts={
        "mailbox.Mail": ("subject", "text", "quoted"),
        "mailbox.Answer": ("text",),
        "mailbox.Thread": ("subject",),
    },
)
