"""A case filed from a mail: the form begins with what the mail says, and ends back at it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from lamppost.cases.reports import Report
from lamppost.cases.services.photos import MAX_PHOTOS_PER_REPORT
from lamppost.catalog.choices import Channel
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Refusal
from lamppost.mailbox.choices import PartUse
from lamppost.mailbox.originals import original
from lamppost.mailbox.reading.message import read
from lamppost.mailbox.selectors.threads import Whole, beginning_of
from lamppost.mailbox.services import agents
from lamppost.people.actors import Actor

_MOST_WORDS = 4000


def letter_in(sent: QueryDict, actor: Actor) -> Whole | None:
    """Return the correspondence a form is filled from, or None.

    Raises ``NotFound`` for one there is not, ``Forbidden`` for who does not answer mail.
    """
    reference = sent.get("mail", "")
    if not reference:
        return None
    return beginning_of(reference, actor=actor)


def letter_typed(letter: Whole) -> QueryDict:
    """Return what is in the form to begin with."""
    thread, first = letter.thread, letter.mails[0] if letter.mails else None
    typed = QueryDict(mutable=True)
    typed["channel"] = Channel.EMAIL.value
    typed["description"] = first.text[:_MOST_WORDS] if first else ""
    typed["first_name"] = thread.name
    typed["email"] = thread.address[:254]
    typed["language"] = thread.language
    return typed


def letter_hidden(letter: Whole | None) -> dict[str, Any]:
    """Return what the page shows of the mail."""
    if letter is None:
        return {}
    pictures = sum(
        one.content_type.startswith("image/") and one.use == PartUse.KEPT
        for mail in letter.mails
        for one in mail.parts.all()
    )
    count = min(pictures, MAX_PHOTOS_PER_REPORT)
    return {"letter": letter, "letter_photos": count}


def letter_url(letter: Whole) -> str:
    """Return where the agent goes on: the mail still waits for an answer."""
    return reverse("desk:mail_one", args=[letter.thread.reference])


def with_photos(report: Report, sent: QueryDict, letter: Whole | None) -> Report:
    """Return ``report`` with the mail's pictures, where the box is ticked and there is room."""
    if letter is None or not sent.get("mail_photos"):
        return report
    room = MAX_PHOTOS_PER_REPORT - len(report.photos)
    found: list[Any] = []
    for mail in letter.mails:
        if not mail.path:
            continue
        for one in read(original(mail.path)).attached:
            if len(found) < room and one.content_type.startswith("image/") and one.content:
                try:
                    found.append(reencode(one.content))
                except Refusal:
                    continue
    return replace(report, photos=(*report.photos, *found))


def tie(letter: Whole, case_id: int, actor: Actor) -> None:
    """Write down which case was filed from the mail."""
    agents.filed(reference=letter.thread.reference, case_id=case_id, actor=actor)
