"""An answer of a partner that is told of its cases by e-mail."""

from __future__ import annotations

import re
from datetime import datetime

from lamppost.kernel.text import clean_line, fold
from lamppost.mailbox.addresses import About, address_for, case_numbered
from lamppost.mailbox.choices import Fate
from lamppost.mailbox.models import Mail
from lamppost.partners.choices import ConnectionKind
from lamppost.partners.models import Connection
from lamppost.partners.services.inbound import Told, take

# "Status: done" and "Number: WO-17" on lines of their own, in the languages we write to partners.
_STATUS = re.compile(
    r"^\s*(?:status|estado|الحالة|situação|statut|状态|trạng thái)"
    r"\s*[:：=]\s*(?P<word>.{1,100}?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    r"^\s*(?:(?:our|your) number|number|work order|ticket|número|su número|nuestro número|orden|"
    r"الرقم|رقمكم|رقمنا|numéro|编号)\s*[:：=#]\s*(?P<word>\S.{0,99}?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def answers_of_partners(connection: Connection, number: str) -> str:
    """Return where a partner answers to a mail about the case ``number``; '' without a mailbox."""
    return address_for(About.PARTNER, f"{connection.pk}-{number}")


def take_from_partner(mail: Mail, name: str, *, now: datetime) -> bool:
    """Take what a partner answers; return False when there is no such partner any more.

    The first status and number on lines of their own count; the rest is a comment. The same
    mail again changes nothing.
    """
    connection_id, _dash, number = name.partition("-")
    connection = Connection.objects.filter(
        pk=int(connection_id) if connection_id.isdigit() else 0, kind=ConnectionKind.EMAIL
    ).first()
    if connection is None:
        return False
    status, external = _STATUS.search(mail.text), _NUMBER.search(mail.text)
    text = mail.text
    for found in (status, external):
        if found:
            text = text.replace(found.group(), "", 1)
    written = mail.written_at
    # A clock ahead of ours would make everything after it look older.
    at = written if written is not None and written <= now else mail.received_at
    row = take(
        connection,
        Told(
            update_id=f"mail-{mail.content_key}",
            at=at,
            number=_number(number),
            external_number=clean_line(external["word"]) if external else "",
            status=fold(clean_line(status["word"])) if status else "",
            text=text.strip()[:4000],
        ),
    )
    mail.fate = Fate.PARTNER
    mail.case_id = row.handoff.case_id if row.handoff else None
    return True


def _number(number: str) -> str:
    """The case's number as it is written: addresses have small letters."""
    case = case_numbered(number)
    return case.number if case else number
