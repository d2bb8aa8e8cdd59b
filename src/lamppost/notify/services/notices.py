"""From what happens to a case to what people are told of it, in the same transaction.

Registered in ``notify.apps`` as a reader of the case's events, so no change is without its
messages and no message without its change. Bulk imports write no such events and say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import connection

from lamppost.cases.choices import ActorKind, EventAudience, EventKind, RedressSource
from lamppost.cases.models import Case, CaseEvent, Redress
from lamppost.cases.services.events import call_on
from lamppost.cases.services.opening import ask
from lamppost.catalog.book import book
from lamppost.catalog.choices import State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.database.scope import require_city_id
from lamppost.notify.choices import GONE, Link, MessageChannel, MessageState, Pace, SubscriptionKind
from lamppost.notify.models import DigestItem, Message, Recipient, Subscription
from lamppost.notify.quiet import next_loud
from lamppost.notify.services.outbox import About, queue
from lamppost.notify.services.reporters import follow_repeat, subscribe_reporter, unfollow_repeat
from lamppost.notify.values import values_of
from lamppost.notify.which import SPEAKING, Fact, asks_afterwards, case_notice, wide_notice
from lamppost.notify.words import said
from lamppost.people.actors import Actor

# The question whether it is fixed: the next day, when people are up.
_SURVEY_AT = time(10)
# Its own message at once, whatever the hour: the person has just written to us.
_AT_ONCE = frozenset({"case_received"})

# Asked of every new case, in the statement that opens it, and nearly always in vain: put together
# anew, the same question takes ten times as long as its answer.
_WATCHERS = """
SELECT s.id FROM notify_subscription s
WHERE s.city_id = %(city_id)s AND s.case_id IS NULL
  AND s.ended_at IS NULL AND s.confirmed_at IS NOT NULL
  AND (s.kind = 'service' AND s.service_id = %(service_id)s
    OR s.kind = 'area' AND (s.service_id IS NULL OR s.service_id = %(service_id)s)
      AND s.area_id IN (SELECT area_id FROM within WHERE NOT is_doubtful))
