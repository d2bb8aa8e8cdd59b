"""Who reported a case hears of it, if they said so; a repeat leads to the case it repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

from lamppost.cases.choices import LinkKind
from lamppost.cases.models import Case, CaseLink
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, OutcomeKind, Visibility
from lamppost.kernel.refusals import Invalid
from lamppost.notify.choices import MessageChannel, SubscriptionKind
from lamppost.notify.models import Recipient, Subscription
from lamppost.notify.services.subscribing import recipient_for
from lamppost.people.choices import PointKind
from lamppost.people.models import Contact, ContactPoint

# So many reports a day are told to one address: nobody floods another's mailbox with receipts.
MOST_A_DAY = 20
_SPOKEN = frozenset({Channel.SMS})


def subscribe_reporter(case: Case, *, now: datetime) -> Subscription | None:
    """Have who reported ``case`` hear of it when they asked for it; None when they did not.

    By SMS who prefers it, wrote by SMS or gave no e-mail address, else by e-mail. An address
    nobody can write to gets nothing; the report stands anyway.
    """
    if case.contact_id is None:
        return None
    contact = Contact.objects.filter(pk=case.contact_id, erased_at=None).first()
    if contact is None or not contact.may_notify:
        return None
    channel, address = _way(case, contact)
    if not address or _took_consent_back(contact, address):
        return None
    language = case.language or contact.language
    try:
        recipient = recipient_for(
            channel, address, language=language, contact_id=contact.pk, now=now
        )
    except Invalid:
        return None
    if _is_flooded(recipient, now):
        return None
    return Subscription.objects.create(
        recipient=recipient,
        kind=SubscriptionKind.CASE,
        case=case,
        is_reporter=True,
        language=language,
        created_at=now,
        confirmed_at=now,
    )


def follow_repeat(case: Case, *, now: datetime) -> None:
    """Have who follows a case closed as a repeat hear of the one it repeats, if it is public."""
    outcome = book().outcomes.get(case.outcome_id or 0)
    if outcome is None or outcome.kind is not OutcomeKind.DUPLICATE:
        return
    link = CaseLink.objects.filter(kind=LinkKind.DUPLICATE_OF, from_case=case).first()
    if link is None or link.to_case.visibility != Visibility.PUBLIC:
        return
    there = Subscription.objects.filter(
        kind=SubscriptionKind.CASE, case_id=link.to_case_id, ended_at=None
    )
    here = Subscription.objects.filter(case=case, ended_at=None, confirmed_at__isnull=False)
    Subscription.objects.bulk_create(
        [
            Subscription(
                recipient_id=row.recipient_id,
                kind=SubscriptionKind.CASE,
                case_id=link.to_case_id,
                language=row.language,
                created_at=now,
                confirmed_at=now,
                through=case,
            )
            for row in here.exclude(recipient__in=there.values("recipient_id"))
        ],
        ignore_conflicts=True,
    )


def unfollow_repeat(case: Case, *, now: datetime) -> None:
    """Undo ``follow_repeat``."""
    Subscription.objects.filter(through=case, ended_at=None).update(ended_at=now)


def _way(case: Case, contact: Contact) -> tuple[MessageChannel, str]:
    wants_sms = contact.preferred == PointKind.SMS or (
        not contact.preferred and case.channel in _SPOKEN
    )
    if contact.email and not (contact.phone and wants_sms):
        return MessageChannel.EMAIL, contact.email
    return MessageChannel.SMS, contact.phone


def _took_consent_back(contact: Contact, address: str) -> bool:
    return ContactPoint.objects.filter(
        contact=contact, value=address, withdrawn_at__isnull=False
    ).exists()


def _is_flooded(recipient: Recipient, now: datetime) -> bool:
    today = Subscription.objects.filter(
        recipient=recipient, is_reporter=True, created_at__gt=now - timedelta(days=1)
    )
    return today.count() >= MOST_A_DAY
