"""The city's own words in messages to people."""

from __future__ import annotations

from lamppost.notify.models import NoticeText, QuietHours
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync


def apply_notices(pack: Pack, sync: Sync) -> None:
    """Carry over the city's words and quiet hours; what it says no longer is as shipped.

    Quiet hours are of who is written to for the first time: nobody's own choice is changed.
    """
    sync.rows(
        "quiet hours",
        QuietHours,
        {row.channel: row for row in QuietHours.objects.all()},
        {
            row.channel: {
                "channel": row.channel,
                "quiet_from": row.hours[0],
                "quiet_to": row.hours[1],
            }
            for row in pack.quiet_hours
        },
    )
    sync.rows(
        "notice",
        NoticeText,
        {row.code: row for row in NoticeText.objects.all()},
        {
            row.code: {
                "code": row.code,
                "subject": dict(row.subject),
                "text": dict(row.text),
                "sms": dict(row.sms),
            }
            for row in pack.notices
        },
    )
