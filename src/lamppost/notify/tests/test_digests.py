"""Once a day, one message, never empty, whatever dies; and quiet hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.cases.services.lifecycle import close, move
from lamppost.catalog.choices import Visibility
from lamppost.cities.models import City
from lamppost.notify.choices import MessageChannel, Pace, SubscriptionKind
from lamppost.notify.models import DigestItem, Message, NoticeText, Recipient
from lamppost.notify.services.digests import write_digests
from lamppost.notify.services.subscribing import Target, confirm, end, subscribe
from lamppost.notify.words import said
from lamppost.people.actors import SYSTEM

pytestmark = pytest.mark.django_db
FileCase = Callable[..., Case]
EMAIL = MessageChannel.EMAIL


def tomorrow(city: City, hour: int) -> datetime:
    day = timezone.now().astimezone(city.zone).date() + timedelta(days=1)
    return datetime.combine(day, time(hour), city.zone)


def daily(case: Case, address: str = "fan@home.example", **changes: Any) -> Recipient:
    target = Target(kind=SubscriptionKind.CASE, case_id=case.pk)
    row = confirm(subscription=subscribe(target=target, channel=EMAIL, address=address))
    Recipient.objects.filter(pk=row.recipient_id).update(pace=Pace.DAILY, **changes)
    Message.objects.all().delete()
    return Recipient.objects.get(pk=row.recipient_id)


def test_one_digest_a_day_with_everything_and_none_when_nothing_is_new(
    city: City, file_case: FileCase
) -> None:
    first, second = file_case(), file_case()
    daily(first)
    daily(second)
    daily(second, address="idle@home.example")
    for case in (first, second):
        close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    DigestItem.objects.filter(recipient__address="idle@home.example").delete()
    assert write_digests(now=tomorrow(city, 6)) == 0
    assert write_digests(now=tomorrow(city, 7)) == 1
    assert write_digests(now=tomorrow(city, 8)) == 0
    digest = Message.objects.get()
    assert digest.address == "fan@home.example"
    assert first.number in digest.text
    assert second.number in digest.text
    assert write_digests(now=tomorrow(city, 7) + timedelta(days=1)) == 0, "nothing is new"


def test_what_comes_after_todays_digest_waits_for_tomorrows(
    city: City, file_case: FileCase
) -> None:
    case = file_case()
    daily(case)
    move(case_id=case.pk, status_code="in-progress", actor=SYSTEM)
    assert write_digests(now=tomorrow(city, 7)) == 1
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    assert write_digests(now=tomorrow(city, 20)) == 0
    assert write_digests(now=tomorrow(city, 7) + timedelta(days=1)) == 1


def test_who_had_theirs_costs_nothing_more_that_day(
    city: City, file_case: FileCase, django_assert_num_queries: Callable[..., Any]
) -> None:
    case = file_case()
    for name in ("a", "b", "c"):
        daily(case, address=f"{name}@home.example")
    move(case_id=case.pk, status_code="in-progress", actor=SYSTEM)
    assert write_digests(now=tomorrow(city, 7)) == 3
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    with django_assert_num_queries(2):
        assert write_digests(now=tomorrow(city, 20)) == 0


def test_each_at_their_own_hour(city: City, file_case: FileCase) -> None:
    case = file_case()
    daily(case, digest_at=time(5))
    daily(case, address="late@home.example", digest_at=time(18))
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    assert write_digests(now=tomorrow(city, 5)) == 1
    assert write_digests(now=tomorrow(city, 18)) == 1


@pytest.mark.parametrize("why", ["hidden", "ended"])
def test_what_may_no_longer_be_told_is_dropped_and_alone_makes_no_digest(
    city: City, file_case: FileCase, why: str
) -> None:
    case = file_case()
    fan = daily(case)
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    if why == "hidden":
        Case.objects.filter(pk=case.pk).update(visibility=Visibility.PRIVATE)
    else:
        end(subscription=fan.subscriptions.get())
    assert write_digests(now=tomorrow(city, 9)) == 0
    assert DigestItem.objects.get().dropped_at is not None


def test_what_happens_in_quiet_hours_comes_when_they_end(city: City, file_case: FileCase) -> None:
    case = file_case()
    local = timezone.now().astimezone(city.zone)
    fan = daily(
        case, quiet_from=(local - timedelta(hours=1)).time(),
        quiet_to=(local + timedelta(hours=1)).time(),
    )  # fmt: skip
    Recipient.objects.filter(pk=fan.pk).update(pace=Pace.NOW)
    close(case_id=case.pk, outcome_code="done", text="Paved", actor=SYSTEM)
    wait = Message.objects.get().not_before - timezone.now()
    assert timedelta(minutes=55) < wait <= timedelta(hours=1)


# Whose words in which language: the city's own, the software's, the city's default.
WORDS = [
    ("en", True, "the city's own"),
    ("es", False, "Spanish is shipped: not the city's English"),
    ("vi", True, "nobody has Vietnamese: the city's default language"),
]


@pytest.mark.parametrize(("language", "is_own", "why"), WORDS)
def test_whose_words(city: City, language: str, is_own: bool, why: str) -> None:
    NoticeText.objects.create(code="case_closed", subject={"en": "Own {number}"})
    found = said("case_closed", language, {"number": "7", "service": "Hole"}).subject
    assert (found == "Own 7") is is_own, why


def test_nothing_to_fill_in_leaves_no_hole(city: City) -> None:
    text = said("case_changed", "en", {"number": "7", "service": "Hole", "status": "Open"}).text
    assert "{" not in text
    assert "\n\n\n" not in text
    assert text == text.strip()
