"""One piece of news to everybody who hears of it: at once, or with the day's digest.

However many they are, it is a fixed number of statements for each thousand or so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lamppost.cities.selectors import city_in_scope
from lamppost.notify.choices import Link, MessageChannel, Pace
from lamppost.notify.models import DigestItem, Recipient, Subscription
from lamppost.notify.quiet import next_loud
from lamppost.notify.services.outbox import MOST_AT_ONCE, About, Draft, queue_all
from lamppost.notify.words import Said


@dataclass(frozen=True, slots=True)
class News:
    """What one subscriber is told.

    ``once_key`` makes a second telling the first. ``is_alone``: a message of its own even to
    who gets a digest. ``at_any_hour``: in quiet hours, too. ``not_before``: at first then.
    """

    code: str
    subscription: Subscription
    language: str
    words: Said
    once_key: str
    link: Link
    case_id: int | None = None
    event_id: int | None = None
    is_alone: bool = False
    at_any_hour: bool = False
    not_before: datetime | None = None


def tell(news: Sequence[News], *, now: datetime) -> None:
    """Write down what is told, in the caller's transaction; told before changes nothing."""
    in_digest = [one for one in news if _waits_for_digest(one)]
    at_once = [one for one in news if not _waits_for_digest(one)]
    if in_digest:
        DigestItem.objects.bulk_create(
            [_item(one, now) for one in in_digest],
            batch_size=MOST_AT_ONCE,
            ignore_conflicts=True,
        )
    queue_all([_draft(one, now) for one in at_once], now=now)


def _waits_for_digest(one: News) -> bool:
    return one.subscription.recipient.pace == Pace.DAILY and not one.is_alone


def _item(one: News, now: datetime) -> DigestItem:
    return DigestItem(
        recipient=one.subscription.recipient,
        subscription=one.subscription,
        case_id=one.case_id,
        template=one.code,
        subject=one.words.subject,
        text=one.words.text,
        once_key=one.once_key,
        created_at=now,
    )


def _draft(one: News, now: datetime) -> Draft:
    recipient = one.subscription.recipient
    channel = MessageChannel(recipient.channel)
    due = one.not_before or now
    return Draft(
        channel=channel,
        address=recipient.address or str(recipient.pk),
        subject=one.words.subject,
        text=one.words.text if channel == MessageChannel.EMAIL else one.words.sms,
        language=one.language,
        once_key=one.once_key,
        not_before=due if one.at_any_hour else _loud(recipient, due),
        about=About(
            contact_id=recipient.contact_id,
            case_id=one.case_id,
            event_id=one.event_id,
            subscription_id=one.subscription.pk,
            template=one.code,
            link=one.link,
        ),
    )


def _loud(recipient: Recipient, moment: datetime) -> datetime:
    return next_loud(moment, city_in_scope().zone, recipient.quiet_from, recipient.quiet_to)
