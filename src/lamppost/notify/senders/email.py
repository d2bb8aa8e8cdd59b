"""Mail, over the installation's mail server.

The server takes a message with the line that holds a single dot (RFC 5321, 4.1.1.4): the mark
of the handing over is set just before it.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from typing_extensions import override

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import in_language
from lamppost.notify.senders import Answer, HandingOver, Outgoing, Result, Send, Sender

_DOT = b".\r\n"
_END = b"\r\n" + _DOT
# A server may check a whole message before it answers, and who hangs up too soon sends it twice
# (RFC 1047): RFC 5321, 4.5.3.2.6 gives it ten minutes.
_ANSWER_S = 600.0
# RFC 5321, 4.2.1, RFC 3463, X.1: an address that does not exist, not an opinion on this mail.
_DEAD_ADDRESS = frozenset({550, 551, 553})
_CLOSING = 421


class _Marking:
    """Sends the line with the dot as a step of its own, and tells of it before."""

    handing_over: Callable[[], None] | None = None
    sock: Any

    def send(self, s: Any) -> None:
        """As in smtplib; the whole data with its end is one call of it."""
        line: Any = super()
        if not (isinstance(s, bytes) and s.endswith(_END)):
            line.send(s)
            return
        line.send(s.removesuffix(_DOT))
        self.sock.settimeout(_ANSWER_S)
        if self.handing_over is not None:
            self.handing_over()
        line.send(_DOT)


class _Smtp(_Marking, smtplib.SMTP):
    pass


class _SmtpSsl(_Marking, smtplib.SMTP_SSL):
    pass


class MarkingBackend(EmailBackend):
    """Django's own backend over connections that tell before they hand over."""

    @property
    @override
    def connection_class(self) -> Any:
        """The class of connections."""
        return _SmtpSsl if self.use_ssl else _Smtp


def is_on() -> bool:
    """Return whether the installation has a mail server."""
    return bool(settings.MAIL_IS_ON)


@contextmanager
def line() -> Iterator[Send]:
    """Open a connection when the first message needs it, and use it for all."""
    backend = MarkingBackend(fail_silently=False)
    try:
        yield lambda message, handing_over: _send(backend, message, handing_over)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            backend.close()


def _send(backend: MarkingBackend, message: Outgoing, handing_over: HandingOver) -> Answer:
    is_whole = False

    def handing_all_over() -> None:
        nonlocal is_whole
        handing_over()
        is_whole = True

    try:
        _open(backend, handing_all_over)
        backend.send_messages([_mail(message, backend)])
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(next(iter(error.recipients.values()))[0], of_recipient=True)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        # Greeting, sign-in, sender: what is said there is of us, and of every message.
        _drop(backend)
        reason = f"mail server: {type(error).__name__}"
        if is_whole:
            reason = f"{reason}, after the whole mail"
        result = Result.UNHEARD if is_whole else Result.LATER
        return Answer(result, reason=reason, is_line_down=True)
    except BaseException:
        _drop(backend)
        raise
    return Answer(Result.TAKEN)


def _open(backend: MarkingBackend, handing_over: HandingOver) -> None:
    """Connect if there is no connection, and make it ready for one mail."""
    backend.open()
    connection: Any = backend.connection
    if connection.sock is not None:
        # The dot is a packet of its own and must not wait for the one before it.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Only the answer to a whole mail is waited for so long, not those to the next one's steps.
        connection.sock.settimeout(backend.timeout)
    connection.handing_over = handing_over


def _drop(backend: MarkingBackend) -> None:
    """Close without a word: in the middle of a mail, QUIT would be part of it."""
    if backend.connection is not None:
        backend.connection.close()
    backend.connection = None


def _refused(code: int, *, of_recipient: bool = False) -> Answer:
    # RFC 5321, 4.2.1: 4yz passes, 5yz does not.
    reason = f"the mail server answered {code}"
    if 400 <= code < 500:
        return Answer(Result.LATER, reason=reason, is_line_down=code == _CLOSING)
    if of_recipient and code in _DEAD_ADDRESS:
        return Answer(Result.GONE, reason=reason)
    return Answer(Result.REFUSED, reason=reason)


def _mail(message: Outgoing, backend: MarkingBackend) -> EmailMultiAlternatives:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    sender = _sender(message.language)
    headers = {
        "From": sender,
        "Message-ID": f"<{message.key}@{domain}>",
        # RFC 3834: no out-of-office answers to this.
        "Auto-Submitted": "auto-generated",
        **message.headers,
    }
    if message.about:
        # A mail nobody has got that all mails about one thing answer: so they stand together.
        root = f"<{message.about}@{domain}>"
        headers |= {"In-Reply-To": root, "References": root}
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        # The envelope's: where bounces go. What a person sees is the header below.
        from_email=message.return_path or sender,
        to=[message.address],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=headers,
        connection=backend,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _sender(language: str) -> str:
    city = city_in_scope()
    name = in_language(city.name, language, city.default_language)
    address = settings.DEFAULT_FROM_EMAIL
    return address if "<" in address else formataddr((name, address))


SENDER = Sender(line=line, is_on=is_on, patience=timedelta(seconds=100))
