"""Who watches an answer hears when it says something else, in the transaction that publishes it."""

from __future__ import annotations

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import ArticleVersion
from lamppost.knowledge.services.publishing import call_on_published
from lamppost.notify.choices import Link, SubscriptionKind
from lamppost.notify.models import Subscription
from lamppost.notify.naming import city_name
from lamppost.notify.services.telling import News, tell
from lamppost.notify.words import Said, said

_CODE = "article_changed"


def register() -> None:
    """Have published versions read from now on; once per process."""
    call_on_published(tell_watchers)


def tell_watchers(version: ArticleVersion) -> None:
    """Write down one message to everybody who watches the article, in their language.

    The first version of a language changes nothing, a version for the staff is not told.
    """
    if version.n <= 1 or version.readers != Readers.PUBLIC:
        return
    found = Subscription.objects.filter(
        kind=SubscriptionKind.ARTICLE,
        article=version.article.code,
        ended_at=None,
        confirmed_at__isnull=False,
    )
    spoken = set(
        ArticleVersion.objects.filter(
            article=version.article, state=VersionState.PUBLISHED
        ).values_list("language", flat=True)
    )
    now = version.published_at or version.written_at
    by_language: dict[str, Said] = {}
    news: list[News] = []
    for subscription in found.select_related("recipient").order_by("id"):
        language = subscription.language or city_in_scope().default_language
        # Who has no translation reads the original.
        reads_it = language == version.language or (
            version.translates_id is None and language not in spoken
        )
        if not reads_it:
            continue
        if language not in by_language:
            values = {"city": city_name(language), "question": version.question}
            by_language[language] = said(_CODE, language, values)
        news.append(
            News(
                code=_CODE,
                subscription=subscription,
                language=language,
                words=by_language[language],
                once_key=f"article:{version.pk}:{subscription.recipient_id}",
                link=Link.MANAGE,
            )
        )
    tell(news, now=now)
