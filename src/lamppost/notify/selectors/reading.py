"""What the holder of a link in a message is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.public_case import Reader
from lamppost.catalog.choices import Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import NotFound
from lamppost.notify.choices import MessageChannel
from lamppost.notify.links import Purpose, subscription_of
from lamppost.notify.models import Recipient, Subscription
from lamppost.notify.naming import title_of
from lamppost.notify.senders import sender_of
from lamppost.notify.services.stops import stopped


@dataclass(frozen=True, slots=True)
class Followed:
    """One line of what somebody hears about."""

    subscription: Subscription
    title: str
    is_reporter: bool


def held_subscription(token: str, purpose: Purpose) -> Subscription:
    """Return the subscription a link was made for. Raises ``NotFound`` for any other link."""
    found = subscription_of(token, purpose)
    if found is None:
        raise NotFound(_("This link does not lead anywhere any more."))
    return found


def case_for_link(number: str, token: str) -> tuple[Case, Reader] | None:
    """Return the case of a message's link and what its holder is to it, or None.

    As with the secret links of cases: what has been hidden from the public is hidden from
    followers, not from who reported it.
    """
    found = subscription_of(token, Purpose.CASE)
    if found is None or found.case is None or found.case.number != number:
        return None
    if found.is_reporter:
        return found.case, Reader(is_reporter=True)
    if found.case.visibility == Visibility.PRIVATE or found.ended_at is not None:
        return None
    return found.case, Reader(is_follower=True)


def followed(recipient: Recipient, language: str) -> list[Followed]:
    """Return what ``recipient`` hears about now, newest first."""
    rows = (
        Subscription.objects.filter(recipient=recipient, ended_at=None, confirmed_at__isnull=False)
        .select_related("case", "area", "service")
        .defer("area__boundary")
        .order_by("-id")[:200]
    )
    return [Followed(row, title_of(row, language), row.is_reporter) for row in rows]


def is_stopped(recipient: Recipient) -> bool:
    """Return whether nothing goes to this address at all."""
    address = recipient.address or str(recipient.pk)
    return stopped(recipient.channel, address) is not None


def is_offered(channel: MessageChannel) -> bool:
    """Return whether the city can write by ``channel``; mail is always offered."""
    if channel is MessageChannel.EMAIL or city_in_scope().is_demo:
        return True
    sender = sender_of(channel)
    return sender is not None and sender.is_on()
