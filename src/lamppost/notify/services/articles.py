"""Who watches an answer hears when it says something else, in the transaction that publishes it."""

from __future__ import annotations

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import ArticleVersion
from lamppost.knowledge.services.publishing import call_on_published
from lamppost.notify.choices import Link, MessageChannel, Pace, SubscriptionKind
from lamppost.notify.models import DigestItem, Subscription
from lamppost.notify.naming import city_name
from lamppost.notify.quiet import next_loud
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.words import said

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
    for subscription in found.select_related("recipient").order_by("id"):
        language = subscription.language or city_in_scope().default_language
        # Who has no translation reads the original.
        reads_it = language == version.language or (
            version.translates_id is None and language not in spoken
        )
        if reads_it:
            _say(subscription, version, language)


def _say(subscription: Subscription, version: ArticleVersion, language: str) -> None:
    recipient = subscription.recipient
    values = {"city": city_name(language), "question": version.question}
    words = said(_CODE, language, values)
    key = f"article:{version.pk}:{recipient.pk}"
    now = version.published_at or version.written_at
    if recipient.pace == Pace.DAILY:
        DigestItem.objects.get_or_create(
            recipient=recipient,
            once_key=key,
            defaults={
                "subscription": subscription,
                "template": _CODE,
                "subject": words.subject,
                "text": words.text,
                "created_at": now,
            },
        )
        return
    queue(
        channel=MessageChannel(recipient.channel),
        address=recipient.address or str(recipient.pk),
        subject=words.subject,
        text=words.text if recipient.channel == MessageChannel.EMAIL else words.sms,
        language=language,
        once_key=key,
        not_before=next_loud(now, city_in_scope().zone, recipient.quiet_from, recipient.quiet_to),
        about=About(
            contact_id=recipient.contact_id,
            subscription_id=subscription.pk,
            template=_CODE,
            link=Link.MANAGE,
        ),
        now=now,
    )
