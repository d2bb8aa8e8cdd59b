"""A channel that cannot be served: known, and told to somebody when it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.notify.choices import MessageChannel
from lamppost.notify.models import LineOutage
from lamppost.people.choices import NoticeKind
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission

# A mail server that restarts is nobody's business.
TELL_AFTER = timedelta(minutes=15)


def line_failed(channel: MessageChannel, reason: str, *, now: datetime) -> None:
    """Write down that ``channel`` could not be served; tell who manages it when it lasts."""
    outage, _is_new = LineOutage.objects.get_or_create(
        channel=channel,
        ended_at=None,
        defaults={"since": now, "last_failed_at": now, "reason": reason[:200]},
    )
    outage.last_failed_at, outage.reason = now, reason[:200]
    if outage.told_at is None and now - outage.since >= TELL_AFTER:
        outage.told_at = now
        _tell(outage)
    outage.save(update_fields=["last_failed_at", "reason", "told_at"])


def line_works(channel: MessageChannel, *, now: datetime) -> None:
    """Write down that ``channel`` is served."""
    LineOutage.objects.filter(channel=channel, ended_at=None).update(ended_at=now)


def _tell(outage: LineOutage) -> None:
    managing = [role for role, rights in MATRIX.items() if Permission.CHANNEL_MANAGE in rights]
    channel = MessageChannel(outage.channel)
    tell(
        staff_of(roles=managing),
        NoticeKind.PARTNER,
        subject=lambda: _("Messages are not going out: %(channel)s") % {"channel": channel.label},
        path="/desk/messages/",
        once_key=f"line-out:{channel}:{outage.pk}",
        default_language=city_in_scope().default_language,
    )
