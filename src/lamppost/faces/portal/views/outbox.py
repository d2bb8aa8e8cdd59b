"""A demo city's stand-in for mailboxes and phones: what was sent to people, as they read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lamppost.faces.portal.web import PortalRequest, page, private, told
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.segments import size_of
from lamppost.notify.choices import GONE, MessageChannel
from lamppost.notify.composing import composed
from lamppost.notify.models import Message

_SHOWN = 50


@never_cache
@require_safe
@told
def outbox(request: PortalRequest) -> HttpResponseBase:
    """Show the newest messages of a demo city; no other city has this page."""
    if not request.city.is_demo:
        raise NotFound(_("This page does not exist."))
    rows = (
        Message.objects.filter(state__in=GONE)
        .exclude(text="")
        .select_related("subscription__recipient", "case")
        .order_by("-sent_at", "-id")[:_SHOWN]
    )
    return private(page(request, "messages/outbox", {"rows": [_row(row) for row in rows]}))


def _row(message: Message) -> dict[str, Any]:
    out = composed(message)
    is_sms = message.channel == MessageChannel.SMS
    return {
        "channel": message.get_channel_display(),
        "to": message.address if message.channel != MessageChannel.PUSH else "",
        "subject": "" if is_sms else out.subject,
        "text": out.text,
        "url": out.url if message.channel == MessageChannel.PUSH else "",
        "language": message.language,
        "parts": size_of(out.text).segments if is_sms else 0,
        "at": message.sent_at,
    }
