"""The SMS and voice lines of a city, as the database holds them."""

from __future__ import annotations

from lamppost.contacts.models import Keyword, PhoneLine, SpokenLanguage
from lamppost.packs import channel_content


def stored_phone_line() -> channel_content.PhoneLine:
    """Return wording and hours; empty ones where nothing was applied."""
    row = PhoneLine.objects.select_related("calendar").first()
    if row is None:
        return channel_content.PhoneLine()
    return channel_content.PhoneLine(
        welcome=row.welcome,
        sms_welcome=row.sms_welcome,
        closed=row.closed,
        music=row.music,
        calendar=row.calendar.code if row.calendar else "",
    )


def stored_spoken_languages() -> tuple[channel_content.SpokenLanguage, ...]:
    """Return the languages callers choose from, in the order of their keys."""
    return tuple(
        channel_content.SpokenLanguage(code=row.code, tag=row.tag, voice=row.voice)
        for row in SpokenLanguage.objects.order_by("order")
    )


def stored_keywords() -> tuple[channel_content.Keyword, ...]:
    """Return the keywords in order; what was retired is left out."""
    return tuple(
        channel_content.Keyword(code=row.code, words=row.words, text=row.text, article=row.article)
        for row in Keyword.objects.filter(is_active=True).order_by("order", "code")
    )
