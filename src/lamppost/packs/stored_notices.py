"""The city's own words in messages, as the database holds them."""

from __future__ import annotations

from lamppost.notify.models import NoticeText, QuietHours
from lamppost.packs import notices_content


def stored_notices() -> tuple[notices_content.Notice, ...]:
    """Return the notices the city words itself, by code."""
    return tuple(
        notices_content.Notice(code=row.code, subject=row.subject, text=row.text, sms=row.sms)
        for row in NoticeText.objects.order_by("code")
    )


def stored_quiet_hours() -> tuple[notices_content.QuietHours, ...]:
    """Return the quiet hours the city has set, by channel."""
    return tuple(
        notices_content.QuietHours(channel=row.channel, hours=(row.quiet_from, row.quiet_to))
        for row in QuietHours.objects.order_by("channel")
    )
