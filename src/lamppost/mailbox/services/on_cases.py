"""An answer to what we wrote about a case: added to it, and looked at when it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from lamppost.cases.models import Attachment, Case
from lamppost.cases.services.answering import answer
from lamppost.cases.services.notes import MAX_NOTE
from lamppost.cases.services.photos import MAX_PHOTOS_PER_CASE, MAX_PHOTOS_PER_REPORT
from lamppost.cases.services.reporter import comment
from lamppost.catalog.choices import Channel, State
from lamppost.contacts.choices import CaseTie, DispositionKind
from lamppost.contacts.models import InteractionCase
from lamppost.contacts.services.written import needed_nobody
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.mailbox.choices import Fate, PartUse
from lamppost.mailbox.models import Mail, MailPart
from lamppost.mailbox.reading.message import Attached
from lamppost.mailbox.services.threads import open_thread
from lamppost.people.actors import ANONYMOUS
from lamppost.people.contacts import find

_ELLIPSIS = " …"


def add_to_case(mail: Mail, case: Case, attached: Sequence[Attached], *, now: datetime) -> None:
    """Add what a mail says, and its photos, to the case it answers.

    A case that ended as not done or not found goes back to its department when its reporter
    answers. What is said about any other closed case is an agent's to read as well: nobody
    works on it any more. A mail that cannot be added is for an agent, too.
    """
    mail.case = case
    photos = _photos(mail, case, attached)
    try:
        with transaction.atomic(), translation.override(mail.language or None):
            mail.fate = _added(mail, case, photos)
    except Refusal:
        MailPart.objects.filter(mail=mail, use=PartUse.PHOTO).update(use=PartUse.KEPT)
        open_thread(mail, case_id=case.pk, now=now)
        return
    _tie(mail, case)
    if mail.fate == Fate.COMMENT and case.state == State.CLOSED:
        fate = mail.fate
        open_thread(mail, case_id=case.pk, now=now)
        mail.fate = fate
    elif mail.interaction_id is not None:
        needed_nobody(mail.interaction_id, at=now, kind=DispositionKind.STATUS)


def _added(mail: Mail, case: Case, photos: Sequence[bytes]) -> Fate:
    text = mail.text if len(mail.text) <= MAX_NOTE else mail.text[: MAX_NOTE - 2] + _ELLIPSIS
    if case.state == State.CLOSED and _is_of_reporter(mail, case):
        try:
            with transaction.atomic():
                answer(
                    case_id=case.pk,
                    actor=ANONYMOUS,
                    text=text,
                    photos=photos,
                    channel=Channel.EMAIL,
                )
            return Fate.ANSWER
        except Refusal:
            # It ended otherwise, or too long ago: what was said is kept all the same.
            pass
    comment(case_id=case.pk, actor=ANONYMOUS, text=text, photos=photos, channel=Channel.EMAIL)
    return Fate.COMMENT


def _is_of_reporter(mail: Mail, case: Case) -> bool:
    """Whether the sender is, by what the mail claims, who reported: the token was given out to
    followers as well."""
    return case.contact_id in {one.pk for one in find(email=mail.sender)}


def _photos(mail: Mail, case: Case, attached: Sequence[Attached]) -> list[bytes]:
    """The pictures among the attachments that can be read, as many as the case may have."""
    room = min(
        MAX_PHOTOS_PER_REPORT, MAX_PHOTOS_PER_CASE - Attachment.objects.filter(case=case).count()
    )
    taken: list[bytes] = []
    for one in attached:
        use = _use_of(one, has_room=len(taken) < room)
        if use is PartUse.PHOTO and one.content is not None:
            taken.append(one.content)
        if use is not PartUse.KEPT:
            MailPart.objects.filter(mail=mail, place=one.place).update(use=use)
    return taken


def _use_of(one: Attached, *, has_room: bool) -> PartUse:
    is_picture = one.content_type.startswith("image/") or one.name.lower().endswith(
        (".jpg", ".jpeg", ".png", ".heic", ".webp")
    )
    if not is_picture or one.content is None:
        return PartUse.KEPT
    if not has_room:
        return PartUse.TOO_MANY
    try:
        reencode(one.content)
    except Invalid:
        return PartUse.UNREADABLE
    return PartUse.PHOTO


def _tie(mail: Mail, case: Case) -> None:
    if mail.interaction_id is not None:
        InteractionCase.objects.get_or_create(
            interaction_id=mail.interaction_id,
            case=case,
            tie=CaseTie.ASKED,
            defaults={"at": timezone.now()},
        )
