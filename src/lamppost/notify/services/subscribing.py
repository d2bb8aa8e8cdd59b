"""Who hears about what: asked for, confirmed, changed, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.catalog.choices import Visibility
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.notify.addresses import normalized
from lamppost.notify.choices import Link, MessageChannel, Pace, SubscriptionKind
from lamppost.notify.models import PushDevice, Recipient, Subscription
from lamppost.notify.naming import name_of
from lamppost.notify.selectors.quiet_hours import quiet_hours
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.words import said

# Asked once, an address that does not answer is not asked again for this long.
ASK_AGAIN = timedelta(hours=24)
# So many questions a day to one address nobody has proven, whoever asks.
_MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """What a subscription is about: exactly what its kind needs is set."""

    kind: SubscriptionKind
    case_id: int | None = None
    area_id: int | None = None
    service_id: int | None = None
    article: str = ""


def subscribe(
    *,
    target: Target,
    channel: MessageChannel,
    address: str = "",
    device: PushDevice | None = None,
    language: str = "",
    now: datetime | None = None,
) -> Subscription:
    """Ask for messages about ``target``; return the subscription, not yet in force.

    A push device has proven itself by being there and is in force at once. Any other address
    first gets a question whose link confirms, and nothing else until then. Asking again for
    what there is returns it. Raises ``Invalid`` for an address that is none, ``NotFound`` for
    a case the public does not see, ``Conflict`` when an address is asked too often.
    """
    now = now or timezone.now()
    _check_target(target)
    language = language or get_language() or ""
    with transaction.atomic():
        recipient = recipient_for(channel, address, device=device, language=language, now=now)
        # Asked for twice at once, it is one, and asked about once.
        Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
        found = _current(recipient, target)
        if found is None:
            found = Subscription.objects.create(
                recipient=recipient,
                language=language,
                created_at=now,
                confirmed_at=now if device is not None else None,
                **_columns(target),
            )
        if found.confirmed_at is None:
            _ask(found, now)
        return found


def confirm(*, subscription: Subscription, now: datetime | None = None) -> Subscription:
    """Put a subscription in force whose link was opened; the face has proved the link."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(subscription)
        if row.ended_at is not None:
            raise Conflict(_("These messages were stopped. Ask for them again if you want them."))
        if row.confirmed_at is None:
            row.confirmed_at = now
            row.save(update_fields=["confirmed_at"])
        Recipient.objects.filter(pk=row.recipient_id, proven_at=None).update(proven_at=now)
        return row


def end(*, subscription: Subscription, now: datetime | None = None) -> None:
    """End one subscription; again changes nothing."""
    Subscription.objects.filter(pk=subscription.pk, ended_at=None).update(
        ended_at=now or timezone.now()
    )


def end_all(*, recipient: Recipient, now: datetime | None = None) -> int:
    """End every subscription of a recipient; return how many there were."""
    current = Subscription.objects.filter(recipient=recipient, ended_at=None)
    return current.update(ended_at=now or timezone.now())


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants to hear. Times are the city's; quiet hours both or neither."""

    language: str
    pace: Pace
    digest_at: time
    quiet_from: time | None
    quiet_to: time | None


def choose(*, recipient: Recipient, wishes: Wishes) -> Recipient:
    """Keep what the holder of the address chose, for all their subscriptions.

    Raises ``Invalid`` when only one end of the quiet hours is given.
    """
    if (wishes.quiet_from is None) != (wishes.quiet_to is None):
        raise Invalid(_("Give both ends of the quiet hours, or none."), field="quiet_to")
    with transaction.atomic():
        row = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
        row.language, row.pace, row.digest_at = wishes.language, wishes.pace, wishes.digest_at
        row.quiet_from, row.quiet_to = wishes.quiet_from, wishes.quiet_to
        row.save()
        Subscription.objects.filter(recipient=row, ended_at=None).update(language=wishes.language)
        return row


def recipient_for(
    channel: MessageChannel,
    address: str,
    *,
    device: PushDevice | None = None,
    language: str = "",
    contact_id: int | None = None,
    now: datetime,
) -> Recipient:
    """Return the recipient at this address, made when new. Raises ``Invalid`` for a wrong one."""
    # A message at night is read in the morning anyway; who wants it otherwise says so.
    quiet_from, quiet_to = quiet_hours(channel) or (None, None)
    fresh = {
        "language": language,
        "contact_id": contact_id,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "created_at": now,
    }
    if device is not None:
        fresh["proven_at"] = now
        row, _is_new = Recipient.objects.get_or_create(
            channel=channel, device=device, defaults=fresh
        )
        return row
    address = normalized(channel, address)
    _check_address(channel, address)
    row, _is_new = Recipient.objects.get_or_create(channel=channel, address=address, defaults=fresh)
    return row


def _check_address(channel: MessageChannel, address: str) -> None:
    if channel is MessageChannel.EMAIL:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="email") from error
    elif not (address.startswith("+") and address[1:].isdigit()):
        raise Invalid(_("This is not a phone number we can write to."), field="phone")


def _check_target(target: Target) -> None:
    if target.case_id is None:
        return
    seen = Case.objects.filter(pk=target.case_id, visibility=Visibility.PUBLIC).exists()
    if not seen:
        raise NotFound(_("This case does not exist here."))


def _columns(target: Target) -> dict[str, object]:
    return {
        "kind": target.kind,
        "case_id": target.case_id,
        "area_id": target.area_id,
        "service_id": target.service_id,
        "article": target.article,
    }


def _current(recipient: Recipient, target: Target) -> Subscription | None:
    found = Subscription.objects.filter(recipient=recipient, ended_at=None, **_columns(target))
    return found.first()


def _locked(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)


def _ask(subscription: Subscription, now: datetime) -> None:
    """The question whether it is really them: at most once a day for each thing."""
    recipient = subscription.recipient
    asked = recipient.subscriptions.filter(
        messages__template="confirm", messages__created_at__gt=now - ASK_AGAIN
    )
    if asked.filter(pk=subscription.pk).exists():
        return
    if asked.count() >= _MOST_QUESTIONS:
        raise Conflict(_("This address was asked too often today. Please try again tomorrow."))
    language = subscription.language
    words = said("confirm", language, name_of(subscription, language))
    queue(
        channel=MessageChannel(recipient.channel),
        address=recipient.address,
        subject=words.subject,
        text=words.sms if recipient.channel == MessageChannel.SMS else words.text,
        language=language,
        once_key=f"confirm:{subscription.pk}:{now.date()}",
        about=About(
            subscription_id=subscription.pk,
            case_id=subscription.case_id,
            template="confirm",
            link=Link.CONFIRM,
        ),
        now=now,
    )
