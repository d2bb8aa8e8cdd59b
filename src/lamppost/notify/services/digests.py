"""Once a day, at the hour a person chose: one message with everything that is new, or none."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.formats import date_format

from lamppost.catalog.choices import Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.notify.choices import Link, MessageChannel
from lamppost.notify.models import DigestItem, Message, Recipient
from lamppost.notify.naming import city_name
from lamppost.notify.quiet import digest_day
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.words import said

_TEMPLATE = "digest"
# A mail holds this many; an SMS is not a newspaper.
_MOST = {MessageChannel.EMAIL: 100, MessageChannel.SMS: 3, MessageChannel.PUSH: 3}


def write_digests(*, now: datetime) -> int:
    """Write the digests of the city in scope that are due; return how many.

    One for a person and local day, however often this runs and whatever dies in between: the
    message and what it holds change in one transaction, and the day is part of its key.
    """
    zone = city_in_scope().zone
    written = 0
    # Who had theirs today is not looked at again for what has come since.
    known = _keys_of_today(now, zone)
    for recipient in _with_news():
        day = digest_day(now, zone, recipient.digest_at)
        if day is not None and _key(recipient.pk, day) not in known:
            written += _write(recipient.pk, day, now)
    return written


def _key(recipient_id: int, day: date) -> str:
    return f"digest:{recipient_id}:{day.isoformat()}"


def _keys_of_today(now: datetime, zone: ZoneInfo) -> set[str]:
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    rows = Message.objects.filter(created_at__gte=midnight, template=_TEMPLATE)
    return set(rows.values_list("once_key", flat=True))


def _with_news() -> QuerySet[Recipient]:
    theirs = _open().filter(recipient=OuterRef("pk"))
    return Recipient.objects.filter(Exists(theirs)).order_by("id")


def _open() -> QuerySet[DigestItem]:
    return DigestItem.objects.filter(message=None, dropped_at=None)


def _write(recipient_id: int, day: date, now: datetime) -> bool:
    with transaction.atomic():
        recipient = (
            Recipient.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=recipient_id)
            .first()
        )
        key = _key(recipient_id, day)
        if recipient is None or Message.objects.filter(once_key=key).exists():
            return False
        items = list(
            _open()
            .filter(recipient=recipient)
            .select_related("subscription", "case")
            .order_by("id")
        )
        gone = [item.pk for item in items if not _still_true(item)]
        DigestItem.objects.filter(pk__in=gone).update(dropped_at=now)
        items = [item for item in items if item.pk not in gone]
        if not items:
            return False
        message = _message(recipient, items, day, key, now)
        DigestItem.objects.filter(pk__in=[item.pk for item in items]).update(message=message)
        return True


def _still_true(item: DigestItem) -> bool:
    """What has been hidden since, or is no longer wanted, is not told."""
    subscription, case = item.subscription, item.case
    if subscription is None or subscription.ended_at is not None:
        return False
    return case is None or case.visibility == Visibility.PUBLIC or subscription.is_reporter


def _message(
    recipient: Recipient, items: list[DigestItem], day: date, key: str, now: datetime
) -> Message:
    language = recipient.language
    channel = MessageChannel(recipient.channel)
    with translation.override(language or city_in_scope().default_language):
        shown_day = date_format(day, "DATE_FORMAT")
    values = {"city": city_name(language), "day": shown_day, "items": _list(items, channel)}
    words = said(_TEMPLATE, language, values)
    subscription = items[-1].subscription
    return queue(
        channel=channel,
        address=recipient.address or str(recipient.pk),
        subject=words.subject,
        text=words.text if channel is MessageChannel.EMAIL else words.sms,
        language=language,
        once_key=key,
        about=About(
            contact_id=recipient.contact_id,
            subscription_id=subscription.pk if subscription else None,
            template=_TEMPLATE,
            link=Link.MANAGE,
        ),
        now=now,
    )


def _list(items: list[DigestItem], channel: MessageChannel) -> str:
    most = _MOST[channel]
    if channel is not MessageChannel.EMAIL:
        lines = [item.subject for item in items[:most]]
        return "\n".join(lines + ([f"+{len(items) - most}"] if len(items) > most else []))
    parts = [f"* {item.subject}\n{item.text}".strip() for item in items[:most]]
    if len(items) > most:
        parts.append(f"+{len(items) - most}")
    return "\n\n".join(parts)