"""
_WITHIN = """
WITH within AS (SELECT area_id, is_doubtful FROM cases_casearea WHERE case_id = %(case)s)
"""


def register() -> None:
    """Have the events of cases read from now on; once per process."""
    for kind in SPEAKING:
        call_on(kind, tell_people)
    ask("watchers", _WATCHERS)
    call_on(EventKind.UNLINKED, on_unlinked)


def tell_people(case: Case, event: CaseEvent, _actor: Actor) -> None:
    """Write down what this event says to whom: one message each, whatever they subscribed to."""
    fact = _fact(event)
    own, wide = case_notice(fact), wide_notice(fact)
    told: set[int] = set()
    if event.kind == EventKind.RECEIVED:
        # Nobody else can follow what was not there.
        reporter = subscribe_reporter(case, now=event.recorded_at)
        following = [reporter] if reporter else []
    else:
        following = _of_case(case, event) if own is not None else []
    if own is not None:
        for subscription in following:
            _say(_Saying(own, subscription, case, event))
            told.add(subscription.recipient_id)
    if wide is not None and case.visibility == Visibility.PUBLIC:
        for subscription in _watching(case, event):
            if subscription.recipient_id not in told:
                _say(_Saying(wide, subscription, case, event))
                told.add(subscription.recipient_id)
    if event.kind == EventKind.CLOSED:
        _on_closed(case, event)


def on_unlinked(case: Case, event: CaseEvent, _actor: Actor) -> None:
    """What was thought a repeat is its own again: nobody hears of the other one through it."""
    unfollow_repeat(case, now=event.recorded_at)


@dataclass(frozen=True, slots=True)
class _Saying:
    """One notice to one subscriber."""

    code: str
    subscription: Subscription
    case: Case
    event: CaseEvent

    @property
    def recipient(self) -> Recipient:
        return self.subscription.recipient


def _fact(event: CaseEvent) -> Fact:
    before = book().statuses.get(event.data.get("from") or 0)
    is_move = event.kind == EventKind.MOVED
    return Fact(
        kind=EventKind(event.kind),
        is_public=event.audience == EventAudience.PUBLIC,
        state=State(event.state),
        before=before.state if before and is_move else None,
        has_words=bool(event.text_digest),
        change=str(event.data.get("change", "")),
        clock=str(event.data.get("kind", "")) if event.kind == EventKind.CLOCK else "",
    )


def _of_case(case: Case, event: CaseEvent) -> list[Subscription]:
    """Who follows the case, is allowed to see it, and has not just done this themselves."""
    found = Subscription.objects.filter(
        case=case, kind=SubscriptionKind.CASE, ended_at=None, confirmed_at__isnull=False
    )
    if case.visibility != Visibility.PUBLIC:
        found = found.filter(is_reporter=True)
    if _is_reporters_own(event):
        found = found.filter(is_reporter=False)
    return list(found.select_related("recipient").order_by("id"))


def _is_reporters_own(event: CaseEvent) -> bool:
    if event.kind != EventKind.REOPENED or event.actor != ActorKind.RESIDENT:
        return False
    if event.data.get("answer"):
        return True
    redress = event.data.get("redress")
    return (
        bool(redress) and Redress.objects.filter(pk=redress, source=RedressSource.REPORTER).exists()
    )


def _watching(case: Case, event: CaseEvent) -> Iterable[Subscription]:
    """Who watches an area the case lies in, or its kind of request."""
    ids = event.asked.get("watchers")
    if ids is None:
        with connection.cursor() as cursor:
            cursor.execute(_WITHIN + _WATCHERS, {
                "city_id": require_city_id(), "case": case.pk, "service_id": case.service_id,
            })  # fmt: skip
            ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return ()
    return list(Subscription.objects.filter(pk__in=ids).select_related("recipient").order_by("id"))


def _say(saying: _Saying) -> None:
    recipient, subscription = saying.recipient, saying.subscription
    language = subscription.language or recipient.language
    words = said(saying.code, language, values_of(saying.case, saying.event, language))
    key = f"event:{saying.event.pk}:{recipient.pk}"
    now = saying.event.recorded_at
    if recipient.pace == Pace.DAILY and saying.code not in _AT_ONCE:
        DigestItem.objects.get_or_create(
            recipient=recipient,
            once_key=key,
            defaults={
                "subscription": subscription,
                "case": saying.case,
                "template": saying.code,
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
        not_before=now if saying.code in _AT_ONCE else _loud(recipient, now),
        about=_about(saying, Link.CASE),
        now=now,
    )


def _about(saying: _Saying, link: Link) -> About:
    return About(
        contact_id=saying.recipient.contact_id,
        case_id=saying.case.pk,
        event_id=saying.event.pk,
        subscription_id=saying.subscription.pk,
        template=saying.code,
        link=link,
    )


def _loud(recipient: Recipient, now: datetime) -> datetime:
    return next_loud(now, city_in_scope().zone, recipient.quiet_from, recipient.quiet_to)


def _on_closed(case: Case, event: CaseEvent) -> None:
    follow_repeat(case, now=event.recorded_at)
    outcome = book().outcomes.get(event.outcome_id or 0)
    if outcome is None or not asks_afterwards(outcome.kind):
        return
    for subscription in _of_case(case, event):
        if subscription.is_reporter:
            _ask_afterwards(_Saying("case_survey", subscription, case, event))


def _ask_afterwards(saying: _Saying) -> None:
    """Once for a case: who was asked is not asked again when it closes a second time."""
    recipient = saying.recipient
    asked = Message.objects.filter(
        case=saying.case,
        subscription=saying.subscription,
        template=saying.code,
        state__in=[*GONE, MessageState.SENDING],
    )
    if asked.exists():
        return
    language = saying.subscription.language or recipient.language
    words = said(saying.code, language, values_of(saying.case, saying.event, language))
    now = saying.event.recorded_at
    zone = city_in_scope().zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    queue(
        channel=MessageChannel(recipient.channel),
        address=recipient.address or str(recipient.pk),
        subject=words.subject,
        text=words.text if recipient.channel == MessageChannel.EMAIL else words.sms,
        language=language,
        once_key=f"survey:{saying.event.pk}:{recipient.pk}",
        not_before=_loud(recipient, datetime.combine(tomorrow, _SURVEY_AT, zone)),
        about=_about(saying, Link.SURVEY),
        now=now,
    )
