"""Seeing to what was stored: read, known again, and brought to where it belongs.

A mail is worked on in one transaction that also marks it as done, so a worker killed at any
moment leaves it either untouched or finished. The try is counted before, in a transaction of
its own: a mail that kills whoever reads it goes to a person unread.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound
from lamppost.mailbox.addresses import About, Named, gateway_of, named_by
from lamppost.mailbox.choices import Fate, MailState, PartUse, Way
from lamppost.mailbox.danger import Heard, heard_in
from lamppost.mailbox.models import Mail, MailPart, Thread
from lamppost.mailbox.originals import original
from lamppost.mailbox.reading.message import Read, parsed, read
from lamppost.mailbox.services.bouncing import sent_among, sent_as, take_report
from lamppost.mailbox.services.on_cases import add_to_case
from lamppost.mailbox.services.on_partners import take_from_partner
from lamppost.mailbox.services.telling import acknowledge, tell_of_addition, tell_of_danger
from lamppost.mailbox.services.threads import (
    begin_interaction,
    go_on,
    is_unwanted,
    open_thread,
    put_aside,
    thread_to_go_on,
)
from lamppost.mailbox.wording import language_of
from lamppost.people.contacts import find

logger = logging.getLogger(__name__)

# A try takes at most so long; another worker looks again after it.
_LEASE = timedelta(seconds=60)
_MOST_TRIES = 4
_BUDGET_S = 25.0
# One mail to more of our addresses than this is nobody's letter.
_MOST_COPIES = 20


def process(*, budget_s: float = _BUDGET_S, lease: timedelta = _LEASE) -> int:
    """See to the mail that waits in the city in scope, oldest first; return how many are done."""
    done, until = 0, time.monotonic() + budget_s
    while time.monotonic() < until:
        mail_id = _claim(lease)
        if mail_id is None:
            break
        done += _try(mail_id)
    return done


def _claim(lease: timedelta) -> int | None:
    now = timezone.now()
    with transaction.atomic():
        mail = (
            Mail.objects.filter(state=MailState.NEW, due_at__lte=now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("due_at", "id")
            .first()
        )
        if mail is None:
            return None
        mail.attempts += 1
        mail.due_at = now + lease
        mail.save(update_fields=["attempts", "due_at"])
        return mail.pk


def _try(mail_id: int) -> bool:
    try:
        with transaction.atomic():
            mail = Mail.objects.select_for_update(of=("self",)).get(pk=mail_id)
            if mail.state != MailState.NEW:
                return False
            _work(mail, now=timezone.now())
            return True
    except Exception as error:
        # Whatever it is, the mail stays and is tried again; a person sees what never works.
        logger.exception("Mail %d was not seen to; it is tried again", mail_id)
        reason = type(error).__name__
        Mail.objects.filter(pk=mail_id, state=MailState.NEW).update(error=reason)
        return False


def _work(mail: Mail, *, now: datetime) -> None:
    heard = Heard()
    if mail.attempts > _MOST_TRIES + 1:
        # Reading it ends whoever reads it: a person opens the original elsewhere.
        open_thread(mail, now=now)
    elif mail.attempts > _MOST_TRIES:
        _write_down(mail, _read(mail))
        open_thread(mail, now=now)
    else:
        heard = _see_to(mail, now)
    mail.danger = heard.what[:20]
    mail.state, mail.done_at = MailState.DONE, now
    mail.save()


def _raw(mail: Mail) -> bytes:
    try:
        return original(mail.path)
    except NotFound:
        mail.error = "the original is gone"
        return b""


def _read(mail: Mail) -> Read:
    has_envelope = mail.way in {Way.SMTP, Way.LMTP}
    return read(_raw(mail), envelope_from=mail.envelope_from, is_known_envelope=has_envelope)


def _see_to(mail: Mail, now: datetime) -> Heard:
    found = _read(mail)
    _write_down(mail, found)
    named = _named(mail, found)
    if _is_own(found):
        mail.fate = Fate.OWN
    elif _is_copy(mail, named):
        mail.fate = Fate.COPY
    elif found.origin.is_report:
        mail.is_automatic, mail.fate = True, Fate.BOUNCE
        message = take_report(parsed(_raw(mail)), named=named, now=now)
        mail.case_id = message.case_id if message else None
    elif _is_machines(mail, found, named):
        mail.is_automatic, mail.fate = True, Fate.AUTOMATIC
    elif named.about is About.PARTNER and take_from_partner(mail, named.name, now=now):
        pass
    else:
        return _from_person(mail, found, named, now)
    return Heard()


def _write_down(mail: Mail, found: Read) -> None:
    """Fill the row with what the mail says; its parts, once."""
    contact = None
    if found.sender:
        known = find(email=found.sender, limit=2)
        # Two people of one address: nobody knows which of them wrote.
        contact = known[0] if len(known) == 1 else None
    mail.contact = contact
    mail.message_id = found.message_id[:300]
    mail.sender, mail.sender_name = found.sender, found.sender_name
    mail.subject, mail.text, mail.quoted = found.subject, found.said, found.quoted
    mail.written_at = found.written_at
    mail.language = language_of(found.said or found.subject, said=found.language, contact=contact)
    mail.spf = found.verdicts.get("spf", "")
    mail.dkim = found.verdicts.get("dkim", "")
    mail.dmarc = found.verdicts.get("dmarc", "")
    if not found.is_readable:
        mail.error = mail.error or "it cannot be read"
    MailPart.objects.bulk_create(
        MailPart(
            mail=mail,
            place=one.place,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            use=PartUse.UNREADABLE if one.content is None or _is_tnef(one.name) else PartUse.KEPT,
        )
        for one in found.attached
    )


def _is_tnef(name: str) -> bool:
    # Outlook's own wrapping, which only Outlook opens.
    return name.lower() == "winmail.dat"


def _named(mail: Mail, found: Read) -> Named:
    """What the mail answers: by its address, else by the id of a mail of ours, which only who
    got that mail knows."""
    named = named_by(mail.recipient)
    if named.about is not About.NOTHING:
        return named
    for message in sent_among(found.references):
        thread = Thread.objects.filter(answers__message=message).first()
        if thread is not None:
            return Named(About.THREAD, thread.reference)
        if message.case is not None:
            return Named(About.CASE, message.case.number)
    return Named()


def _is_own(found: Read) -> bool:
    return bool(found.message_id) and sent_as(found.message_id) is not None


def _is_copy(mail: Mail, named: Named) -> bool:
    """Whether the same mail came to several of our addresses and another row stands for it."""
    others = Mail.objects.filter(content_key=mail.content_key).exclude(pk=mail.pk)
    for other in others.order_by("id")[:_MOST_COPIES]:
        theirs = named_by(other.recipient)
        if theirs == named:
            if other.pk < mail.pk:
                return True
        elif named.about is About.NOTHING:
            return True
    return False


def _is_machines(mail: Mail, found: Read, named: Named) -> bool:
    """Whether no person is behind it. A program that answers what we wrote is another machine;
    one that writes on its own may be the form of a web site."""
    if found.origin.is_machine:
        return True
    if named.about is About.MESSAGE:
        return not mail.envelope_from
    return found.origin.is_generated and named.about in {About.CASE, About.THREAD}


def _from_person(mail: Mail, found: Read, named: Named, now: datetime) -> Heard:
    begin_interaction(mail)
    language = mail.language or str(city_in_scope().default_language)
    heard = heard_in(f"{found.subject}\n{found.said}", language=language)
    mail.danger = heard.what[:20]
    answers = found.answer_to if not found.origin.takes_no_answer else ""
    if named.about is About.CASE:
        case = Case.objects.get(number=named.name)
        add_to_case(mail, case, found.attached, now=now)
        mail.save()
        if answers:
            tell_of_addition(mail, to=answers, danger=heard.told, now=now)
        return heard
    thread = None
    if named.about is About.THREAD:
        thread = thread_to_go_on(named.name)
    if thread is not None:
        go_on(thread, mail, now=now)
        mail.save()
        if answers:
            tell_of_danger(mail, to=answers, danger=heard.told, now=now)
    elif is_unwanted(mail.sender) or gateway_of(mail.sender) is not None:
        put_aside(mail, now=now)
    else:
        thread = open_thread(mail, now=now)
        mail.save()
        if answers:
            acknowledge(thread, mail, to=answers, danger=heard.told, now=now)
    return heard
