"""What we answer by ourselves: seldom, once, and never to a machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import translation

from lamppost.cities.selectors import city_in_scope
from lamppost.mailbox.addresses import About, address_for, gateway_of
from lamppost.mailbox.choices import PartUse
from lamppost.mailbox.models import Answer, Mail, Thread
from lamppost.mailbox.wording import added_text, received_subject, received_text
from lamppost.notify.addresses import normalized, reply_address
from lamppost.notify.choices import MessageChannel, MessageState
from lamppost.notify.models import Message
from lamppost.notify.senders import Outgoing
from lamppost.notify.services.outbox import About as MessageAbout
from lamppost.notify.services.outbox import queue

RECEIVED = "mail_received"
ADDED = "mail_added"
ANSWER = "mail_answer"
_AUTOMATIC = (RECEIVED, ADDED)
# Two machines that answer each other stop here, whatever their headers say.
MOST_A_DAY = 4
_DAY = timedelta(days=1)


def acknowledge(thread: Thread, mail: Mail, *, to: str, danger: str, now: datetime) -> None:
    """Tell the writer once that their mail arrived, its number, and by when it is answered."""
    with translation.override(_language(thread.language)):
        _queue(
            mail,
            to,
            template=RECEIVED,
            once_key=f"mail-received-{thread.pk}",
            subject=received_subject(thread.reference),
            text=received_text(thread.reference, thread.due_at, danger=danger),
            now=now,
        )


def tell_of_addition(mail: Mail, *, to: str, danger: str, now: datetime) -> None:
    """Say what of an answer to a case's mail was not taken, or what to do in danger.

    Nothing to say, nothing sent.
    """
    names = _not_taken(mail)
    if mail.case is None or not (names or danger):
        return
    with translation.override(_language(mail.language)):
        _queue(
            mail,
            to,
            template=ADDED,
            once_key=f"mail-added-{mail.pk}",
            subject=f"Re: {mail.subject}"[:300],
            text=added_text(mail.case.number, danger=danger, not_taken=names),
            now=now,
        )


def tell_of_danger(mail: Mail, *, to: str, danger: str, now: datetime) -> None:
    """Say what to do in danger to who told of it in a correspondence that goes on.

    No danger, nothing sent.
    """
    if danger:
        _queue(
            mail,
            to,
            template=ADDED,
            once_key=f"mail-added-{mail.pk}",
            subject=f"Re: {mail.subject}"[:300],
            text=danger,
            now=now,
        )


def dressed(message: Message, outgoing: Outgoing) -> Outgoing:
    """Return a message that answers a mail, so that it stands below it in the writer's program."""
    answered = _answered(message)
    if answered is None:
        return outgoing
    headers = dict(outgoing.headers)
    if message.template in _AUTOMATIC:
        # RFC 3834, 5.1: an answer, by a machine.
        headers["Auto-Submitted"] = "auto-replied"
    else:
        headers["Auto-Submitted"] = "no"
    if answered.message_id:
        headers["In-Reply-To"] = headers["References"] = f"<{answered.message_id}>"
    return replace(outgoing, reply_to=_answers_to(answered), about="", headers=headers)


def _answered(message: Message) -> Mail | None:
    while message.again_of is not None:
        # Sent again by staff: it answers what the first one did.
        message = message.again_of
    if message.template == ANSWER:
        row = Answer.objects.filter(message=message).select_related("mail__thread").first()
        return row.mail if row else None
    number = message.once_key.rpartition("-")[2]
    mails = Mail.objects.select_related("thread", "case").order_by("id")
    if message.template == RECEIVED:
        return mails.filter(thread_id=int(number)).first()
    return mails.filter(pk=int(number)).first()


def _answers_to(mail: Mail) -> str:
    if mail.thread is not None:
        return address_for(About.THREAD, mail.thread.reference)
    return reply_address(mail.case) if mail.case is not None else ""


def _queue(
    mail: Mail, to: str, *, template: str, once_key: str, subject: str, text: str, now: datetime
) -> None:
    if not to or gateway_of(to) is not None or _is_flooded(to, now):
        return
    queue(
        channel=MessageChannel.EMAIL,
        address=to,
        subject=subject,
        text=text,
        once_key=once_key,
        language=_language(mail.language),
        now=now,
        about=MessageAbout(contact_id=mail.contact_id, template=template),
    )


def _is_flooded(address: str, now: datetime) -> bool:
    sent = Message.objects.filter(
        channel=MessageChannel.EMAIL,
        address=normalized(MessageChannel.EMAIL, address),
        template__in=_AUTOMATIC,
        created_at__gt=now - _DAY,
    ).exclude(state=MessageState.HELD)
    return sent.count() >= MOST_A_DAY


def _not_taken(mail: Mail) -> list[str]:
    left = mail.parts.exclude(use=PartUse.PHOTO)
    return [part.name or part.content_type for part in left]


def _language(language: str) -> str:
    return language or str(city_in_scope().default_language)
