"""An e-mail a person or a mailbox program reads: plain words, then the same as key: value."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import clean_line
from lamppost.partners.choices import AttemptResult, Purpose
from lamppost.partners.messages import Message
from lamppost.partners.models import Connection
from lamppost.partners.senders import Answer

# Where partners answer to; an app above, which reads the mailbox, says so.
_address_of: Callable[[Connection, str], str] | None = None
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def send(connection: Connection, _secret: str, message: Message, _is_unsure: bool) -> Answer:
    """Hand the message to the mail server. Its Message-ID is the same in every attempt."""
    if not settings.MAIL_IS_ON:
        return Answer(AttemptResult.AGAIN, reason="no mail server is set (LAMPPOST_SMTP_URL)")
    with translation.override(city_in_scope().default_language):
        mail = EmailMessage(
            subject=_subject(message),
            body=_body(message),
            to=[connection.address],
            reply_to=_answers_to(connection, message),
            headers=_headers(message),
            connection=get_connection(_SMTP),
        )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(next(iter(error.recipients.values()))[0])
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code)
    except smtplib.SMTPServerDisconnected:
        return Answer(AttemptResult.UNKNOWN, reason="the mail server hung up")
    except TimeoutError:
        return Answer(AttemptResult.UNKNOWN, reason="the mail server did not answer in time")
    except (OSError, smtplib.SMTPException) as error:
        return Answer(AttemptResult.AGAIN, reason=f"no connection: {type(error).__name__}")
    return Answer(AttemptResult.TAKEN, 250, is_acknowledged=False)


def answers_go_to(address_of: Callable[[Connection, str], str]) -> None:
    """Have partners answer to what ``address_of`` gives for a connection and a case's number.

    '' is for a city whose mailbox nobody reads.
    """
    global _address_of
    _address_of = address_of


def _answers_to(connection: Connection, message: Message) -> list[str] | None:
    if _address_of is None or not message.number:
        return None
    address = _address_of(connection, message.number)
    return [address] if address else None


def _refused(code: int) -> Answer:
    # RFC 5321, 4.2.1: 4yz passes, 5yz does not. A wrong password is ours to mend, not final.
    passes = 400 <= code < 500 or code in {530, 534, 535}
    result = AttemptResult.AGAIN if passes else AttemptResult.REFUSED
    return Answer(result, code, f"the mail server answered {code}")


def _subject(message: Message) -> str:
    words = {
        Purpose.NEW: _("New case"),
        Purpose.CHANGE: _("Change"),
        Purpose.CLOSING: _("Closed"),
        Purpose.WITHDRAWN: _("No longer yours"),
        Purpose.TEST: _("Test, please ignore"),
    }
    line = f"[{message.number}] {words[message.purpose]}: {message.service_name}"
    return clean_line(line)[:200]


def _headers(message: Message) -> dict[str, str]:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    return {
        "Message-ID": f"<{message.key}@{domain}>",
        "X-Lamppost-Key": message.key,
        "X-Lamppost-Case": message.number,
        "Auto-Submitted": "auto-generated",
    }


def _body(message: Message) -> str:
    rows = (
        (_("Case"), message.number),
        (_("Your number"), message.external_number),
        (_("Service"), f"{message.service_name} ({message.service_code})"),
        (_("Hazard"), _("yes") if message.is_hazard else ""),
        (_("Address"), message.address),
        (_("Place"), f"{message.point.lat:.6f}, {message.point.long:.6f}" if message.point else ""),
        (_("Received"), _moment(message.requested_at)),
        (_("Due"), _moment(message.due_at)),
        (_("Status"), message.status),
        (_("Outcome"), message.outcome),
    )
    lines = [f"{label}: {value}" for label, value in rows if value]
    lines += [f"{question}: {answer}" for _code, question, answer in message.answers]
    lines += [f"{_('Photo')}: {link}" for link in message.photos]
    if message.description and message.is_new:
        lines += ["", message.description]
    if message.text and message.text != message.description:
        lines += ["", message.text]
    return "\n".join([*lines, "", message.url, ""])


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    local = timezone.localtime(moment, city_in_scope().zone)
    return date_format(local, "DATETIME_FORMAT")
