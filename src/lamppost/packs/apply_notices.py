"""The city's own words in messages to people."""

from __future__ import annotations

from lamppost.notify.models import NoticeText
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync


def apply_notices(pack: Pack, sync: Sync) -> None:
    """Carry over the city's words; what it words no longer is said in those shipped."""
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
