"""Mail of ours that came back: which message it was, and whether its address is dead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import Message as Tree

from lamppost.mailbox.addresses import About, Named
from lamppost.mailbox.reading.reports import Report, report_of
from lamppost.notify.choices import MessageChannel
from lamppost.notify.models import Message
from lamppost.notify.services.bounces import bounced

# `bounced` looks at the key only; our own domain may have changed since.
_ANY = "city"


def take_report(tree: Tree, *, named: Named, now: datetime) -> Message | None:
    """Write down what a report says of a message of ours; return it, or None if it is none.

    The message is named by the plus-address the report came to (with its token) or by the id of
    the mail that came back, which only who had the mail knows. News of mere delays, and of
    deliveries, changes nothing.
    """
    report = report_of(tree)
    message = _about(report, named)
    if message is None or message.channel != MessageChannel.EMAIL:
        return None
    if report.is_failure or report.is_complaint:
        bounced(
            message_id=f"<{message.key}@{_ANY}>",
            is_hard=report.is_dead,
            is_complaint=report.is_complaint,
            reason=_reason(report),
            now=now,
        )
    return message


def _about(report: Report, named: Named) -> Message | None:
    if named.about is About.MESSAGE and named.name.isdigit():
        return Message.objects.filter(pk=int(named.name)).first()
    return sent_as(report.about)


def sent_as(message_id: str) -> Message | None:
    """Return the message of ours whose mail had this id, or None."""
    return next(iter(sent_among([message_id])), None)


def sent_among(message_ids: Sequence[str]) -> list[Message]:
    """Return the messages of ours whose mails had these ids, in their order; one query at most."""
    keys = [one.partition("@")[0] for one in message_ids]
    keys = [key for key in dict.fromkeys(keys) if 10 <= len(key) <= 40]
    if not keys:
        return []
    found = {row.key: row for row in Message.objects.filter(key__in=keys).select_related("case")}
    return [found[key] for key in keys if key in found]


def _reason(report: Report) -> str:
    return f"it came back: {report.status}" if report.status else "it came back"
