"""Mail for an agent: a correspondence begins, goes on, or is known to be unwanted."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import DispositionKind, InteractionEnd
from lamppost.contacts.selectors.rules import center_rules
from lamppost.contacts.services.call_backs import due_of
from lamppost.contacts.services.line import offer
from lamppost.contacts.services.written import needed_nobody
from lamppost.mailbox.choices import Fate, ThreadState
from lamppost.mailbox.models import Mail, Thread
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.notices import staff_of, tell

# No letters or digits that are taken for one another, when read out too.
_SIGNS = "3479ACDEFHJKMNPRTUVWXY"
_URGENT_READERS = frozenset({Role.AGENT, Role.SUPERVISOR})


def begin_interaction(mail: Mail) -> None:
    """Write down that somebody wrote: one interaction per mail of a person, once."""
    mail.interaction = offer(
        channel=Channel.EMAIL,
        address=mail.sender[:254],
        language=mail.language,
        provider_id=f"mail-{mail.pk}",
        contact_id=mail.contact_id,
        at=mail.received_at,
    )


def open_thread(mail: Mail, *, case_id: int | None = None, now: datetime) -> Thread:
    """Begin a correspondence with this mail, due by the opening hours of the city."""
    thread = Thread.objects.create(
        reference=_new_reference(),
        subject=mail.subject,
        address=mail.sender,
        name=mail.sender_name,
        contact_id=mail.contact_id,
        language=mail.language,
        is_urgent=bool(mail.danger),
        case_id=case_id,
        opened_at=now,
        due_at=due_of(mail.received_at, center_rules().answer_mail_minutes),
        last_at=now,
    )
    mail.thread, mail.fate = thread, Fate.THREAD
    _tell_if_urgent(thread, mail)
    return thread


def thread_to_go_on(reference: str) -> Thread | None:
    """Return the correspondence with this reference, locked, or None; in a transaction.

    Locked, so that an agent who answers meanwhile is not undone. Addresses have small letters.
    """
    rows = Thread.objects.select_for_update(of=("self",))
    return rows.filter(reference=reference.upper()).first()


def go_on(thread: Thread, mail: Mail, *, now: datetime) -> None:
    """Add a mail to a locked correspondence: it waits again, with a promise of its own.

    What was marked as unwanted stays so.
    """
    mail.thread, mail.fate = thread, Fate.THREAD
    mail.case_id = mail.case_id or thread.case_id
    if thread.state == ThreadState.SPAM:
        put_aside(mail, now=now)
        return
    if thread.state != ThreadState.OPEN:
        thread.state = ThreadState.OPEN
        thread.due_at = due_of(mail.received_at, center_rules().answer_mail_minutes)
        thread.closed_at, thread.closed_by = None, None
    thread.last_at = now
    thread.is_urgent = thread.is_urgent or bool(mail.danger)
    thread.save()
    _tell_if_urgent(thread, mail)


def put_aside(mail: Mail, *, now: datetime) -> None:
    """The mail is from who only sends what nobody wants: kept, and nobody's work."""
    if mail.thread is None:
        thread = open_thread(mail, now=now)
        thread.state = ThreadState.SPAM
        thread.closed_at = now
        thread.save(update_fields=["state", "closed_at"])
    mail.fate = Fate.SPAM
    if mail.interaction_id is not None:
        needed_nobody(
            mail.interaction_id, at=now, kind=DispositionKind.NOBODY, end=InteractionEnd.LEFT
        )


def is_unwanted(address: str) -> bool:
    """Return whether the last correspondence with this address was marked as unwanted."""
    if not address:
        return False
    last = Thread.objects.filter(address=address).order_by("-last_at", "-id").first()
    return last is not None and last.state == ThreadState.SPAM


def _new_reference() -> str:
    while True:
        sign = "".join(secrets.choice(_SIGNS) for _place in range(8))
        reference = f"{sign[:4]}-{sign[4:]}"
        if not Thread.objects.filter(reference=reference).exists():
            return reference


def _tell_if_urgent(thread: Thread, mail: Mail) -> None:
    if not mail.danger:
        return
    reference = thread.reference
    tell(
        staff_of(roles=_URGENT_READERS),
        NoticeKind.DANGER,
        subject=lambda: _("Words of danger in a mail: %(reference)s") % {"reference": reference},
        path=f"/desk/mail/{reference}/",
        once_key=f"mail-danger-{mail.pk}",
        default_language=city_in_scope().default_language,
    )
