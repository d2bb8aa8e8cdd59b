"""The wording, hours, languages and keywords of the SMS and voice lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamppost.contacts.models import Keyword, PhoneLine, SpokenLanguage
from lamppost.packs import channel_content
from lamppost.packs.content import Pack
from lamppost.packs.sync import Sync

_ONE = "line"


def apply_channels(pack: Pack, sync: Sync, calendars: Mapping[str, Any]) -> None:
    """Carry over the line, the languages callers choose from, and the keywords."""
    line = pack.phone_line or channel_content.PhoneLine()
    row = PhoneLine.objects.first()
    sync.rows(
        "line",
        PhoneLine,
        {_ONE: row} if row else {},
        {
            _ONE: {
                "welcome": dict(line.welcome),
                "sms_welcome": dict(line.sms_welcome),
                "closed": dict(line.closed),
                "music": line.music,
                "calendar_id": calendars[line.calendar].pk if line.calendar else None,
            }
        },
    )
    sync.rows(
        "spoken language",
        SpokenLanguage,
        {row.code: row for row in SpokenLanguage.objects.all()},
        {
            row.code: {"code": row.code, "tag": row.tag, "voice": row.voice, "order": order}
            for order, row in enumerate(pack.spoken_languages, start=1)
        },
    )
    sync.rows(
        "keyword",
        Keyword,
        {row.code: row for row in Keyword.objects.all()},
        {
            row.code: {
                "code": row.code,
                "words": dict(row.words),
                "text": dict(row.text),
                "article": row.article,
                "order": order,
                "is_active": True,
            }
            for order, row in enumerate(pack.keywords, start=1)
        },
    )
