"""From what happens to a case to what people are told of it, in the same transaction.

Registered in ``notify.apps`` as a reader of the case's events, so no change is without its
messages and no message without its change. Bulk imports write no such events and say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
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
from lamppost.notify.choices import GONE, Link, MessageState, SubscriptionKind
from lamppost.notify.models import Message, Subscription
from lamppost.notify.services.reporters import follow_repeat, subscribe_reporter, unfollow_repeat
from lamppost.notify.services.telling import News, tell
from lamppost.notify.values import values_of
from lamppost.notify.which import SPEAKING, Fact, asks_afterwards, case_notice, wide_notice
from lamppost.notify.words import Said, said
from lamppost.people.actors import Actor

# The question whether it is fixed: the next day, when people are up.
_SURVEY, _SURVEY_AT = "case_survey", time(10)
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
    if event.kind == EventKind.RECEIVED:
        # Nobody else can follow what was not there.
        reporter = subscribe_reporter(case, now=event.recorded_at)
        following = [reporter] if reporter else []
    else:
        following = _of_case(case, event) if own is not None else []
    about, news, told = _About(case, event), [], set[int]()
    if own is not None:
        news += [about.news(own, subscription) for subscription in following]
        told = {subscription.recipient_id for subscription in following}
    if wide is not None and case.visibility == Visibility.PUBLIC:
        for subscription in _watching(case, event):
            if subscription.recipient_id not in told:
                news.append(about.news(wide, subscription))
                told.add(subscription.recipient_id)
    tell(news, now=event.recorded_at)
    if event.kind == EventKind.CLOSED:
        _on_closed(case, event)


def on_unlinked(case: Case, event: CaseEvent, _actor: Actor) -> None:
    """What was thought a repeat is its own again: nobody hears of the other one through it."""
    unfollow_repeat(case, now=event.recorded_at)


class _About:
    """An event of a case, worded once for each language it is told in."""

    def __init__(self, case: Case, event: CaseEvent) -> None:
        self.case, self.event = case, event
        self._said: dict[tuple[str, str], Said] = {}

    def news(self, code: str, subscription: Subscription) -> News:
        """Return the notice ``code`` to one subscriber."""
        language = subscription.language or subscription.recipient.language
        return News(
            code=code,
            subscription=subscription,
            language=language,
            words=self._words(code, language),
            once_key=f"event:{self.event.pk}:{subscription.recipient_id}",
            link=Link.CASE,
            case_id=self.case.pk,
            event_id=self.event.pk,
            is_alone=code in _AT_ONCE,
            at_any_hour=code in _AT_ONCE,
        )

    def survey(self, subscription: Subscription) -> News:
        """Return the question whether it is fixed, for tomorrow."""
        zone = city_in_scope().zone
        tomorrow = self.event.recorded_at.astimezone(zone).date() + timedelta(days=1)
        return replace(
            self.news(_SURVEY, subscription),
            once_key=f"survey:{self.event.pk}:{subscription.recipient_id}",
            link=Link.SURVEY,
            is_alone=True,
            not_before=datetime.combine(tomorrow, _SURVEY_AT, zone),
        )

    def _words(self, code: str, language: str) -> Said:
        known = self._said.get((code, language))
        if known is None:
            known = said(code, language, values_of(self.case, self.event, language))
            self._said[code, language] = known
        return known


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


def _on_closed(case: Case, event: CaseEvent) -> None:
    follow_repeat(case, now=event.recorded_at)
    outcome = book().outcomes.get(event.outcome_id or 0)
    if outcome is None or not asks_afterwards(outcome.kind):
        return
    about = _About(case, event)
    asking = _not_asked([one for one in _of_case(case, event) if one.is_reporter])
    tell([about.survey(one) for one in asking], now=event.recorded_at)


def _not_asked(subscriptions: list[Subscription]) -> list[Subscription]:
    """Once for a case: who was asked is not asked again when it closes a second time."""
    if not subscriptions:
        return []
    asked = set(
        Message.objects.filter(
            subscription__in=subscriptions,
            template=_SURVEY,
            state__in=[*GONE, MessageState.SENDING],
        ).values_list("subscription_id", flat=True)
    )
    return [one for one in subscriptions if one.pk not in asked]
