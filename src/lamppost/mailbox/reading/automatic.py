"""Whether a person wrote it: answering machines, lists, loops (RFC 3834), reports of bounces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from lamppost.mailbox.reading.headers import addresses, header, raw_header

_SUBJECTS = re.compile(
    r"^\s*(?:(?:re|aw|sv|rv)\s?:\s*)?(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?"
    r"(?:reply|response|responder)|autoreply|vacation reply|on vacation|away from (?:the )?office|"
    r"respuesta automática|fuera de (?:la )?oficina|resposta automática|"
    r"réponse automatique|absence du bureau|abwesenheitsnotiz|automatische antwort|"
    r"risposta automatica|رد تلقائي|خارج المكتب|自动回复|自動回覆|自动答复|автоответ|"
    r"автоматический ответ|trả lời tự động|자동 회신|자동 응답|自動応答|自動返信)",
    re.IGNORECASE,
)
_MACHINES = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noresponder|no-responder|bounces?|"
    r"auto-?(?:reply|confirm|response))(?:[+._-].*)?@",
    re.IGNORECASE,
)
_DAEMONS = re.compile(r"^(?:mailer-daemon|postmaster)(?:[+._-].*)?@", re.IGNORECASE)
_GENERATED = ("auto-generated", "auto-notified")
_BULK = frozenset({"bulk", "junk", "list"})


@dataclass(frozen=True, slots=True)
class Origin:
    """What the headers say of who wrote.

    ``is_machine``: it answers by itself (out of office, a robot). ``is_generated``: a program
    wrote it, perhaps for a person (a form of a web site). ``takes_no_answer``: an answer by
    a machine must not go back; a person may still have written. ``is_report``: about a mail
    that was sent before.
    """

    is_machine: bool = False
    is_generated: bool = False
    takes_no_answer: bool = False
    is_report: bool = False


def origin_of(mail: Message, *, envelope_from: str, is_known_envelope: bool) -> Origin:
    """Return what the headers say; an empty ``envelope_from`` counts where it is known."""
    is_empty_path = is_known_envelope and envelope_from in {"", "<>"}
    if not is_known_envelope:
        is_empty_path = raw_header(mail, "Return-Path") == "<>"
    senders = [address for _name, address in addresses(mail, "From")]
    is_report = _is_report(mail, senders, is_empty_path)
    is_machine = is_report or _is_answering(mail)
    return Origin(
        is_machine=is_machine,
        is_generated=_auto(mail).startswith(_GENERATED),
        takes_no_answer=is_machine
        or _auto(mail) not in {"", "no"}
        or is_empty_path
        or _wants_none(mail, senders),
        is_report=is_report,
    )


def _is_report(mail: Message, senders: list[str], is_empty_path: bool) -> bool:
    if mail.get_content_type() == "multipart/report":
        kind = str(mail.get_param("report-type") or "").lower()
        return kind in {"delivery-status", "disposition-notification", "feedback-report", ""}
    if raw_header(mail, "X-Failed-Recipients"):
        return True
    return is_empty_path and any(_DAEMONS.match(one) for one in senders)


def _auto(mail: Message) -> str:
    return raw_header(mail, "Auto-Submitted").partition(";")[0].strip().lower()


def _is_answering(mail: Message) -> bool:
    if _auto(mail) not in {"", "no"} and not _auto(mail).startswith(_GENERATED):
        return True
    if any(raw_header(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")):
        return True
    if raw_header(mail, "Precedence").lower() == "auto_reply":
        return True
    return bool(_SUBJECTS.match(header(mail, "Subject")))


def _wants_none(mail: Message, senders: list[str]) -> bool:
    if raw_header(mail, "Precedence").lower() in _BULK:
        return True
    suppressed = raw_header(mail, "X-Auto-Response-Suppress").lower()
    if any(word in suppressed for word in ("all", "autoreply", "oof")):
        return True
    lists = ("List-Id", "List-Post", "List-Unsubscribe", "X-Loop", "Feedback-ID")
    if any(raw_header(mail, name) for name in lists):
        return True
    return not senders or any(_MACHINES.match(one) for one in senders)
