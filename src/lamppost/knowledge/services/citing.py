"""Counting that an article was opened: how often, where and in which language, never by whom."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.database.scope import require_city_id


def opened(article_code: str, *, channel: Channel | str, language: str) -> None:
    """Count one opening of an article today, in the city's day; an unknown code is nothing.

    One statement. Callers above (an interaction that cites the article) keep their own link.
    """
    today = timezone.localdate(timezone.now(), city_in_scope().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO knowledge_articleuse (city_id, article_id, day, channel, language, opened)
            SELECT city_id, id, %(day)s, %(channel)s, %(language)s, 1
            FROM knowledge_article WHERE city_id = %(city)s AND code = %(code)s
            ON CONFLICT (city_id, day, article_id, channel, language)
            DO UPDATE SET opened = knowledge_articleuse.opened + 1
            """,
            {
                "day": today,
                "channel": str(channel),
                "language": language.lower()[:20],
                "city": require_city_id(),
                "code": article_code,
            },
        )
