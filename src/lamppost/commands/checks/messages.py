"""Messages to residents: do they go out, and did any come to nothing lately?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from lamppost.cities.models import City
from lamppost.commands.checks import Finding, failure, fine, warning
from lamppost.database.scope import city_scope
from lamppost.notify.choices import UNSENT, MessageState
from lamppost.notify.models import Message
from lamppost.notify.selectors.log import LineState, lines

# A receiver may ask to come back in half an hour; nobody waits for news longer than this.
_LATE = timedelta(hours=1)
_LATELY = timedelta(days=1)


def outgoing_messages() -> Iterator[Finding]:
    """Look at what waits in every city by each channel, and at what failed for good."""
    for city in City.objects.filter(is_sandbox=False).order_by("slug"):
        with city_scope(city.pk):
            found = [one for line in lines() for one in _late(city, line)]
            found += _failed(city)
            waiting = Message.objects.filter(state__in=UNSENT).count()
        yield from found or [fine("messages", f"{city.slug}: {waiting} wait")]


def _late(city: City, line: LineState) -> Iterator[Finding]:
    late = Message.objects.filter(
        channel=line.channel, state__in=UNSENT, not_before__lt=timezone.now() - _LATE
    ).aggregate(number=Count("id"), first=Min("not_before"))
    if not late["number"]:
        return
    mend = "Is the worker running? /desk/messages/ says what the receiver answers."
    if not line.is_on and not city.is_demo:
        mend = (
            "The city has no way to send them: set LAMPPOST_SMTP_URL for mail, or enter the "
            "account for SMS at /desk/gateways/."
        )
    yield failure(
        "messages",
        f"{city.slug}: {late['number']} by {line.channel} wait since {late['first']:%c} UTC",
        mend,
    )


def _failed(city: City) -> Iterator[Finding]:
    since = timezone.now() - _LATELY
    number = Message.objects.filter(state=MessageState.FAILED, failed_at__gt=since).count()
    if number:
        yield warning(
            "messages",
            f"{city.slug}: {number} failed for good in the last day",
            "Look at /desk/messages/?state=failed, where they can be sent again.",
        )


CHECKS = (outgoing_messages,)
